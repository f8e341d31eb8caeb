package dev.cretula;

import java.time.Clock;
import java.util.Objects;

/** Makes sealed tokens for one context (§9). Immutable and thread-safe. */
public final class Sealer {
    private final Maker maker;

    private Sealer(Builder b) {
        maker = new Maker(Kind.SEALED, b.ring, b.context, b.limit, b.clock);
    }

    /**
     * A sealer of the default limit and the system clock.
     *
     * @param ring    the master keys
     * @param context audience and purpose
     * @return the sealer
     */
    public static Sealer of(KeyringSource ring, Context context) {
        return builder(ring, context).build();
    }

    /**
     * Sets a sealer up.
     *
     * @param ring    the master keys
     * @param context audience and purpose
     * @return a builder
     */
    public static Builder builder(KeyringSource ring, Context context) {
        return new Builder(ring, context);
    }

    /** Settings of a {@link Sealer}. */
    public static final class Builder {
        private final KeyringSource ring;
        private final Context context;
        private long limit = Limits.LIMIT_DEFAULT;
        private Clock clock = Clock.systemUTC();

        private Builder(KeyringSource ring, Context context) {
            this.ring = Objects.requireNonNull(ring);
            this.context = Objects.requireNonNull(context);
        }

        /**
         * The longest token that is made; not to exceed that of its openers.
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
         * @return the sealer
         * @throws CretulaException {@code limit_range}
         */
        public Sealer build() {
            return new Sealer(this);
        }
    }

    /**
     * Seals a payload, now.
     *
     * @param payload any bytes, none included
     * @param ttl     the token's life in seconds, 1 to 34 560 000
     * @return the token's text, ASCII
     * @throws CretulaException {@code no_clock}, or as {@link #seal(byte[], long, long)}
     */
    public String seal(byte[] payload, long ttl) {
        return seal(payload, ttl, maker.now());
    }

    /**
     * Seals a payload at a given time.
     *
     * @param payload any bytes, none included
     * @param ttl     the token's life in seconds, 1 to 34 560 000
     * @param now     seconds since the epoch, below 2^48
     * @return the token's text, ASCII
     * @throws CretulaException {@code clock_range}, {@code ttl_range}, {@code no_sealing_key},
     *                          {@code result_too_long} or {@code no_randomness}
     */
    public String seal(byte[] payload, long ttl, long now) {
        return maker.make(payload, ttl, now, Randomness.SYSTEM);
    }

    String seal(byte[] payload, long ttl, long now, Randomness random) {
        return maker.make(payload, ttl, now, random);
    }
}
