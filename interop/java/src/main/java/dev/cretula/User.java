package dev.cretula;

/**
 * Who is signed on (§19.1).
 *
 * @param sub      1 to 255 bytes of UTF-8
 * @param gen      the user's session generation, 0 to 2^53 - 1
 * @param authTime when the user last proved who they are; seconds since the epoch. After a sign-on or
 *                 re-authentication of this request -1: it will be the time of the commit
 */
public record User(String sub, long gen, long authTime) {
    static final long AT_COMMIT = -1;

    /**
     * Checks the ranges.
     *
     * @throws CretulaException {@code user_invalid}
     */
    public User {
        long octets = sub == null || Utf8.hasLoneSurrogate(sub) ? 0 : Utf8.length(sub);
        if (octets < 1 || octets > 255) {
            throw new CretulaException(Code.USER_INVALID, "sub is not 1 to 255 bytes of UTF-8");
        }
        Limits.in(gen, 0, Limits.INTEGER_MAX, Code.USER_INVALID, "gen");
        Limits.in(authTime, AT_COMMIT, Limits.TIME_END - 1, Code.USER_INVALID, "auth_time");
    }

    /** Names nobody. */
    @Override
    public String toString() {
        return "User";
    }
}
