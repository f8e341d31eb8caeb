package dev.cretula;

import dev.cretula.internal.Access;
import java.util.List;

/** What dev.cretula.hazmat reaches. */
final class AccessImpl extends Access {
    static {
        set(new AccessImpl());
    }

    private AccessImpl() {
    }

    /** A generator that gives nothing. */
    private static final Randomness FAILS = new Randomness() {
        @Override
        public byte[] salt() {
            throw SystemRandom.failure();
        }

        @Override
        public byte[] iv() {
            throw SystemRandom.failure();
        }

        @Override
        public String sid() {
            throw SystemRandom.failure();
        }

        @Override
        public String id() {
            throw SystemRandom.failure();
        }
    };

    private static Randomness random(Fixed f) {
        return f.fails() ? FAILS : new Randomness() {
            @Override
            public Randomness of(String token) {
                return f.tokens().containsKey(token) ? random(f.tokens().get(token)) : FAILS;
            }

            @Override
            public byte[] salt() {
                return f.salt().clone();
            }

            @Override
            public byte[] iv() {
                return f.iv().clone();
            }

            @Override
            public String sid() {
                return f.sid();
            }

            @Override
            public String id() {
                return f.id();
            }
        };
    }

    @Override
    public Key key(byte[] bytes) {
        return Key.of(bytes, true);
    }

    @Override
    public Key key(String text) {
        return Key.parse(text, true);
    }

    @Override
    public byte[] bytes(Key key) {
        return key.bytes().clone();
    }

    @Override
    public Keyring ring(String text) {
        return RingText.parse(text, true);
    }

    @Override
    public Keyring ring(byte[] octets) {
        return RingText.parse(octets, true);
    }

    @Override
    public byte[] info(Context context, boolean sealed) {
        return context.info(sealed ? Kind.SEALED : Kind.SIGNED);
    }

    @Override
    public byte[] okm(Key key, byte[] info) {
        return Crypto.okm(key.bytes(), info);
    }

    @Override
    public byte[] subkey(byte[] workingKey, byte[] salt) {
        return Crypto.subkey(workingKey, salt);
    }

    @Override
    public String seal(Sealer sealer, byte[] payload, long ttl, long now, Fixed fixed) {
        return sealer.seal(payload, ttl, now, random(fixed));
    }

    @Override
    public Commit commit(Sessions sessions, Session session, long now, Fixed fixed) {
        return sessions.commit(session, now, random(fixed));
    }

    @Override
    public SessionCookie.Response commit(SessionCookie cookie, Session session, long now, String cacheControl, Fixed fixed) {
        return cookie.commit(session, () -> Limits.now(now), cacheControl, random(fixed));
    }

    @Override
    public DeviceAnswer register(SessionCookie cookie, List<String> fields, List<String> responses, SessionCheck check,
            long now, Fixed fixed) {
        return cookie.device().register(fields, responses, check, Limits.now(now), random(fixed));
    }

    @Override
    public DeviceAnswer refresh(SessionCookie cookie, List<String> fields, List<String> ids, List<String> responses,
            SessionCheck check, long now, Fixed fixed) {
        return cookie.device().refresh(fields, ids, responses, check, Limits.now(now), random(fixed));
    }

    @Override
    public String payload(Session session) {
        return session.openedPayload();
    }

    @Override
    public void close(Session session) {
        session.close();
    }

    @Override
    public void tell(SessionCookie cookie, Event event) {
        cookie.sessions().tell(event);
    }

    @Override
    public CretulaException notNow(Code code) {
        return new CretulaException(code, "the session cannot be judged now, and nothing was written");
    }
}
