package dev.cretula;

import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Opens and commits sessions (§19), wherever their token travels; for cookies use {@link SessionCookie}. Immutable and
 * thread-safe.
 */
public final class Sessions {
    private final Context context;
    private final SessionPolicy policy;
    private final KeyringSource ring;
    private final Clock clock;
    private final Opener opener;
    private final Maker maker;
    private final Consumer<Event> events;

    private Sessions(Builder b) {
        context = b.context;
        policy = b.policy;
        ring = b.ring;
        clock = b.clock;
        opener = new Opener(Kind.SEALED, b.ring, context, policy.idle(), policy.leeway(), b.limit, b.clock);
        maker = new Maker(Kind.SEALED, b.ring, context, b.limit, b.clock);
        events = b.events;
    }

    /**
     * Sets one up.
     *
     * @param ring    the master keys
     * @param context audience and purpose, which is mostly {@code session}
     * @return a builder
     */
    public static Builder builder(KeyringSource ring, Context context) {
        return new Builder(ring, context);
    }

    /** Settings of {@link Sessions}. */
    public static final class Builder {
        private final KeyringSource ring;
        private final Context context;
        private SessionPolicy policy = SessionPolicy.DEFAULT;
        private long limit = Limits.LIMIT_DEFAULT;
        private Clock clock = Clock.systemUTC();
        private Consumer<Event> events = Event.LOG;

        private Builder(KeyringSource ring, Context context) {
            this.ring = Objects.requireNonNull(ring);
            this.context = Objects.requireNonNull(context);
        }

        /**
         * Other windows than the default ones.
         *
         * @param policy the windows
         * @return this
         */
        public Builder policy(SessionPolicy policy) {
            this.policy = Objects.requireNonNull(policy);
            return this;
        }

        /**
         * The longest token that is made or looked at.
         *
         * @param octets octets of token text, 1 to 16 777 216; 16 384 where not set
         * @return this
         */
        public Builder limit(long octets) {
            limit = octets;
            return this;
        }

        /**
         * Another clock than the system's.
         *
         * @param clock read once a call, floored to whole seconds
         * @return this
         */
        public Builder clock(Clock clock) {
            this.clock = Objects.requireNonNull(clock);
            return this;
        }

        /**
         * Hears of refusals and of failed checks instead of the log.
         *
         * @param events the hook; {@link Event#LOG} where not set, {@link Event#NONE} for silence
         * @return this
         */
        public Builder onEvent(Consumer<Event> events) {
            this.events = Objects.requireNonNull(events);
            return this;
        }

        /**
         * Makes it.
         *
         * @return the sessions
         * @throws CretulaException {@code limit_range}
         */
        public Sessions build() {
            return new Sessions(this);
        }
    }

    /**
     * Opens the session in a token, up to the application's check.
     *
     * @param token the token's text; null where there is none
     * @param ended whether the transport knows that the session of this sid has ended (step 9d)
     * @param now   seconds since the epoch, below 2^48
     * @return what waits for the check; never an error of the token, which {@link Session#refused} tells
     * @throws CretulaException {@code clock_range}
     */
    public PendingSession open(CharSequence token, Predicate<String> ended, long now) {
        Limits.now(now);
        if (token == null) {
            return PendingSession.none(this, Code.ABSENT, List.of(), now, null);
        }
        try {
            Opened opened = opener.open(token, now);
            SessionState state = steps9(opened, ended, now);
            // A token without cookies has no proof beside it (SESS-29).
            return state.jkt() != null ? PendingSession.none(this, Code.UNPROVEN, List.of(state), now, null)
                    : PendingSession.opened(this, state, opened, now, isDue(state, DeviceTokens.NEVER, now), null);
        } catch (TokenException e) {
            return PendingSession.none(this, e.code(), List.of(), now, null);
        }
    }

    /**
     * Opens the session in a token, now, where the transport knows of no end. Without a clock it is a new guest's, with
     * the reason {@code no_clock} (SESS-27).
     *
     * @param token the token's text; null where there is none
     * @return what waits for the check
     */
    public PendingSession open(CharSequence token) {
        long now;
        try {
            now = now();
        } catch (CretulaException e) {
            return PendingSession.none(this, e.code(), List.of(), Session.NO_TIME, null);
        }
        return open(token, sid -> false, now);
    }

    /** Steps 9a to 9d. */
    SessionState steps9(Opened opened, Predicate<String> ended, long now) throws TokenException {
        SessionState s = SessionState.read(opened.payload());
        long latest = now + policy.leeway();
        if (s.start() > latest || s.user() != null && s.user().authTime() > latest
                || s.checked() != null && s.checked() > latest) {
            throw new TokenException(Code.ISSUED_IN_FUTURE);
        }
        if (now >= Math.min(s.end(), s.start() + policy.absolute())) {
            throw new TokenException(Code.EXPIRED);
        }
        if (ended.test(s.sid())) {
            throw new TokenException(Code.SIGNED_OFF);
        }
        return s;
    }

    /** Whether the check is due (SESS-30), with the time of the latest proof, or {@link DeviceTokens#NEVER}. */
    boolean isDue(SessionState s, long proved, long now) {
        long c = Math.max(s.checked() == null ? DeviceTokens.NEVER : s.checked(), proved);
        return policy.recheck() == 0 || c == DeviceTokens.NEVER || now >= c + policy.recheck();
    }

    /**
     * Commits a session: decides whether to seal it, to expire it, or to do nothing (§19.4). After a success the session
     * cannot be changed or committed again; after an error it can.
     *
     * @param session a session opened under the same context and policy
     * @param now     seconds since the epoch, below 2^48
     * @return what to send
     * @throws CretulaException {@code context_invalid} (opened under another context or policy), {@code committed},
     *                          {@code clock_range}, {@code payload_unserializable}, an error of sealing, or
     *                          {@code no_randomness}, the first of this order; then nothing is sent
     */
    public Commit commit(Session session, long now) {
        return commit(session, now, Randomness.SYSTEM);
    }

    Commit commit(Session session, long now, Randomness random) {
        return session.commit(this, () -> Limits.now(now), random, Session.Carrier.ANY);
    }

    /**
     * Commits a session, now.
     *
     * @param session a session opened under the same context and policy
     * @return what to send
     * @throws CretulaException as {@link #commit(Session, long)}, with {@code no_clock} in the place of
     *                          {@code clock_range}
     */
    public Commit commit(Session session) {
        return session.commit(this, this::now, Randomness.SYSTEM, Session.Carrier.ANY);
    }

    /** A hook that fails costs no session. */
    void tell(Event event) {
        try {
            events.accept(event);
        } catch (RuntimeException e) {
            Event.LOG.accept(event);
        }
    }

    Maker maker() {
        return maker;
    }

    long now() {
        return maker.now();
    }

    Context context() {
        return context;
    }

    KeyringSource ring() {
        return ring;
    }

    Clock clock() {
        return clock;
    }

    Opener opener() {
        return opener;
    }

    /**
     * The windows in use.
     *
     * @return the policy
     */
    public SessionPolicy policy() {
        return policy;
    }
}
