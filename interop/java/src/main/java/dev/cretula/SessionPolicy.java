package dev.cretula;

/**
 * The server's windows of a session (§19.2), in seconds.
 *
 * @param idle     how long a session lives without a request; 1 to 34 560 000
 * @param absolute how long it lives at all; idle to 34 560 000
 * @param leeway   how far another server's clock may be ahead; 0 to 300
 */
public record SessionPolicy(long idle, long absolute, long leeway) {
    /** 30 minutes, 24 hours, 60 seconds. */
    public static final SessionPolicy DEFAULT = new SessionPolicy(1_800, 86_400, Limits.LEEWAY_DEFAULT);

    /**
     * Checks the windows, in this order (SESS-07).
     *
     * @throws CretulaException {@code idle_range}, {@code absolute_range} or {@code leeway_range}
     */
    public SessionPolicy {
        Limits.in(idle, 1, Limits.LIFE_MAX, Code.IDLE_RANGE, "idle");
        Limits.in(absolute, idle, Limits.LIFE_MAX, Code.ABSOLUTE_RANGE, "absolute");
        Limits.leeway(leeway);
    }
}
