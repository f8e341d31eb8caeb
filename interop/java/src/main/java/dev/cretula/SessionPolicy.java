package dev.cretula;

/**
 * The server's windows of a session (§19.2), in seconds.
 *
 * @param idle     how long a session lives without a request; 1 to 34 560 000
 * @param absolute how long it lives at all; idle to 34 560 000
 * @param leeway   how far another server's clock may be ahead; 0 to 300
 * @param recheck  for how long an answered check is trusted; 0 to 86 400, and with 0 the check is asked at each request
 */
public record SessionPolicy(long idle, long absolute, long leeway, long recheck) {
    /** 30 minutes, 24 hours, 60 seconds, and a check at each request. */
    public static final SessionPolicy DEFAULT = new SessionPolicy(1_800, 86_400, Limits.LEEWAY_DEFAULT);

    /**
     * Checks the windows, in this order (SESS-07).
     *
     * @throws CretulaException {@code idle_range}, {@code absolute_range}, {@code leeway_range} or {@code recheck_range}
     */
    public SessionPolicy {
        Limits.in(idle, 1, Limits.LIFE_MAX, Code.IDLE_RANGE, "idle");
        Limits.in(absolute, idle, Limits.LIFE_MAX, Code.ABSOLUTE_RANGE, "absolute");
        Limits.leeway(leeway);
        Limits.in(recheck, 0, Limits.RECHECK_MAX, Code.RECHECK_RANGE, "recheck");
    }

    /**
     * A policy whose check is asked at each request.
     *
     * @param idle     how long a session lives without a request; 1 to 34 560 000
     * @param absolute how long it lives at all; idle to 34 560 000
     * @param leeway   how far another server's clock may be ahead; 0 to 300
     * @throws CretulaException as the constructor of all four
     */
    public SessionPolicy(long idle, long absolute, long leeway) {
        this(idle, absolute, leeway, 0);
    }

    /**
     * This policy with another {@code recheck}: a revocation then takes effect at most so many seconds later (§19.5).
     *
     * @param seconds 0 to 86 400
     * @return a new policy
     * @throws CretulaException {@code recheck_range}
     */
    public SessionPolicy withRecheck(long seconds) {
        return new SessionPolicy(idle, absolute, leeway, seconds);
    }
}
