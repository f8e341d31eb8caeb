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

    /** The bytes of the characters from..to, or null where TEXT-02 refuses them. */
    static byte[] decode(CharSequence text, int from, int to) {
        int length = to - from;
        int rest = length % 4;
        if (rest == 1 || !isAll(text, from, to)) {
            return null;
        }
        if (rest != 0 && (value(text.charAt(to - 1)) & (rest == 2 ? 0x0f : 0x03)) != 0) {
            return null;
        }
        byte[] out = new byte[length / 4 * 3 + (rest == 0 ? 0 : rest - 1)];
        int bits = 0;
        int held = 0;
        int at = 0;
        for (int i = from; i < to; i++) {
            held = held << 6 | value(text.charAt(i));
            bits += 6;
            if (bits >= 8) {
                bits -= 8;
                out[at++] = (byte) (held >> bits);
                held &= (1 << bits) - 1;
            }
        }
        return out;
    }
}
