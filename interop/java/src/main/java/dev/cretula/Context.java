package dev.cretula;

import java.nio.charset.StandardCharsets;

/**
 * Audience and purpose: bound to a token, never sent (§5).
 *
 * @param audience the service or group of services that share the token; 1 to 255 characters, each 0x21 to 0x7E
 * @param purpose  what the token is for, such as {@code session}; the same form
 */
public record Context(String audience, String purpose) {
    /**
     * Checks both fields (CTX-01).
     *
     * @throws CretulaException {@code context_invalid}
     */
    public Context {
        check(audience, "audience");
        check(purpose, "purpose");
    }

    private static void check(String field, String name) {
        boolean good = field != null && !field.isEmpty() && field.length() <= 255;
        for (int i = 0; good && i < field.length(); i++) {
            good = field.charAt(i) >= 0x21 && field.charAt(i) <= 0x7e;
        }
        if (!good) {
            throw new CretulaException(Code.CONTEXT_INVALID, name + " is not 1 to 255 visible ASCII characters");
        }
    }

    byte[] info(Kind kind) {
        byte[] a = audience.getBytes(StandardCharsets.US_ASCII);
        byte[] p = purpose.getBytes(StandardCharsets.US_ASCII);
        return Bytes.join("cretula-v1".getBytes(StandardCharsets.US_ASCII), new byte[] {0, kind.letter},
                new byte[] {(byte) a.length}, a, new byte[] {(byte) p.length}, p);
    }
}
