package dev.cretula;

import dev.cretula.json.Json;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The session of one request (§19): the one that it brought, or a new guest's. The handler changes it, the response
 * commits it. Belongs to one request; its methods may be called from several threads.
 */
public final class Session {
    private final Sessions sessions;
    private final SessionState opened;
    private final SessionState authentic;
    private final Code refused;
    private final long openedAt;
    private final long expiresAt;
    private final CookieRequest request;

    private SessionState state;
    private boolean newSid;
    private boolean send;
    private boolean signedOff;
    private boolean proved;
    private boolean offer;
    private boolean committed;

    Session(Sessions sessions, SessionState authentic, Opened token, Code refused, long now, CookieRequest request) {
        this.sessions = sessions;
        this.authentic = authentic;
        this.refused = refused;
        this.openedAt = now;
        this.request = request;
        this.opened = refused == null ? authentic : null;
        this.expiresAt = opened == null ? 0 : token.expiresAt();
        this.state = opened == null ? SessionState.GUEST : opened;
    }

    /**
     * Why the request brought no session: for the log, never for the page (SESS-10, COOK-06).
     *
     * @return the code, {@code absent} where there was no token; empty where the session opened
     */
    public Optional<Code> refused() {
        return Optional.ofNullable(refused);
    }

    /**
     * Whether nothing was opened, or a sign-on or sign-off began a new session.
     *
     * @return true until the first sealing
     */
    public synchronized boolean isNew() {
        return state.isNew();
    }

    /**
     * The session's id, 22 characters.
     *
     * @return empty while it has none: a new one, or after re-authentication
     */
    public synchronized Optional<String> sid() {
        return newSid ? Optional.empty() : Optional.ofNullable(state.sid());
    }

    /**
     * Who is signed on.
     *
     * @return empty for a guest
     */
    public synchronized Optional<User> user() {
        return Optional.ofNullable(state.user());
    }

    /**
     * The first second at which the opened token is over (§19.3).
     *
     * @return seconds since the epoch; 0 where no session opened
     */
    public long expiresAt() {
        return expiresAt;
    }

    /**
     * The absolute end of the opened session: the token's or this server's own, whichever comes first (SESS-09).
     *
     * @return seconds since the epoch; 0 where no session opened
     */
    public long last() {
        return opened == null ? 0 : last(opened);
    }

    private long last(SessionState s) {
        return Math.min(s.end(), s.start() + sessions.policy().absolute());
    }

    /**
     * The application's data.
     *
     * @return an immutable object, without members where there is none
     */
    public synchronized Json.Obj data() {
        return state.data();
    }

    /**
     * Replaces the application's data. What a session cannot carry is refused at the commit (SESS-06).
     *
     * @param data the new data
     */
    public synchronized void setData(Json.Obj data) {
        change(state.with(data, state.flash()));
    }

    /**
     * Sets one member of the data.
     *
     * @param name  its name
     * @param value its value
     */
    public synchronized void put(String name, Json value) {
        setData(state.data().with(name, value));
    }

    /**
     * Drops one member of the data.
     *
     * @param name its name
     */
    public synchronized void remove(String name) {
        setData(state.data().without(name));
    }

    /**
     * Adds a message for the next page, behind those of its name.
     *
     * @param name    the name
     * @param message the message
     */
    public synchronized void flash(String name, Json message) {
        Json.Arr before = state.flash().get(name) instanceof Json.Arr array ? array : new Json.Arr(List.of());
        change(state.with(state.data(), state.flash().with(name, before.with(message))));
    }

    /**
     * Reads and drops the messages of a name (SESS-19).
     *
     * @param name the name
     * @return the messages in the order in which they were added; none where there is no such name
     */
    public synchronized List<Json> takeFlash(String name) {
        if (!(state.flash().get(name) instanceof Json.Arr array)) {
            return List.of();
        }
        change(state.with(state.data(), state.flash().without(name)));
        return array.items();
    }

    /**
     * Signs a user on, who has just proved who they are: a new session (SESS-14).
     *
     * @param sub  1 to 255 bytes of UTF-8
     * @param gen  the user's session generation, 0 to 2^53 - 1
     * @param keep names of the members of data that stay
     * @throws CretulaException {@code user_invalid}, which changes nothing
     */
    public synchronized void signOn(String sub, long gen, String... keep) {
        signOn(new User(sub, gen, User.AT_COMMIT), Arrays.asList(keep));
    }

    /**
     * Signs a user on by an earlier proof, such as a second cookie (SESS-14).
     *
     * @param sub      1 to 255 bytes of UTF-8
     * @param gen      the user's session generation, 0 to 2^53 - 1
     * @param authTime when that proof was; seconds since the epoch, at most the time of the open + leeway
     * @param keep     names of the members of data that stay
     * @throws CretulaException {@code user_invalid}, which changes nothing
     */
    public synchronized void signOnByEarlierProof(String sub, long gen, long authTime, String... keep) {
        Limits.in(authTime, 0, Math.min(openedAt + sessions.policy().leeway(), Limits.TIME_END - 1), Code.USER_INVALID,
                "auth_time");
        signOn(new User(sub, gen, authTime), Arrays.asList(keep));
    }

    private void signOn(User user, Collection<String> keep) {
        Map<String, Json> kept = new LinkedHashMap<>(state.data().members());
        kept.keySet().retainAll(keep);
        begin(new SessionState(null, 0, 0, 0, user, new Json.Obj(kept), Json.EMPTY));
        proved = user.authTime() == User.AT_COMMIT;
    }

    private void begin(SessionState fresh) {
        change(fresh);
        offer = true;
        send = false;
        newSid = false;
        proved = false;
    }

    /**
     * Re-authentication or step-up: a new sid, {@code auth_time} of the commit; all else stays (SESS-15).
     *
     * @param gen the user's present session generation, 0 to 2^53 - 1
     * @throws CretulaException {@code user_invalid} without a user or out of range, which changes nothing
     */
    public synchronized void reauthenticate(long gen) {
        if (state.user() == null) {
            throw new CretulaException(Code.USER_INVALID, "nobody is signed on");
        }
        User user = new User(state.user().sub(), gen, User.AT_COMMIT);
        change(new SessionState(state.sid(), state.start(), state.end(), state.rev(), user, state.data(), state.flash()));
        offer = true;
        newSid = true;
        proved = true;
    }

    /** Signs off: a new guest session (SESS-16). */
    public synchronized void signOff() {
        begin(SessionState.GUEST);
        signedOff = true;
    }

    /** Asks that the session be sent, changed or not. */
    public synchronized void send() {
        change(state);
        send = true;
    }

    /**
     * The guard for what needs a fresh proof (SESS-20).
     *
     * @param seconds how fresh
     * @return whether somebody is signed on and proved who they are within so many seconds before the open
     */
    public synchronized boolean reauthWithin(long seconds) {
        User user = state.user();
        // No sum: authTime + seconds could overflow.
        return seconds > 0 && user != null && (proved || openedAt - user.authTime() < seconds);
    }

    private void change(SessionState next) {
        if (committed) {
            throw new IllegalStateException("the session was committed with the response");
        }
        state = next;
    }

    /** The commit of §19.4; see {@link Sessions#commit}. */
    synchronized Commit commit(Sessions by, long now, Randomness random, SizeCheck size) {
        if (by != sessions && !by.context().equals(sessions.context())) {
            throw new CretulaException(Code.CONTEXT_INVALID, "opened under another context");
        }
        Limits.now(now);
        if (committed) {
            throw new IllegalStateException("the session was committed already");
        }
        Commit.Ended ended = offer && authentic != null ? new Commit.Ended(authentic.sid(), authentic.end()) : null;
        Commit commit = decide(now, random, size, ended);
        committed = true;
        return commit;
    }

    private Commit decide(long now, Randomness random, SizeCheck size, Commit.Ended ended) {
        boolean refreshOnly = false;
        if (state.isNew()) {
            boolean touched = !SessionState.GUEST.same(state);
            if (!touched && !send) {
                return Commit.of(signedOff ? Commit.Wrote.EXPIRE : Commit.Wrote.NOTHING, ended);
            }
        } else {
            long last = last(state);
            if (now >= last) {
                return Commit.of(Commit.Wrote.EXPIRE, ended);
            }
            boolean touched = newSid || !opened.same(state);
            long gain = Math.min(now + sessions.policy().idle(), last) - expiresAt;
            refreshOnly = !touched && !send;
            if (refreshOnly && 2 * gain < sessions.policy().idle()) {
                return Commit.of(Commit.Wrote.NOTHING, ended);
            }
        }
        try {
            return seal(now, random, size, ended);
        } catch (CretulaException e) {
            if (refreshOnly) {
                return Commit.of(Commit.Wrote.NOTHING, ended);
            }
            if (signedOff && state.user() == null) {
                return Commit.of(Commit.Wrote.EXPIRE, ended);
            }
            throw e;
        }
    }

    private Commit seal(long now, Randomness random, SizeCheck size, Commit.Ended ended) {
        boolean fresh = state.isNew();
        long start = fresh ? now : state.start();
        long end = fresh ? Math.min(now + sessions.policy().absolute(), Limits.TIME_END - 1) : state.end();
        User user = state.user();
        if (user != null && user.authTime() == User.AT_COMMIT) {
            user = new User(user.sub(), user.gen(), now);
        }
        String sid = fresh || newSid ? random.sid() : state.sid();
        long rev = Math.min(state.rev() + 1, Limits.INTEGER_MAX);
        SessionState sealed = new SessionState(sid, start, end, rev, user, state.data(), state.flash());
        byte[] payload = sealed.write().getBytes(java.nio.charset.StandardCharsets.UTF_8);
        size.check(Maker.textLength(Kind.SEALED, payload.length), sealed);
        long ttl = Math.min(sessions.policy().idle(), last(sealed) - now);
        String token = sessions.seal(payload, ttl, now, random);
        return new Commit(Commit.Wrote.SEAL, Optional.of(new Commit.Sealed(payload, ttl, token)), Optional.ofNullable(ended));
    }

    /** Refuses a token that does not fit where it goes, before it is made. */
    @FunctionalInterface
    interface SizeCheck {
        void check(long tokenLength, SessionState sealed);
    }

    boolean signedOff() {
        return signedOff;
    }

    SessionState authentic() {
        return authentic;
    }

    CookieRequest request() {
        return request;
    }

    String openedPayload() {
        return opened == null ? null : opened.write();
    }

    @Override
    public String toString() {
        return "Session[" + (refused == null ? "opened" : refused.text()) + "]";
    }
}
