package dev.cretula;

import java.util.Objects;

/** A ring that is exchanged under a running server, whole or not at all (RING-16). Thread-safe. */
public final class LiveKeyring implements KeyringSource {
    private volatile Keyring ring;

    /**
     * Begins with a ring.
     *
     * @param first the ring at start-up
     */
    public LiveKeyring(Keyring first) {
        ring = Objects.requireNonNull(first);
    }

    @Override
    public Keyring ring() {
        return ring;
    }

    /**
     * Puts a new ring in the place of the old one.
     *
     * @param next the new ring
     */
    public void exchange(Keyring next) {
        ring = Objects.requireNonNull(next);
    }

    /**
     * Reads a ring, in either form, and puts it in the place of the old one.
     *
     * @param octets the list or document
     * @throws CretulaException as {@link Keyring#parse(byte[])}; the old ring then stays in force
     */
    public void reload(byte[] octets) {
        exchange(Keyring.parse(octets));
    }
}
