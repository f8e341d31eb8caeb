package dev.cretula;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * The application's check of a session (§19.5): asks its database. Called at most once a request, and not
 * at all while an earlier answer counts ({@link SessionPolicy#recheck}).
 */
@FunctionalInterface
public interface SessionCheck {
    /**
     * What the session claims, to look up.
     *
     * @param sid the session's id, 22 characters
     * @param sub who is signed on; empty for a guest's session
     * @param gen the session generation of that user in the token
     */
    record Claim(String sid, Optional<String> sub, OptionalLong gen) {
        /** Names nobody. */
        @Override
        public String toString() {
            return "Claim";
        }
    }

    /**
     * The answer.
     *
     * @param gen    the user's present session generation; empty: no answer, which closes a user's session
     * @param denied whether the sid is on the deny-list
     */
    record Answer(OptionalLong gen, boolean denied) {
        /** No answer: a user's session is closed ({@code unchecked}), a guest's needs none. */
        public static final Answer NONE = new Answer(OptionalLong.empty(), false);

        /**
         * The user's present session generation.
         *
         * @param gen 0 to 2^53 - 1
         * @return the answer
         */
        public static Answer generation(long gen) {
            return new Answer(OptionalLong.of(gen), false);
        }

        /**
         * The same answer, with the sid denied.
         *
         * @return the answer
         */
        public Answer deny() {
            return new Answer(gen, true);
        }
    }

    /**
     * Answers for a session that opened.
     *
     * @param claim what to look up
     * @return the answer; null is {@link Answer#NONE}
     * @throws Exception what is wrong with the database; it is logged, and the answer is {@link Answer#NONE}
     */
    Answer answer(Claim claim) throws Exception;
}
