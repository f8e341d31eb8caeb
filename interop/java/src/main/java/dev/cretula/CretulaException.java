package dev.cretula;

import java.util.OptionalInt;

/**
 * A call, key, ring or cookie set-up was refused (§12). Unchecked, for it is a mistake of the calling program or of its
 * configuration, not of a token. Holds no key and no payload (KEY-08).
 */
public sealed class CretulaException extends RuntimeException implements Refusal permits CookieTooLargeException {
    private static final long serialVersionUID = 1;

    private final Code code;
    private final int entry;

    CretulaException(Code code, String what) {
        this(code, what, -1);
    }

    CretulaException(Code code, String what, int entry) {
        super(code + ": " + what + (entry < 0 ? "" : " (entry " + entry + ")"));
        this.code = code;
        this.entry = entry;
    }

    @Override
    public Code code() {
        return code;
    }

    /**
     * Of a refused ring: the position of the first offending entry, counted from 0 (RING-06).
     *
     * @return the position; empty for {@code keyring_empty}, {@code keyring_format} and whatever is no ring
     */
    public OptionalInt entry() {
        return entry < 0 ? OptionalInt.empty() : OptionalInt.of(entry);
    }
}
