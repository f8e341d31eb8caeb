package dev.cretula;

import java.time.Clock;
import java.util.Objects;

/** Opens signed tokens of one context (§10). Immutable and thread-safe. */
public final class Verifier {
    private final Opener opener;

    private Verifier(Builder b) {
        opener = new Opener(Kind.SIGNED, b.ring, b.context, b.maxAge, b.leeway, b.limit, b.clock);
    }

    /**
     * One of the defaults and the system clock.
     *
     * @param ring    the master keys
     * @param context audience and purpose
     * @return the verifier
     */
    public static Verifier of(KeyringSource ring, Context context) {
        return builder(ring, context).build();
    }

    /**
     * Sets one up.
     *
     * @param ring    the master keys
     * @param context audience and purpose
     * @return a builder
     */
    public static Builder builder(KeyringSource ring, Context context) {
        return new Builder(ring, context);
    }

    /** Settings of {@link Verifier}. */
    public static final class Builder {
        private final KeyringSource ring;
        private final Context context;
        private long maxAge = Limits.LIFE_MAX;
        private long leeway = Limits.LEEWAY_DEFAULT;
        private long limit = Limits.LIMIT_DEFAULT;
        private Clock clock = Clock.systemUTC();

        private Builder(KeyringSource ring, Context context) {
            this.ring = Objects.requireNonNull(ring);
            this.context = Objects.requireNonNull(context);
        }

        /**
         * The longest life that is granted, whatever the token says.
         *
         * @param seconds 1 to 34 560 000, which is the default
         * @return this
         */
        public Builder maxAge(long seconds) {
            maxAge = seconds;
            return this;
        }

        /**
         * How far an issuer's clock may be ahead. Never lengthens a life.
         *
         * @param seconds 0 to 300; 60 where not set
         * @return this
         */
        public Builder leeway(long seconds) {
            leeway = seconds;
            return this;
        }

        /**
         * The longest token that is looked at.
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
         * Makes it.
         *
         * @return the verifier
         * @throws CretulaException {@code limit_range}, {@code leeway_range} or {@code max_age_range}
         */
        public Verifier build() {
            return new Verifier(this);
        }
    }

    /**
     * Opens a token, now.
     *
     * @param text the token's text
     * @return payload, times and key id
     * @throws TokenException   with the code of the first step that fails
     * @throws CretulaException {@code no_clock}
     */
    public Opened verify(CharSequence text) throws TokenException {
        return verify(text, opener.now());
    }

    /**
     * Opens a token at a given time.
     *
     * @param text the token's text
     * @param now  seconds since the epoch, below 2^48
     * @return payload, times and key id
     * @throws TokenException   with the code of the first step that fails
     * @throws CretulaException {@code clock_range}
     */
    public Opened verify(CharSequence text, long now) throws TokenException {
        return opener.open(text, now);
    }
}
