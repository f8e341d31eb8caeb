package dev.cretula;

import dev.cretula.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/** The three tokens of device binding (§21.2). */
final class DeviceTokens {
    /** What follows the session's purpose in theirs. */
    static final List<String> SUFFIXES = List.of(".challenge", ".device", ".proof");

    /** Stands for the time of a proof where there is none. */
    static final long NEVER = -1;

    private final Token challenge;
    private final Token device;
    private final Token proof;

    DeviceTokens(Sessions sessions, DeviceBinding settings) {
        challenge = new Token(sessions, "challenge", Limits.CHALLENGE_LIFE);
        device = new Token(sessions, "device", Limits.LIFE_MAX);
        proof = new Token(sessions, "proof", settings.proof());
    }

    /** One kind of them, with a purpose, and so with keys, of its own. */
    private static final class Token {
        final String name;
        final Opener opener;
        final Maker maker;

        Token(Sessions sessions, String name, long maxAge) {
            Context context = new Context(sessions.context().audience(), sessions.context().purpose() + "." + name);
            this.name = name;
            opener = new Opener(Kind.SEALED, sessions.ring(), context, maxAge, sessions.policy().leeway(),
                    Limits.LIMIT_DEFAULT, sessions.clock());
            maker = new Maker(Kind.SEALED, sessions.ring(), context, Limits.LIMIT_DEFAULT, sessions.clock());
        }

        String make(Keyring ring, String payload, long ttl, long now, Randomness random) {
            return maker.make(ring, payload.getBytes(StandardCharsets.US_ASCII), ttl, now, random.of(name));
        }

        /** The members of a token that opens, which has these and no others (DEV-02). */
        Json.Obj members(Opened opened, Set<String> names) throws TokenException {
            Json.Obj object = SessionState.object(opened.payload());
            if (object == null || !object.members().keySet().equals(names)) {
                throw new TokenException(Code.PAYLOAD_INVALID);
            }
            return object;
        }
    }

    String registration(String sid, Keyring ring, long now, Randomness random) {
        return challenge.make(ring, "{\"use\":\"register\",\"sid\":\"" + sid + "\"}", Limits.CHALLENGE_LIFE, now, random);
    }

    String refresh(String jkt, Keyring ring, long now, Randomness random) {
        return challenge.make(ring, "{\"use\":\"refresh\",\"jkt\":\"" + jkt + "\"}", Limits.CHALLENGE_LIFE, now, random);
    }

    /** Whether a text is a challenge of a registration of this session. */
    boolean registers(String text, String sid, Keyring ring, long now) {
        return isChallenge(text, "register", "sid", sid, ring, now);
    }

    /** Whether a text is a challenge of a refresh with this key. */
    boolean refreshes(String text, String jkt, Keyring ring, long now) {
        return isChallenge(text, "refresh", "jkt", jkt, ring, now);
    }

    private boolean isChallenge(String text, String use, String name, String value, Keyring ring, long now) {
        try {
            Json.Obj o = challenge.members(challenge.opener.open(ring, text, now), Set.of("use", name));
            return Json.of(use).equals(o.get("use")) && Json.of(value).equals(o.get(name));
        } catch (TokenException e) {
            return false;
        }
    }

    /** What a device token holds. */
    record Device(String sid, DeviceKey key) {
        @Override
        public String toString() {
            return "Device";
        }
    }

    String device(String sid, DeviceKey key, long ttl, Keyring ring, long now, Randomness random) {
        String payload = "{\"sid\":\"" + sid + "\",\"x\":\"" + key.x() + "\",\"y\":\"" + key.y() + "\"}";
        return device.make(ring, payload, ttl, now, random);
    }

    Device device(String text, Keyring ring, long now) throws TokenException {
        Json.Obj o = device.members(device.opener.open(ring, text, now), Set.of("sid", "x", "y"));
        String sid = SessionState.characters(o, "sid", 22);
        DeviceKey key = DeviceKey.of(o.get("x"), o.get("y"));
        if (sid == null || key == null) {
            throw new TokenException(Code.PAYLOAD_INVALID);
        }
        return new Device(sid, key);
    }

    String proof(String sid, String jkt, long ttl, Keyring ring, long now, Randomness random) {
        return proof.make(ring, "{\"sid\":\"" + sid + "\",\"jkt\":\"" + jkt + "\"}", ttl, now, random);
    }

    /** When the latest proof of this session in a request was made; {@link #NEVER} if all are of others; null for none. */
    Long proved(CookieRequest request, String cookie, String sid, String jkt, Keyring ring, long now) {
        DerivedRing derived = proof.opener.cache.get(ring);
        Long latest = null;
        for (String candidate : request.candidates(cookie, derived, false).candidates()) {
            try {
                Opened opened = CookieRequest.openValue(proof.opener, derived, candidate, now);
                Json.Obj o = proof.members(opened, Set.of("sid", "jkt"));
                String of = SessionState.characters(o, "sid", 22);
                if (of != null && jkt.equals(SessionState.characters(o, "jkt", Limits.JKT_CHARACTERS))) {
                    long made = of.equals(sid) ? opened.issuedAt() : NEVER;
                    latest = latest == null ? made : Math.max(latest, made);
                }
            } catch (TokenException e) {
                // No proof; another may be one.
            }
        }
        return latest;
    }
}
