package dev.cretula;

/**
 * What an opener gives back (OPEN-14). The arrays are the caller's own.
 *
 * @param payload   the payload, 0 bytes or more
 * @param issuedAt  seconds since the epoch
 * @param ttl       seconds, 1 to 34 560 000
 * @param expiresAt the first second at which the token is over: {@code issuedAt + min(ttl, max_age)}
 * @param keyId     32 public bytes
 */
public record Opened(byte[] payload, long issuedAt, long ttl, long expiresAt, byte[] keyId) {
    /** Says nothing of the payload. */
    @Override
    public String toString() {
        return "Opened[" + payload.length + " bytes, expires at " + expiresAt + "]";
    }
}
