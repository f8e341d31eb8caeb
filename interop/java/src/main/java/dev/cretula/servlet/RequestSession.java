package dev.cretula.servlet;

import dev.cretula.Code;
import dev.cretula.Commit;
import dev.cretula.CretulaException;
import dev.cretula.PendingSession;
import dev.cretula.Session;
import dev.cretula.SessionCheck;
import dev.cretula.SessionCookie;
import dev.cretula.internal.Access;
import jakarta.servlet.ServletRequest;
import java.util.List;

/**
 * The session of a servlet request, opened when the handler first asks for it: by {@link #session} with the check of the
 * set-up, by {@link #check} with one of the handler's (§19.5), or by {@link #unchecked} if the application wants none.
 * Ask before the head of the response is sent. A response for whose session nobody asked carries nothing of it.
 */
public final class RequestSession {
    /** The request attribute that holds it, where the filter was given no other. */
    public static final String ATTRIBUTE = "dev.cretula.session";

    private final SessionCookie cookie;
    private final List<String> fields;
    private SessionCheck setUpCheck;
    private final NotNow notNow;
    private final Listener committed;
    private PendingSession pending;
    private Session session;
    private SessionCookie.Response result;
    private RuntimeException failure;
    private boolean refused;
    private boolean over;
    private boolean sent;

    /** Hears of a commit. */
    @FunctionalInterface
    interface Listener {
        void committed(SessionCookie.Response response) throws Exception;
    }

    RequestSession(SessionCookie cookie, List<String> fields, SessionCheck check, NotNow notNow, Listener committed) {
        this.cookie = cookie;
        this.fields = fields;
        this.setUpCheck = check;
        this.notNow = notNow;
        this.committed = committed;
    }

    /**
     * The session holder of a request.
     *
     * @param request a request that passed the filter
     * @return the holder
     * @throws IllegalStateException where the filter is not in front
     */
    public static RequestSession of(ServletRequest request) {
        return of(request, ATTRIBUTE);
    }

    /**
     * The session holder of a request with several.
     *
     * @param request   a request that passed the filter
     * @param attribute the attribute that the filter was given
     * @return the holder
     * @throws IllegalStateException where the filter is not in front
     */
    public static RequestSession of(ServletRequest request, String attribute) {
        if (request.getAttribute(attribute) instanceof RequestSession holder) {
            return holder;
        }
        throw new IllegalStateException("the Cretula filter is not in front of this request");
    }

    /**
     * The session, after the application's check. A later call asks nobody.
     *
     * @param check the check; not asked where no session opened
     * @return the session: the one that the request brought, or a new guest's
     * @throws IllegalStateException where {@link #unchecked} gave the session before, or the head of the response is sent
     * @throws CretulaException      with {@link NotNow#REFUSE}, if the session cannot be judged now; the filter answers 503
     */
    public synchronized Session check(SessionCheck check) {
        return give(pending().check(check));
    }

    /**
     * The session without a check, which the application says it does not want. After {@link #check} it is the checked
     * one.
     *
     * @return the session
     * @throws IllegalStateException where the head of the response is sent
     * @throws CretulaException      as {@link #check}
     */
    public synchronized Session unchecked() {
        return give(pending().unchecked());
    }

    /**
     * The session, after the check of the set-up, or the one that {@link #check} or {@link #unchecked} gave.
     *
     * @return the session
     * @throws IllegalStateException where neither was called and the set-up has no check, or the head is sent
     * @throws CretulaException      as {@link #check}
     */
    public synchronized Session session() {
        if (session != null) {
            return give(session);
        }
        if (setUpCheck == null) {
            throw new IllegalStateException("the session's check was not answered");
        }
        return check(setUpCheck);
    }

    /**
     * The session, for a page that must not be shown as to a guest.
     *
     * @return that of {@link #session}
     * @throws IllegalStateException as {@link #session}
     * @throws CretulaException      if the session cannot be judged now ({@link Session#notNow}); the filter answers 503,
     *                               whatever the handler makes of the exception
     */
    public synchronized Session need() {
        return refuseNotNow(session());
    }

    private PendingSession pending() {
        if (pending == null) {
            if (over) {
                throw new IllegalStateException("the session was asked for after the head of the response was sent");
            }
            pending = cookie.open(fields);
        }
        return pending;
    }

    private Session give(Session given) {
        session = given;
        return notNow == NotNow.REFUSE ? refuseNotNow(given) : given;
    }

    private Session refuseNotNow(Session given) {
        if (given.notNow()) {
            refused = true;
            throw fail(Access.get().notNow(given.refused().orElseThrow()));
        }
        return given;
    }

    private RuntimeException fail(RuntimeException e) {
        failure = e;
        return e;
    }

    /**
     * Commits the session now, so that the handler can answer an error such as
     * {@link dev.cretula.CookieTooLargeException} itself. {@code onCommit} hears of it at once. The headers go out with
     * the response. A second call gives the first one's result.
     *
     * @return what was decided
     * @throws CretulaException      as {@link SessionCookie#commit(Session, String)}; the handler may change the session
     *                               and try again. With the code of a <em>not now</em>, if the handler wrote: then nothing
     *                               is sent, and the filter answers 503
     * @throws IllegalStateException of a listener that failed
     */
    public synchronized SessionCookie.Response commit() {
        if (refused) {
            throw failure;
        }
        if (result == null) {
            SessionCookie.Response decided;
            try {
                decided = cookie.commit(session(), null);
            } catch (RuntimeException e) {
                throw fail(e);
            }
            if (session.notNow() && notNow != NotNow.GUEST && decided.commit().wrote() != Commit.Wrote.NOTHING
                    && !signsOnUnproven()) {
                refused = true;
                throw fail(Access.get().notNow(session.refused().orElseThrow()));
            }
            try {
                committed.committed(decided);
            } catch (Exception e) {
                refused = true;
                throw fail(new IllegalStateException("onCommit failed", e));
            }
            result = decided;
        }
        return result;
    }

    /** A browser that lost its key has lost the session, and its user signs on again (§21.8). */
    private boolean signsOnUnproven() {
        return session.refused().filter(Code.UNPROVEN::equals).isPresent() && session.user().isPresent();
    }

    /** The check of a filter that is mounted further in, where the outer one has none. */
    synchronized void offer(SessionCheck check) {
        setUpCheck = setUpCheck == null ? check : setUpCheck;
    }

    synchronized boolean asked() {
        return session != null;
    }

    /** Whether the handler's changes are still to be committed. */
    synchronized boolean isUncommitted() {
        return session != null && result == null && !over;
    }

    /** What is to be sent: null after {@link #giveUp} and where nobody asked. */
    synchronized SessionCookie.Response toSend() {
        return session == null || over && result == null ? null : commit();
    }

    /** From now on the response goes without the session, if that is not committed; a change is an error. */
    synchronized void giveUp() {
        over = true;
        if (session != null && result == null) {
            Access.get().close(session);
        }
    }

    /** The head is gone: who has not asked for the session is too late. */
    synchronized void headIsSent() {
        over |= session == null;
    }

    /** True once the headers of the session are in a response. */
    synchronized boolean markSent() {
        boolean before = sent;
        sent = true;
        return before;
    }

    /** The failure of a commit that the throwable comes from, or null. */
    synchronized RuntimeException failureIn(Throwable thrown) {
        for (Throwable t = thrown; t != null && failure != null; t = t.getCause()) {
            if (t == failure) {
                return failure;
            }
        }
        return null;
    }

    SessionCookie cookie() {
        return cookie;
    }
}
