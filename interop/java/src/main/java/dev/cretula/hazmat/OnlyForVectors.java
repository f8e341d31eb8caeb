package dev.cretula.hazmat;

import dev.cretula.Commit;
import dev.cretula.Context;
import dev.cretula.CretulaException;
import dev.cretula.DeviceAnswer;
import dev.cretula.Key;
import dev.cretula.Keyring;
import dev.cretula.Sealer;
import dev.cretula.Session;
import dev.cretula.SessionCheck;
import dev.cretula.SessionCookie;
import dev.cretula.Sessions;
import dev.cretula.internal.Access;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Only for running the test vectors: test keys, which are published (KEY-07), a salt and an iv of the caller (SEAL-06),
 * and the secrets of a derivation. An application that calls this has no security.
 */
public final class OnlyForVectors {
    private OnlyForVectors() {
    }

    /**
     * What is otherwise drawn at random; null where nothing is.
     *
     * @param sid    a session id, 22 characters
     * @param salt   12 bytes
     * @param iv     12 bytes
     * @param id     the id of two cookies, 8 characters
     * @param tokens salt and iv of other tokens in the response: {@code challenge}, {@code device}, {@code proof}
     */
    public record Fixed(String sid, byte[] salt, byte[] iv, String id, Map<String, Fixed> tokens) {
        /** Every draw fails with {@code no_randomness}. */
        public static final Fixed NO_RANDOMNESS = new Fixed(null, null, null, null);

        /**
         * What is drawn where there is no other token.
         *
         * @param sid  a session id, 22 characters
         * @param salt 12 bytes
         * @param iv   12 bytes
         * @param id   the id of two cookies, 8 characters
         */
        public Fixed(String sid, byte[] salt, byte[] iv, String id) {
            this(sid, salt, iv, id, Map.of());
        }

        /** Shows none of them. */
        @Override
        public String toString() {
            return "Fixed[secret]";
        }

        private Access.Fixed access() {
            Map<String, Access.Fixed> others = new HashMap<>();
            tokens.forEach((name, fixed) -> others.put(name, fixed.access()));
            return new Access.Fixed(sid, salt, iv, id, others, this == NO_RANDOMNESS);
        }
    }

    /**
     * A key that may be a test key.
     *
     * @param bytes 32 bytes
     * @return the key
     * @throws CretulaException {@code key_format} or {@code key_zero}
     */
    public static Key key(byte[] bytes) {
        return Access.get().key(bytes);
    }

    /**
     * A key that may be a test key.
     *
     * @param text the text form
     * @return the key
     * @throws CretulaException {@code key_format}, {@code key_checksum} or {@code key_zero}
     */
    public static Key key(String text) {
        return Access.get().key(text);
    }

    /**
     * The secret bytes of a key.
     *
     * @param key the key
     * @return 32 bytes
     */
    public static byte[] bytes(Key key) {
        return Access.get().bytes(key);
    }

    /**
     * A ring that may hold test keys.
     *
     * @param text either form
     * @return the ring
     */
    public static Keyring ring(String text) {
        return Access.get().ring(text);
    }

    /**
     * A ring that may hold test keys.
     *
     * @param octets either form
     * @return the ring
     */
    public static Keyring ring(byte[] octets) {
        return Access.get().ring(octets);
    }

    /**
     * The info of a derivation (§6).
     *
     * @param context audience and purpose
     * @param sealed  the kind
     * @return the bytes
     */
    public static byte[] info(Context context, boolean sealed) {
        return Access.get().info(context, sealed);
    }

    /**
     * The output of a derivation: 32 bytes working key, 32 bytes key id (§6).
     *
     * @param key  the master key
     * @param info of {@link #info}
     * @return 64 bytes
     */
    public static byte[] okm(Key key, byte[] info) {
        return Access.get().okm(key, info);
    }

    /**
     * The AES key of a sealed token (§9).
     *
     * @param workingKey 32 bytes
     * @param salt       12 bytes
     * @return 32 bytes
     */
    public static byte[] subkey(byte[] workingKey, byte[] salt) {
        return Access.get().subkey(workingKey, salt);
    }

    /**
     * Seals with a given salt and iv.
     *
     * @param sealer  the sealer
     * @param payload the payload
     * @param ttl     seconds
     * @param now     seconds since the epoch
     * @param fixed   salt and iv
     * @return the token's text
     */
    public static String seal(Sealer sealer, byte[] payload, long ttl, long now, Fixed fixed) {
        return Access.get().seal(sealer, payload, ttl, now, fixed.access());
    }

    /**
     * Commits with a given sid, salt and iv.
     *
     * @param sessions the sessions
     * @param session  the session
     * @param now      seconds since the epoch
     * @param fixed    what is drawn
     * @return the commit
     */
    public static Commit commit(Sessions sessions, Session session, long now, Fixed fixed) {
        return Access.get().commit(sessions, session, now, fixed.access());
    }

    /**
     * Commits to a cookie with given random values.
     *
     * @param cookie       the cookie
     * @param session      the session
     * @param now          seconds since the epoch
     * @param cacheControl what the application set, or null
     * @param fixed        what is drawn
     * @return the response
     */
    public static SessionCookie.Response commit(SessionCookie cookie, Session session, long now, String cacheControl,
            Fixed fixed) {
        return Access.get().commit(cookie, session, now, cacheControl, fixed.access());
    }

    /**
     * Answers a registration with given random values.
     *
     * @param cookie    the cookie
     * @param fields    the {@code Cookie} fields
     * @param responses the {@code Secure-Session-Response} fields
     * @param check     the check, or null
     * @param now       seconds since the epoch
     * @param fixed     what is drawn
     * @return the answer
     */
    public static DeviceAnswer register(SessionCookie cookie, List<String> fields, List<String> responses,
            SessionCheck check, long now, Fixed fixed) {
        return Access.get().register(cookie, fields, responses, check, now, fixed.access());
    }

    /**
     * Answers a refresh with given random values.
     *
     * @param cookie    the cookie
     * @param fields    the {@code Cookie} fields
     * @param ids       the {@code Sec-Secure-Session-Id} fields
     * @param responses the {@code Secure-Session-Response} fields
     * @param check     the check, or null
     * @param now       seconds since the epoch
     * @param fixed     what is drawn
     * @return the answer
     */
    public static DeviceAnswer refresh(SessionCookie cookie, List<String> fields, List<String> ids,
            List<String> responses, SessionCheck check, long now, Fixed fixed) {
        return Access.get().refresh(cookie, fields, ids, responses, check, now, fixed.access());
    }

    /**
     * The opened session as SESS-05 writes it.
     *
     * @param session the session
     * @return the JSON text; null where none opened
     */
    public static String payload(Session session) {
        return Access.get().payload(session);
    }
}
