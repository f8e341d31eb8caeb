package dev.cretula;

import java.util.Objects;

/**
 * A ring that is exchanged under a running server, whole or not at all (RING-16). Exchanges that overlap take effect in
 * the order in which they began (RING-17). Thread-safe.
 */
public final class LiveKeyring implements KeyringSource {
    private volatile Keyring ring;
    private long begun;
    private long inForce;

    /**
     * Begins with a ring.
     *
     * @param first the ring at start-up
     */
    public LiveKeyring(Keyring first) {
        ring = Objects.requireNonNull(first);
    }

    /**
     * Gives the octets of a ring, for {@link #reload(Reading)}.
     *
     * @param <E> what the reading may throw
     */
    @FunctionalInterface
    public interface Reading<E extends Exception> {
        /**
         * Reads the list or document.
         *
         * @return its octets
         * @throws E where it cannot be read
         */
        byte[] read() throws E;
    }

    @Override
    public Keyring ring() {
        return ring;
    }

    /**
     * Puts a new ring in the place of the old one.
     *
     * @param next the new ring
     * @return false if an exchange that began later is in force already
     */
    public boolean exchange(Keyring next) {
        return putInForce(begin(), Objects.requireNonNull(next));
    }

    /**
     * Reads a ring, in either form, and puts it in the place of the old one. The exchange begins with this call, before
     * the reading: of two that overlap, the later call has the newer document.
     *
     * @param <E>     what the reading may throw
     * @param reading gives the octets, such as {@code () -> Files.readAllBytes(path)}
     * @return false if an exchange that began later is in force already
     * @throws E                of the reading; the old ring then stays in force
     * @throws CretulaException as {@link Keyring#parse(byte[])}; the old ring then stays in force
     */
    public <E extends Exception> boolean reload(Reading<E> reading) throws E {
        long number = begin();
        return putInForce(number, Keyring.parse(reading.read()));
    }

    /**
     * Puts a ring, in either form, in the place of the old one.
     *
     * @param octets the list or document
     * @return false if an exchange that began later is in force already
     * @throws CretulaException as {@link Keyring#parse(byte[])}; the old ring then stays in force
     */
    public boolean reload(byte[] octets) {
        return reload(() -> octets);
    }

    private synchronized long begin() {
        return ++begun;
    }

    private synchronized boolean putInForce(long number, Keyring next) {
        if (number < inForce) {
            return false;
        }
        inForce = number;
        ring = next;
        return true;
    }
}
