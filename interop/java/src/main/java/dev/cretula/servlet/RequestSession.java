package dev.cretula.servlet;

import dev.cretula.PendingSession;
import dev.cretula.Session;
import dev.cretula.SessionCheck;
import dev.cretula.SessionCookie;
import jakarta.servlet.ServletRequest;

/**
 * The session of a servlet request. There is no way to it but by an answer: {@link #check} with the application's check
 * (§19.5), or {@link #unchecked} for an application that says it wants none. A session that nobody asked for is closed
 * if it is a user's, and committed like one that was only read if it is a guest's.
 */
public final class RequestSession {
    /** The request attribute that holds it, where the filter was given no other. */
    public static final String ATTRIBUTE = "dev.cretula.session";

    private final SessionCookie cookie;
    private final PendingSession pending;
    private Session session;
    private SessionCookie.Response result;
    private boolean givenUp;
    private boolean told;
    private RuntimeException failure;

    RequestSession(SessionCookie cookie, PendingSession pending) {
        this.cookie = cookie;
        this.pending = pending;
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
     * @throws IllegalStateException where {@link #unchecked} gave the session before
     */
    public synchronized Session check(SessionCheck check) {
        return session = pending.check(check);
    }

    /**
     * The session without a check, which the application says it does not want. After {@link #check} it is the checked
     * one.
     *
     * @return the session
     */
    public synchronized Session unchecked() {
        return session = pending.unchecked();
    }

    /**
     * The session that {@link #check} or {@link #unchecked} gave.
     *
     * @return the session
     * @throws IllegalStateException where neither was called
     */
    public synchronized Session session() {
        if (session == null) {
            throw new IllegalStateException("the session's check was not answered");
        }
        return session;
    }

    /**
     * Commits the session now, so that the handler can answer an error such as
     * {@link dev.cretula.CookieTooLargeException} itself. The headers go out with the response. A second call gives the
     * first one's result.
     *
     * @return what was decided
     * @throws dev.cretula.CretulaException as {@link SessionCookie#commit(Session, String)}; the handler may change the
     *                                      session and try again
     */
    public synchronized SessionCookie.Response commit() {
        if (result == null) {
            try {
                Session s = session != null ? session : pending.check(claim -> SessionCheck.Answer.NONE);
                result = cookie.commit(s, null);
            } catch (RuntimeException e) {
                failure = e;
                throw e;
            }
        }
        return result;
    }

    /** What is to be sent: null after {@link #giveUp}. */
    synchronized SessionCookie.Response toSend() {
        return givenUp && result == null ? null : commit();
    }

    /** From now on the response is sent without the session. */
    synchronized void giveUp() {
        givenUp = true;
    }

    /** Whether the throwable comes from a commit that failed, or null. */
    synchronized RuntimeException failureIn(Throwable thrown) {
        for (Throwable t = thrown; t != null && failure != null; t = t.getCause()) {
            if (t == failure) {
                return failure;
            }
        }
        return null;
    }

    /** True once: the listener hears of a commit one time. */
    synchronized boolean tell() {
        boolean first = !told;
        told = true;
        return first;
    }
}
