package dev.cretula;

import java.util.Arrays;
import java.util.Base64;

/** Strict, canonical base64url (§7.1). java.util.Base64's decoder is not: it takes padding and any unused bits. */
final class Base64Url {
    private static final byte[] VALUE = new byte[128];

    static {
        Arrays.fill(VALUE, (byte) -1);
        String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        for (int i = 0; i < 64; i++) {
            VALUE[alphabet.charAt(i)] = (byte) i;
        }
    }

    private Base64Url() {
    }

    static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    static boolean is(char c) {
        return value(c) >= 0;
    }

    static boolean isAll(CharSequence text, int from, int to) {
        for (int i = from; i < to; i++) {
            if (!is(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static int value(char c) {
        return c < 128 ? VALUE[c] : -1;
    }

    /**
     * The bytes of the characters from..to, or null where TEXT-02 refuses them. What the JDK's decoder would take beyond
     * that is refused before it is asked.
     */
    static byte[] decode(CharSequence text, int from, int to) {
        int length = to - from;
        int rest = length % 4;
        if (rest == 1) {
            return null;
        }
        byte[] octets = new byte[length];
        for (int i = 0; i < length; i++) {
            char c = text.charAt(from + i);
            if (!is(c)) {
                return null;
            }
            octets[i] = (byte) c;
        }
        if (rest != 0 && (VALUE[octets[length - 1]] & (rest == 2 ? 0x0f : 0x03)) != 0) {
            return null;
        }
        return Base64.getUrlDecoder().decode(octets);
    }
}
