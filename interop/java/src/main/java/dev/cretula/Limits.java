package dev.cretula;

import java.time.Clock;

/** The constants of §3 and the ranges of §8. Times are seconds since the Unix epoch, durations seconds. */
final class Limits {
    static final long TIME_END = 1L << 48;
    static final long LIFE_MAX = 34_560_000;
    static final long FAR_FUTURE = 3_155_760_000L;
    static final long LEEWAY_MAX = 300;
    static final long LEEWAY_DEFAULT = 60;
    static final int LIMIT_DEFAULT = 16_384;
    static final int LIMIT_MAX = 1 << 24;
    static final long INTEGER_MAX = (1L << 53) - 1;
    static final int SEALED_MIN_BYTES = 85;
    static final int SIGNED_MIN_BYTES = 77;
    static final int NESTING_MAX = 16;
    static final int JKT_CHARACTERS = 43;
    static final long RECHECK_MAX = 86_400;
    static final int COOKIE_TOKEN_MAX = 5_980;
    static final int COOKIE_MAX = 4_096;
    static final int COOKIE_LARGE = 3_500;
    static final int COOKIE_PART_MAX = 3_000;
    static final int COOKIE_CANDIDATES_MAX = 4;
    static final long CHALLENGE_LIFE = 60;
    static final long PROOF_DEFAULT = 600;
    static final long PROOF_FIRST = 60;
    static final long PROOF_MAX = 3_600;
    static final int JWT_MAX = 4_096;

    private Limits() {
    }

    static int limit(long limit) {
        in(limit, 1, LIMIT_MAX, Code.LIMIT_RANGE, "limit");
        return (int) limit;
    }

    static long leeway(long leeway) {
        return in(leeway, 0, LEEWAY_MAX, Code.LEEWAY_RANGE, "leeway");
    }

    static long maxAge(long maxAge) {
        return in(maxAge, 1, LIFE_MAX, Code.MAX_AGE_RANGE, "max_age");
    }

    static long now(long now) {
        return in(now, 0, TIME_END - 1, Code.CLOCK_RANGE, "now");
    }

    static long ttl(long ttl) {
        return in(ttl, 1, LIFE_MAX, Code.TTL_RANGE, "ttl");
    }

    static long in(long value, long least, long most, Code code, String name) {
        if (value < least || value > most) {
            throw new CretulaException(code, name + " is not in " + least + " to " + most);
        }
        return value;
    }

    static long grace(long grace) {
        return in(grace, 0, LIFE_MAX, Code.GRACE_RANGE, "reload grace");
    }

    /** The clock's time in whole seconds, floored, or {@code no_clock} (TIME-02). An application's may throw anything. */
    static long read(Clock clock) {
        long now;
        try {
            now = clock.instant().getEpochSecond();
        } catch (RuntimeException e) {
            throw new CretulaException(Code.NO_CLOCK, "the clock gives no time");
        }
        if (now < 0 || now >= TIME_END) {
            throw new CretulaException(Code.NO_CLOCK, "the clock is out of range");
        }
        return now;
    }
}
