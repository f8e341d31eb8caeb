package dev.cretula;

import java.util.Optional;

/** {@code cookie_too_large}: the session does not fit its cookie, and nothing was sent (COOK-11). */
public final class CookieTooLargeException extends CretulaException {
    private static final long serialVersionUID = 1;

    private final int over;
    private final String largest;

    CookieTooLargeException(int over, String largest) {
        super(Code.COOKIE_TOO_LARGE, over + " octets too many");
        this.over = over;
        this.largest = largest;
    }

    /**
     * By how much it is too large.
     *
     * @return octets over the bound, at least 1
     */
    public int over() {
        return over;
    }

    /**
     * The member of {@code data} with the longest serialised value; of several, the one whose name is the smallest by its
     * UTF-8 bytes.
     *
     * @return its name; empty without {@code data}
     */
    public Optional<String> largest() {
        return Optional.ofNullable(largest);
    }
}
