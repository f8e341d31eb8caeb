package dev.cretula;

import java.time.Clock;
import java.util.List;
import java.util.Objects;

/** A sealed token of another purpose in a cookie, such as a return address (§20.6). Immutable and thread-safe. */
public final class TokenCookie {
    private final CookieSettings settings;
    private final Opener opener;
    private final Maker maker;
    private final long maxAge;

    /**
     * Sets it up, with the system clock.
     *
     * @param ring     the master keys
     * @param context  audience and purpose
     * @param settings the cookie, neither large nor with previous combinations
     * @param maxAge   the longest life that is granted when reading, in seconds; 1 to 34 560 000
     * @param leeway   seconds, 0 to 300
     * @throws CretulaException {@code cookie_attributes}, {@code leeway_range} or {@code max_age_range}
     */
    public TokenCookie(KeyringSource ring, Context context, CookieSettings settings, long maxAge, long leeway) {
        this(ring, context, settings, maxAge, leeway, Clock.systemUTC());
    }

    /**
     * Sets it up, with another clock than the system's.
     *
     * @param ring     the master keys
     * @param context  audience and purpose
     * @param settings the cookie, neither large nor with previous combinations
     * @param maxAge   the longest life that is granted when reading, in seconds; 1 to 34 560 000
     * @param leeway   seconds, 0 to 300
     * @param clock    read once a call, floored to whole seconds
     * @throws CretulaException {@code cookie_attributes}, {@code leeway_range} or {@code max_age_range}
     */
    public TokenCookie(KeyringSource ring, Context context, CookieSettings settings, long maxAge, long leeway, Clock clock) {
        this.settings = Objects.requireNonNull(settings);
        if (settings.isLarge() || !settings.previous().isEmpty()) {
            throw new CretulaException(Code.COOKIE_ATTRIBUTES, "a token's cookie is neither large nor has it been elsewhere");
        }
        opener = new Opener(Kind.SEALED, ring, context, maxAge, leeway, Limits.LIMIT_DEFAULT, clock);
        this.maxAge = maxAge;
        maker = new Maker(Kind.SEALED, ring, context, Limits.LIMIT_DEFAULT, clock);
    }

    /**
     * Reads the token of a request (COOK-08).
     *
     * @param fields the value of each {@code Cookie} field, in the order received; each character stands for an octet
     * @param now    seconds since the epoch, below 2^48
     * @return payload and times
     * @throws TokenException   with the code, {@code absent} and {@code ambiguous} among them
     * @throws CretulaException {@code clock_range}
     */
    public Opened read(List<String> fields, long now) throws TokenException {
        CookieRequest.Opening<Opened> opening =
                new CookieRequest(fields).open(settings.name(), opener, opener.cache.ring(), now, token -> token);
        if (opening.refused() != null || opening.good().size() > 1) {
            throw new TokenException(opening.refused() != null ? opening.refused() : Code.AMBIGUOUS);
        }
        return opening.good().get(0).opened();
    }

    /**
     * Reads the token of a request, now.
     *
     * @param fields the value of each {@code Cookie} field, in the order received; each character stands for an octet
     * @return payload and times
     * @throws TokenException   as {@link #read(List, long)}
     * @throws CretulaException {@code no_clock}
     */
    public Opened read(List<String> fields) throws TokenException {
        return read(fields, opener.now());
    }

    /**
     * Seals a payload into a line; the response then carries {@code Cache-Control: no-store} too.
     *
     * @param payload any bytes
     * @param ttl     the token's life in seconds, 1 to 34 560 000
     * @param now     seconds since the epoch, below 2^48
     * @return a {@code Set-Cookie} value
     * @throws CookieTooLargeException after {@code clock_range} and {@code ttl_range}
     * @throws CretulaException        as {@link Sealer#seal(byte[], long, long)}
     */
    public String line(byte[] payload, long ttl, long now) {
        Limits.now(now);
        Limits.ttl(ttl);
        long over = settings.name().length() + Maker.textLength(Kind.SEALED, payload.length) - Limits.COOKIE_MAX;
        if (over > 0) {
            throw new CookieTooLargeException((int) Math.min(over, Integer.MAX_VALUE), null);
        }
        return settings.line(settings.name(), maker.make(payload, ttl, now, Randomness.SYSTEM), ttl);
    }

    /**
     * Seals a payload into a line, now; the response then carries {@code Cache-Control: no-store} too.
     *
     * @param payload any bytes
     * @param ttl     the token's life in seconds, 1 to 34 560 000
     * @return a {@code Set-Cookie} value
     * @throws CretulaException {@code no_clock}, or as {@link #line(byte[], long, long)}
     */
    public String line(byte[] payload, long ttl) {
        return line(payload, ttl, maker.now());
    }

    /**
     * Seals a payload into a line, now, for the longest life that is granted when reading; the response then carries
     * {@code Cache-Control: no-store} too.
     *
     * @param payload any bytes
     * @return a {@code Set-Cookie} value
     * @throws CretulaException as {@link #line(byte[], long)}
     */
    public String line(byte[] payload) {
        return line(payload, maxAge);
    }

    /**
     * The line that takes the cookie away; the response then carries {@code Cache-Control: no-store} too.
     *
     * @return a {@code Set-Cookie} value
     */
    public String expire() {
        return settings.expire();
    }
}
