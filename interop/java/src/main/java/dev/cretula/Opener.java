package dev.cretula;

import java.security.MessageDigest;
import java.time.Clock;
import java.util.Arrays;

/** Opening, steps 0 to 8 (§10). */
final class Opener {
    final DerivedRing.Cache cache;
    final long leeway;
    private final Kind kind;
    private final long maxAge;
    private final int limit;
    private final Clock clock;

    Opener(Kind kind, KeyringSource ring, Context context, long maxAge, long leeway, long limit, Clock clock) {
        this.kind = kind;
        this.limit = Limits.limit(limit);
        this.leeway = Limits.leeway(leeway);
        this.maxAge = Limits.maxAge(maxAge);
        this.clock = clock;
        this.cache = new DerivedRing.Cache(ring, kind, context);
    }

    long now() {
        return Limits.read(clock);
    }

    Opened open(CharSequence text, long now) throws TokenException {
        return open(cache.ring(), text, now);
    }

    Opened open(Keyring ring, CharSequence text, long now) throws TokenException {
        Limits.now(now);
        return open(cache.get(ring), text.length() > limit || Utf8.length(text) > limit, text, now);
    }

    /** With a ring and a judgement of the length, which the cookie binding makes. */
    Opened open(DerivedRing ring, boolean tooLong, CharSequence text, long now) throws TokenException {
        if (tooLong) {
            throw new TokenException(Code.TOO_LONG);
        }
        magic(text);
        byte[] b = Base64Url.decode(text, 0, text.length());
        if (b == null) {
            throw new TokenException(Code.ENCODING);
        }
        if (b.length < kind.minBytes) {
            throw new TokenException(Code.TOO_SHORT);
        }
        DerivedRing.Derived key = ring.find(b, 3);
        if (key == null) {
            throw new TokenException(Code.UNKNOWN_KEY);
        }
        if (!key.entry().accepted(now)) {
            throw new TokenException(Code.KEY_INACTIVE);
        }
        byte[] body = authenticated(b, key.workingKey());
        if (body == null) {
            throw new TokenException(Code.AUTH_FAILED);
        }
        long issuedAt = Bytes.unsigned(body, 0, 6);
        long ttl = Bytes.unsigned(body, 6, 4);
        long expiresAt = issuedAt + Math.min(ttl, maxAge);
        Code late = issuedAt > now + leeway ? Code.ISSUED_IN_FUTURE
                : ttl < 1 || ttl > Limits.LIFE_MAX || now >= expiresAt ? Code.EXPIRED : null;
        byte[] payload = late == null ? Arrays.copyOfRange(body, 10, body.length) : null;
        Arrays.fill(body, (byte) 0);
        if (late != null) {
            throw new TokenException(late);
        }
        return new Opened(payload, issuedAt, ttl, expiresAt, key.keyId().clone());
    }

    /** Step 2: the first four characters tell kind and version apart; a magic is ASCII. */
    private void magic(CharSequence text) throws TokenException {
        String start = text.subSequence(0, Math.min(4, text.length())).toString();
        if (start.equals(kind.magicText)) {
            return;
        }
        if (start.length() == 4 && (start.startsWith("CrE") || start.startsWith("CrS"))
                && start.charAt(3) != '1' && Base64Url.is(start.charAt(3))) {
            throw new TokenException(Code.UNSUPPORTED_VERSION);
        }
        throw new TokenException(start.equals(kind.other().magicText) ? Code.WRONG_KIND : Code.NOT_A_TOKEN);
    }

    private byte[] authenticated(byte[] b, byte[] workingKey) {
        if (kind == Kind.SIGNED) {
            int end = b.length - 32;
            byte[] tag = Crypto.hmac(workingKey, Arrays.copyOf(b, end));
            return MessageDigest.isEqual(tag, Arrays.copyOfRange(b, end, b.length)) ? Arrays.copyOfRange(b, 35, end) : null;
        }
        byte[] subkey = Crypto.subkey(workingKey, Arrays.copyOfRange(b, 35, 47));
        try {
            return Crypto.decrypt(subkey, b);
        } finally {
            Arrays.fill(subkey, (byte) 0);
        }
    }
}
