package dev.cretula;

import java.util.Locale;

/** The name of the reason for which a token, key, ring or call was refused (specification §12). */
public enum Code {
    // tokens
    TOO_LONG, UNSUPPORTED_VERSION, WRONG_KIND, NOT_A_TOKEN, ENCODING, TOO_SHORT, UNKNOWN_KEY, KEY_INACTIVE,
    AUTH_FAILED, ISSUED_IN_FUTURE, EXPIRED, PAYLOAD_INVALID,
    // sessions
    ABSENT, AMBIGUOUS, CHUNKS, UNPROVEN, UNCHECKED, REVOKED, SIGNED_OFF,
    // devices
    JWT_FORMAT, JWT_ALGORITHM, JWT_KEY, JWT_SIGNATURE, CHALLENGE_INVALID, DEVICE_MISMATCH,
    // calls
    LIMIT_RANGE, LEEWAY_RANGE, MAX_AGE_RANGE, CLOCK_RANGE, TTL_RANGE, CONTEXT_INVALID, NO_SEALING_KEY,
    RESULT_TOO_LONG, PAYLOAD_UNSERIALIZABLE, IDLE_RANGE, ABSOLUTE_RANGE, RECHECK_RANGE, USER_INVALID,
    COOKIE_NAME, COOKIE_ATTRIBUTES, COOKIE_CLASH, COOKIE_TOO_LARGE, DEVICE_SETTINGS, NO_RANDOMNESS, NO_CLOCK, GRACE_RANGE,
    COMMITTED,
    // keys
    KEY_FORMAT, KEY_CHECKSUM, KEY_ZERO, KEY_TEST,
    // rings
    KEYRING_FORMAT, KEYRING_EMPTY, KEYRING_TIME, KEYRING_WINDOW, KEY_DUPLICATE;

    private final String text = name().toLowerCase(Locale.ROOT);

    /**
     * The specification's code, such as {@code unknown_key}.
     *
     * @return lower-case ASCII letters and underscores; stable, a program may compare it
     */
    public String text() {
        return text;
    }

    /**
     * Whether this is a <em>not now</em> (SESS-18): {@code unknown_key}, {@code issued_in_future}, {@code no_clock},
     * {@code unproven} or {@code unchecked}. The session may be valid in a moment, or on another server. Do not write a session then: it
     * would replace one that may still be valid. Answer 503.
     *
     * @return true for these five
     */
    public boolean notNow() {
        return this == UNKNOWN_KEY || this == ISSUED_IN_FUTURE || this == NO_CLOCK || this == UNPROVEN || this == UNCHECKED;
    }

    @Override
    public String toString() {
        return text;
    }
}
