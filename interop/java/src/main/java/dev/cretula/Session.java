package dev.cretula;

import dev.cretula.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;

/**
 * The session of one request (§19): the one that it brought, or a new guest's. The handler changes it, the response
 * commits it. Belongs to one request; its methods may be called from several threads.
 */
public final class Session {
    /** The time of the open, where there was no clock. */
    static final long NO_TIME = -1 - Limits.LEEWAY_MAX;
    /** Stands for a sid until one is drawn: of the same length. */
    private static final String SID_TO_DRAW = "A".repeat(22);

    private final Sessions sessions;
    private final SessionState opened;
    private final List<SessionState> authentic;
    private final Code refused;
    private final long openedAt;
    private final long expiresAt;
    private final CookieRequest request;
    private final boolean checkAnswered;

    private SessionState state;
    private boolean newSid;
    private boolean send;
    private boolean signedOff;
    private boolean proved;
    private boolean byEarlierProof;
    private boolean offer;
    private boolean committed;

    Session(Sessions sessions, SessionState state, Opened token, List<SessionState> authentic, Code refused, long now,
            CookieRequest request, boolean checkAnswered) {
        this.sessions = sessions;
        this.checkAnswered = checkAnswered;
        this.authentic = authentic;
        this.refused = refused;
        this.openedAt = now;
        this.request = request;
        this.opened = refused == null ? state : null;
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
     * Whether the request may have brought a valid session that could not be opened now (SESS-18). Change and send
     * nothing then, and do not sign off: that would replace a session that may still be valid. Answer 503.
     *
     * @return {@link Code#notNow} of {@link #refused}
     */
    public boolean notNow() {
        return refused != null && refused.notNow();
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
     * Whether the session is bound to a device (§21). A browser binds it some moments after the sign-on, if it can.
     *
     * @return true if it names the key of a device
     */
    public synchronized boolean isBound() {
        return state.jkt() != null;
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
     * The application's data as a record. A component has the name of its member, compared byte for byte. It is a
     * {@code String}, {@code boolean}, {@code int}, {@code long}, {@code double} or their boxes, an {@code enum}, a
     * record, a {@link Json}, or a {@code List}, {@code Map<String, …>} or {@code Optional} of these. Where there is no
     * such member, it is empty, zero, false or null.
     *
     * @param type the record's class; in a named module, its package is open to {@code dev.cretula}
     * @param <R>  the record
     * @return the record; {@link #update} changes the session
     * @throws CretulaException         {@code payload_invalid} if a member has another type: the message names it
     * @throws IllegalArgumentException if a component has a type that is not in this list
     */
    public synchronized <R extends Record> R view(Class<R> type) {
        if (opened == null || state.data() != opened.data()) {
            state.checkData(); // The opened one was checked when it was read.
        }
        return Records.read(type, state.data());
    }

    /**
     * Changes the application's data as a record (SESS-12). Members that the record does not know stay, also in nested
     * objects and arrays: an item of an array that was altered is the one of the same place, unless that one stands
     * elsewhere now.
     *
     * @param type   the record's class, as in {@link #view}
     * @param change gives the record as it is to be; runs while the session is locked, so that no change of another thread
     *               is lost
     * @param <R>    the record
     * @return what {@code change} gave
     * @throws CretulaException as {@link #view}; {@code payload_unserializable} for a number that JSON has not, and where an
     *                          array got shorter, one of its items was altered, and it cannot be told whose unknown members
     *                          stay; {@code committed} after the commit. Nothing is altered then
     */
    public synchronized <R extends Record> R update(Class<R> type, UnaryOperator<R> change) {
        mayChange();
        R before = view(type);
        Json.Obj was = Records.write(before);
        R after = change.apply(before);
        setData(Records.changed(state.data(), was, Records.write(after), "data"));
        return after;
    }

    /**
     * Replaces the application's data. What a session cannot carry is refused at the commit (SESS-06).
     *
     * @param data the new data
     * @throws CretulaException {@code committed}, as from every change after the commit (SESS-26)
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
        mayChange();
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
        mayChange();
        signOn(new User(sub, gen, User.AT_COMMIT), Arrays.asList(keep));
    }

    /**
     * Signs a user on by an earlier proof, such as a second cookie (SESS-14).
     *
     * @param sub      1 to 255 bytes of UTF-8
     * @param gen      the user's session generation, 0 to 2^53 - 1
     * @param authTime when that proof was; seconds since the epoch, 0 to the time of the open + leeway
     * @param keep     names of the members of data that stay
     * @throws CretulaException {@code user_invalid}, which changes nothing; always if there was no clock at the open
     */
    public synchronized void signOnByEarlierProof(String sub, long gen, long authTime, String... keep) {
        mayChange();
        Limits.in(authTime, 0, Math.min(openedAt + sessions.policy().leeway(), Limits.TIME_END - 1), Code.USER_INVALID,
                "auth_time");
        signOn(new User(sub, gen, authTime), Arrays.asList(keep));
    }

    private void signOn(User user, Collection<String> keep) {
        Map<String, Json> kept = new LinkedHashMap<>(state.data().members());
        kept.keySet().retainAll(keep);
        begin(SessionState.GUEST.withUser(user).with(new Json.Obj(kept), Json.EMPTY));
        proved = user.authTime() == User.AT_COMMIT;
        byEarlierProof = !proved;
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
        mayChange();
        if (state.user() == null) {
            throw new CretulaException(Code.USER_INVALID, "nobody is signed on");
        }
        User user = new User(state.user().sub(), gen, User.AT_COMMIT);
        change(state.withUser(user));
        offer = true;
        newSid = true;
        proved = true;
        byEarlierProof = false;
    }

    /** Binds the session to a device's key, and asks that it be sent (§21.6). */
    synchronized void bind(String jkt) {
        change(state.withJkt(jkt));
        send = true;
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
        mayChange();
        state = next;
    }

    private void mayChange() {
        if (committed) {
            throw new CretulaException(Code.COMMITTED, "the session was committed already");
        }
    }

    /** What commit and {@link SessionCookie#excess} check before all else (SESS-26); gives the time. */
    private long begin(Sessions by, LongSupplier clock) {
        if (!by.context().equals(sessions.context()) || !by.policy().equals(sessions.policy())) {
            throw new CretulaException(Code.CONTEXT_INVALID, "opened under another context or policy");
        }
        mayChange();
        return clock.getAsLong();
    }

    /** The commit of §19.4; see {@link Sessions#commit}. */
    synchronized Commit commit(Sessions by, LongSupplier clock, Randomness random, Carrier carrier) {
        long now = begin(by, clock);
        List<Commit.Ended> ended = !offer ? List.of()
                : authentic.stream().map(s -> new Commit.Ended(s.sid(), s.end())).toList();
        Commit commit = decide(now, random, carrier, ended);
        committed = true;
        return commit;
    }

    /** The length in octets of the token that a commit would seal now. */
    synchronized long tokenLength(Sessions by, LongSupplier clock) {
        return Maker.textLength(Kind.SEALED, payload(toSeal(begin(by, clock))).length);
    }

    private Commit decide(long now, Randomness random, Carrier carrier, List<Commit.Ended> ended) {
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
            boolean recheck = sessions.policy().recheck() > 0 && checkAnswered;
            refreshOnly = !touched && !send;
            if (refreshOnly && 2 * gain < sessions.policy().idle() && !recheck) {
                return Commit.of(Commit.Wrote.NOTHING, ended);
            }
        }
        try {
            return seal(now, random, carrier, ended);
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

    private Commit seal(long now, Randomness random, Carrier carrier, List<Commit.Ended> ended) {
        SessionState sealed = toSeal(now);
        byte[] payload = payload(sealed);
        long tokenLength = Maker.textLength(Kind.SEALED, payload.length);
        carrier.check(tokenLength, sealed);
        long ttl = Math.min(sessions.policy().idle(), last(sealed) - now);
        Keyring ring = carrier.ring(sessions.ring());
        DerivedRing.Derived key = sessions.maker().key(ring, payload.length, ttl, now);
        // From here on only the generator can fail: no_randomness comes last.
        if (drawsSid()) {
            sealed = sealed.withSid(random.sid());
            payload = payload(sealed);
        }
        carrier.draw(tokenLength, random);
        String token = sessions.maker().make(key, payload, ttl, now, random);
        carrier.sealed(sealed, drawsSid(), ring, now, random);
        return new Commit(Commit.Wrote.SEAL, Optional.of(new Commit.Sealed(payload, ttl, token)), ended);
    }

    private boolean drawsSid() {
        return newSid || state.isNew();
    }

    /** What is sealed at a time, but for a sid that is still to be drawn. */
    private SessionState toSeal(long now) {
        boolean fresh = state.isNew();
        long start = fresh ? now : state.start();
        long end = fresh ? Math.min(now + sessions.policy().absolute(), Limits.TIME_END - 1) : state.end();
        User user = state.user();
        if (user != null && user.authTime() == User.AT_COMMIT) {
            user = new User(user.sub(), user.gen(), now);
        }
        String sid = drawsSid() ? SID_TO_DRAW : state.sid();
        long rev = Math.min(state.rev() + 1, Limits.INTEGER_MAX);
        boolean checks = sessions.policy().recheck() > 0 && drawsSid() && !byEarlierProof; // SESS-31
        return new SessionState(sid, start, end, rev, user, checks ? Long.valueOf(now) : state.checked(), state.jkt(),
                state.data(), state.flash());
    }

    private static byte[] payload(SessionState state) {
        return state.write().getBytes(StandardCharsets.UTF_8);
    }

    /** Where a token goes. */
    interface Carrier {
        /** Any place. */
        Carrier ANY = new Carrier() {
        };

        /** The ring under which all is sealed (RING-17). */
        default Keyring ring(KeyringSource source) {
            return source.ring();
        }

        /** Refuses a token that does not fit, before it is made. */
        default void check(long tokenLength, SessionState sealed) {
        }

        /** Draws what is written beside the token, before that is made. */
        default void draw(long tokenLength, Randomness random) {
        }

        /**
         * Seals what belongs to the token that was made.
         *
         * @param began whether the sid is a new one: of a new session, or after a re-authentication
         * @param ring  the ring under which it was sealed
         */
        default void sealed(SessionState sealed, boolean began, Keyring ring, long now, Randomness random) {
        }
    }

    /** The response left without this session: a change from now on is an error, as after a commit. */
    synchronized void close() {
        committed = true;
    }

    boolean signedOff() {
        return signedOff;
    }

    /** The authentic sessions of the request (SESS-17), by sid once each, in the order received. */
    List<SessionState> authentic() {
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
