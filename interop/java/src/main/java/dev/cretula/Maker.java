package dev.cretula;

import java.time.Clock;

/** Sealing and signing (§9). */
final class Maker {
    private final Kind kind;
    private final DerivedRing.Cache cache;
    private final int limit;
    private final Clock clock;

    Maker(Kind kind, KeyringSource ring, Context context, long limit, Clock clock) {
        this.kind = kind;
        this.limit = Limits.limit(limit);
        this.clock = clock;
        this.cache = new DerivedRing.Cache(ring, kind, context);
    }

    long now() {
        return Limits.read(clock);
    }

    static long textLength(Kind kind, long payload) {
        return ((kind.minBytes + payload) * 4 + 2) / 3;
    }

    String make(byte[] payload, long ttl, long now, Randomness random) {
        return make(cache.ring(), payload, ttl, now, random);
    }

    String make(Keyring ring, byte[] payload, long ttl, long now, Randomness random) {
        return make(key(ring, payload.length, ttl, now), payload, ttl, now, random);
    }

    /** Steps 2 to 5: the key of the entry that seals. After them only the generator can fail. */
    DerivedRing.Derived key(Keyring ring, int payloadLength, long ttl, long now) {
        Limits.now(now);
        Limits.ttl(ttl);
        DerivedRing.Derived key = cache.get(ring).of(ring.sealingEntry(now));
        if (textLength(kind, payloadLength) > limit) {
            throw new CretulaException(Code.RESULT_TOO_LONG, "the token would be longer than the limit");
        }
        return key;
    }

    /** Steps 6 to 9. */
    String make(DerivedRing.Derived key, byte[] payload, long ttl, long now, Randomness random) {
        byte[] body = Bytes.join(Bytes.unsigned(now, 6), Bytes.unsigned(ttl, 4), payload);
        if (kind == Kind.SIGNED) {
            byte[] message = Bytes.join(kind.magic, key.keyId(), body);
            return Base64Url.encode(Bytes.join(message, Crypto.hmac(key.workingKey(), message)));
        }
        byte[] salt = random.salt();
        byte[] iv = random.iv();
        byte[] aad = Bytes.join(kind.magic, key.keyId(), salt);
        byte[] subkey = Crypto.subkey(key.workingKey(), salt);
        try {
            return Base64Url.encode(Bytes.join(aad, iv, Crypto.encrypt(subkey, iv, aad, body)));
        } finally {
            java.util.Arrays.fill(subkey, (byte) 0);
        }
    }
}
