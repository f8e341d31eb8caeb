package dev.cretula;

import dev.cretula.SessionCheck.Answer;
import dev.cretula.SessionCheck.Claim;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A session that waits for the application's check (§19.5): steps 0 to 9d are behind it. {@link #check} or
 * {@link #unchecked} gives the {@link Session}; there is no other way to it.
 */
public final class PendingSession {
    private final Sessions sessions;
    private final SessionState state;
    private final Opened opened;
    private final List<SessionState> authentic;
    private final Code refused;
    private final long now;
    private final boolean due;
    final CookieRequest request;
    private Session session;
    private boolean checked;

    private PendingSession(Sessions sessions, SessionState state, Opened opened, List<SessionState> authentic, Code refused,
            long now, boolean due, CookieRequest request) {
        this.due = due;
        this.sessions = sessions;
        this.state = state;
        this.opened = opened;
        this.authentic = List.copyOf(authentic);
        this.refused = refused;
        this.now = now;
        this.request = request;
    }

    /** One session opened; the request is null where no cookies are. A check that is not due is not asked (SESS-30). */
    static PendingSession opened(Sessions sessions, SessionState state, Opened opened, long now, boolean due,
            CookieRequest request) {
        return new PendingSession(sessions, state, opened, List.of(state), null, now, due, request);
    }

    /** None opened, or one that step 9e closed, or several: those that a sign-off ends (SESS-17). */
    static PendingSession none(Sessions sessions, Code refused, List<SessionState> authentic, long now, CookieRequest request) {
        return new PendingSession(sessions, null, null, authentic, refused, now, false, request);
    }

    /**
     * Asks the application and returns the session; a session that the check closes is a new guest's. A check that
     * throws is logged and counts as no answer. While an earlier answer counts, nobody is asked (SESS-30). A later call returns the same session and asks nobody.
     *
     * @param check the application's check; not asked where no session opened
     * @return the session
     * @throws IllegalStateException where {@link #unchecked} gave the session before
     */
    public synchronized Session check(SessionCheck check) {
        if (session != null && !checked) {
            throw new IllegalStateException("the session was given unchecked before");
        }
        if (session == null) {
            checked = true;
            if (state != null && due) {
                Optional<Answer> answer = ask(check);
                Code code = judge(answer.orElse(Answer.NONE));
                // What was opened without an answer is never written as checked (SESS-31).
                boolean answered = code == null && answer.isPresent();
                SessionState judged = answered && sessions.policy().recheck() > 0 ? state.withChecked(now) : state;
                session = session(judged, code, answered);
            } else {
                session = session(state, refused, false);
            }
        }
        return session;
    }

    /** A check that fails is no answer; the log hears why. */
    private Optional<Answer> ask(SessionCheck check) {
        try {
            Answer answer = check.answer(claim());
            return Optional.of(answer == null ? Answer.NONE : answer);
        } catch (Exception e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            sessions.tell(new Event(Event.Kind.CHECK_FAILED, e));
            return Optional.empty();
        }
    }

    private Session session(SessionState judged, Code code, boolean answered) {
        if (code != null && code != Code.ABSENT) {
            sessions.tell(new Event(Event.Kind.SESSION_REFUSED, Optional.of(code), Optional.empty()));
        }
        return new Session(sessions, judged, opened, authentic, code, now, request, answered);
    }

    /**
     * The session without a check, which the application says it does not want (SESS-22). After {@link #check} it is the
     * checked one.
     *
     * @return the session
     */
    public synchronized Session unchecked() {
        if (session == null) {
            session = session(state, refused, false);
        }
        return session;
    }

    private Claim claim() {
        User user = state.user();
        return user == null ? new Claim(state.sid(), Optional.empty(), OptionalLong.empty())
                : new Claim(state.sid(), Optional.of(user.sub()), OptionalLong.of(user.gen()));
    }

    private Code judge(Answer answer) {
        if (answer.denied()) {
            return Code.SIGNED_OFF;
        }
        if (state.user() != null) {
            if (answer.gen().isEmpty()) {
                return Code.UNCHECKED;
            }
            if (answer.gen().getAsLong() != state.user().gen()) {
                return Code.REVOKED;
            }
        }
        return null;
    }
}
