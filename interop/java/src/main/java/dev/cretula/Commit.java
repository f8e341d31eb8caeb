package dev.cretula;

import java.util.List;
import java.util.Optional;

/**
 * What a commit decided (§19.4).
 *
 * @param wrote  whether the transport is to send a token, to take it away, or to do nothing
 * @param sealed the token to send, with {@link Wrote#SEAL}
 * @param ended  what to put on the deny-list, if the application keeps one (SESS-17); mostly none or one, several after
 *               a sign-on or sign-off of a request that held several sessions
 */
public record Commit(Wrote wrote, Optional<Sealed> sealed, List<Ended> ended) {
    /** What the transport is to do. */
    public enum Wrote {
        /** Nothing. */
        NOTHING,
        /** Send the token. */
        SEAL,
        /** Remove the token from where it is kept. */
        EXPIRE
    }

    /**
     * A token that was sealed.
     *
     * @param payload the session's JSON text in UTF-8
     * @param ttl     seconds
     * @param token   the token's text
     */
    public record Sealed(byte[] payload, long ttl, String token) {
        /** Shows neither. */
        @Override
        public String toString() {
            return "Sealed[" + token.length() + " octets]";
        }
    }

    /**
     * A session that a sign-on, re-authentication or sign-off ended.
     *
     * @param sid the session's id
     * @param end until when copies of it may live; seconds since the epoch
     */
    public record Ended(String sid, long end) {
        @Override
        public String toString() {
            return "Ended[until " + end + "]";
        }
    }

    static Commit of(Wrote wrote, List<Ended> ended) {
        return new Commit(wrote, Optional.empty(), ended);
    }
}
