package dev.cretula;

/** Byte strings: joining, and unsigned integers, most significant byte first (§2). */
final class Bytes {
    private Bytes() {
    }

    static byte[] join(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length = Math.addExact(length, part.length);
        }
        byte[] out = new byte[length];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, out, at, part.length);
            at += part.length;
        }
        return out;
    }

    static byte[] unsigned(long value, int size) {
        byte[] out = new byte[size];
        for (int i = size - 1; i >= 0; i--) {
            out[i] = (byte) value;
            value >>>= 8;
        }
        return out;
    }

    static long unsigned(byte[] bytes, int at, int size) {
        long value = 0;
        for (int i = at; i < at + size; i++) {
            value = value << 8 | bytes[i] & 0xff;
        }
        return value;
    }

    /** Looks at every byte, whatever the first ones are. */
    static boolean allZero(byte[] bytes) {
        int any = 0;
        for (byte b : bytes) {
            any |= b;
        }
        return any == 0;
    }
}
