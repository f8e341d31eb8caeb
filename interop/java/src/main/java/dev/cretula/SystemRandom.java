package dev.cretula;

import java.io.FileInputStream;
import java.io.IOException;
import java.security.SecureRandom;

/**
 * Random bytes (SEAL-03). Where there is a /dev/urandom, each call reads it without a buffer, so that nothing is handed
 * out twice after a clone or a resumed snapshot; elsewhere the JDK's SecureRandom.
 */
final class SystemRandom {
    private static final FileInputStream DEVICE = open();

    private SystemRandom() {
    }

    private static FileInputStream open() {
        try {
            return new FileInputStream("/dev/urandom");
        } catch (IOException | SecurityException e) {
            return null;
        }
    }

    static byte[] bytes(int count) {
        byte[] out = new byte[count];
        try {
            if (DEVICE != null) {
                if (DEVICE.readNBytes(out, 0, count) != count) {
                    throw new IOException("short read");
                }
            } else {
                new SecureRandom().nextBytes(out);
            }
        } catch (IOException | RuntimeException e) {
            throw failure();
        }
        return out;
    }

    static CretulaException failure() {
        return new CretulaException(Code.NO_RANDOMNESS, "the system's generator gives no bytes");
    }
}
