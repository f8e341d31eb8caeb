package dev.cretula;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;

/** A master key: 32 secret bytes that a server's operator made (§4). Immutable; its bytes are in no toString. */
public final class Key {
    static final int BYTES = 32;
    private static final String PREFIX = "cretula_key1_";
    private static final int TEXT_LENGTH = 86;
    private static final byte[] TEST_PREFIX = "cretula-test-key".getBytes(StandardCharsets.US_ASCII);

    private final byte[] bytes;

    private Key(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * Makes a new key from the system's generator (KEY-03).
     *
     * @return a key of 32 random bytes
     * @throws CretulaException {@code no_randomness}
     */
    public static Key generate() {
        return of(SystemRandom.bytes(BYTES), true);
    }

    /**
     * Reads a key from its text form (§4.2): exactly 86 characters, nothing trimmed.
     *
     * @param text {@code cretula_key1_}, 64 lower-case hexadecimal digits, {@code _}, 8 more
     * @return the key
     * @throws CretulaException {@code key_format}, {@code key_checksum}, {@code key_zero} or {@code key_test}
     */
    public static Key parse(String text) {
        return parse(text, false);
    }

    /**
     * Makes a key of 32 bytes; the array is copied.
     *
     * @param bytes the 32 bytes
     * @return the key
     * @throws CretulaException {@code key_format}, {@code key_zero} or {@code key_test}
     */
    public static Key of(byte[] bytes) {
        return of(bytes, false);
    }

    static Key of(byte[] bytes, boolean testKeys) {
        if (bytes.length != BYTES) {
            throw new CretulaException(Code.KEY_FORMAT, "a key has 32 bytes");
        }
        byte[] copy = bytes.clone();
        if (Bytes.allZero(copy)) {
            throw new CretulaException(Code.KEY_ZERO, "a key of zero bytes");
        }
        if (!testKeys && Arrays.equals(copy, 0, TEST_PREFIX.length, TEST_PREFIX, 0, TEST_PREFIX.length)) {
            throw new CretulaException(Code.KEY_TEST, "a published test key");
        }
        return new Key(copy);
    }

    static Key parse(String text, boolean testKeys) {
        if (text.length() != TEXT_LENGTH || !text.startsWith(PREFIX) || text.charAt(77) != '_'
                || !lowerHex(text, PREFIX.length(), 77) || !lowerHex(text, 78, TEXT_LENGTH)) {
            throw new CretulaException(Code.KEY_FORMAT, "not the text form of a key");
        }
        byte[] sum = HexFormat.of().parseHex(text, 78, TEXT_LENGTH);
        if (!MessageDigest.isEqual(sum, checksum(text.substring(0, 77)))) {
            throw new CretulaException(Code.KEY_CHECKSUM, "the key's checksum differs");
        }
        byte[] bytes = HexFormat.of().parseHex(text, PREFIX.length(), 77);
        try {
            return of(bytes, testKeys);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    private static boolean lowerHex(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (!(c >= '0' && c <= '9' || c >= 'a' && c <= 'f')) {
                return false;
            }
        }
        return true;
    }

    private static byte[] checksum(String head) {
        return Arrays.copyOf(Crypto.sha256(head.getBytes(StandardCharsets.US_ASCII)), 4);
    }

    /**
     * The secret text form, for the operator's secret store (KEY-04).
     *
     * @return 86 characters; a String, which Java cannot wipe
     */
    public String secretText() {
        String head = PREFIX + HexFormat.of().formatHex(bytes);
        return head + "_" + HexFormat.of().formatHex(checksum(head));
    }

    byte[] bytes() {
        return bytes;
    }

    /** Compares all 32 bytes, in constant time. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Key key && MessageDigest.isEqual(bytes, key.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(Crypto.sha256(bytes));
    }

    /** Says that it is a key, not which (KEY-08). */
    @Override
    public String toString() {
        return "Key[secret]";
    }
}
