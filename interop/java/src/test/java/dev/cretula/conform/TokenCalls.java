package dev.cretula.conform;

import static dev.cretula.conform.VectorFile.bool;
import static dev.cretula.conform.VectorFile.context;
import static dev.cretula.conform.VectorFile.hex;
import static dev.cretula.conform.VectorFile.integer;
import static dev.cretula.conform.VectorFile.ring;
import static dev.cretula.conform.VectorFile.string;
import static dev.cretula.conform.VectorFile.time;

import dev.cretula.Context;
import dev.cretula.Key;
import dev.cretula.Keyring;
import dev.cretula.Opened;
import dev.cretula.Sealer;
import dev.cretula.Signer;
import dev.cretula.TokenException;
import dev.cretula.Unsealer;
import dev.cretula.Verifier;
import dev.cretula.hazmat.OnlyForVectors;
import dev.cretula.json.Json;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Base64;

/** Makes the call of a vector or of a request of the protocol, of the token classes and rings; gives its result. */
final class TokenCalls {
    /** Fails; it is asked only by calls without a time. */
    static final Clock NO_CLOCK = new Clock() {
        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            throw new IllegalStateException("no clock");
        }
    };

    private TokenCalls() {
    }

    static Json derivation(Json.Obj v) {
        byte[] info = OnlyForVectors.info(context(v), string(v, "kind").equals("sealed"));
        byte[] okm = OnlyForVectors.okm(OnlyForVectors.key(hex(v, "key")), info);
        return Results.object("info", info, "okm", okm, "working_key", Arrays.copyOf(okm, 32), "key_id",
                Arrays.copyOfRange(okm, 32, 64));
    }

    static Json make(Json.Obj v, boolean sealed) {
        Context context = context(v);
        Keyring ring = ring(v);
        Long now = time(v, "now");
        long ttl = integer(v, "ttl");
        byte[] payload = hex(v, "payload");
        String token;
        if (sealed) {
            Sealer sealer = Sealer.builder(ring, context).limit(integer(v, "limit")).clock(NO_CLOCK).build();
            OnlyForVectors.Fixed fixed = bool(v, "no_randomness") ? OnlyForVectors.Fixed.NO_RANDOMNESS
                    : v.get("salt") == null ? null : new OnlyForVectors.Fixed(null, hex(v, "salt"), hex(v, "iv"), null);
            token = now == null ? sealer.seal(payload, ttl) : fixed == null ? sealer.seal(payload, ttl, now)
                    : OnlyForVectors.seal(sealer, payload, ttl, now, fixed);
        } else {
            Signer signer = Signer.builder(ring, context).limit(integer(v, "limit")).clock(NO_CLOCK).build();
            token = now == null ? signer.sign(payload, ttl) : signer.sign(payload, ttl, now);
        }
        byte[] bytes = Base64.getUrlDecoder().decode(token);
        Json.Obj result = intermediates(ring, context, sealed, bytes);
        return result.with("body", Json.of(hex(body(now, ttl, payload)))).with("token", Json.of(token));
    }

    /** info, okm, working_key, key_id, and of a sealed token subkey and aad. */
    private static Json.Obj intermediates(Keyring ring, Context context, boolean sealed, byte[] token) {
        byte[] info = OnlyForVectors.info(context, sealed);
        byte[] keyId = Arrays.copyOfRange(token, 3, 35);
        for (Keyring.Entry e : ring.entries()) {
            byte[] okm = OnlyForVectors.okm(e.key(), info);
            if (Arrays.equals(Arrays.copyOfRange(okm, 32, 64), keyId)) {
                byte[] working = Arrays.copyOf(okm, 32);
                Json.Obj result = Results.object("info", info, "okm", okm, "working_key", working, "key_id", keyId);
                if (sealed) {
                    result = result
                            .with("subkey", Json.of(hex(OnlyForVectors.subkey(working, Arrays.copyOfRange(token, 35, 47)))))
                            .with("aad", Json.of(hex(Arrays.copyOf(token, 47))));
                }
                return result;
            }
        }
        throw new AssertionError("a token of no key of the ring");
    }

    private static byte[] body(long issuedAt, long ttl, byte[] payload) {
        return ByteBuffer.allocate(10 + payload.length).putShort((short) (issuedAt >> 32)).putInt((int) issuedAt)
                .putInt((int) ttl).put(payload).array();
    }

    static Json open(Json.Obj v, boolean sealed) throws TokenException {
        Context context = context(v);
        Keyring ring = ring(v);
        String token = string(v, "token");
        Long now = time(v, "now");
        Opened opened;
        if (sealed) {
            Unsealer unsealer = Unsealer.builder(ring, context).maxAge(integer(v, "max_age")).leeway(integer(v, "leeway"))
                    .limit(integer(v, "limit")).clock(NO_CLOCK).build();
            opened = now == null ? unsealer.unseal(token) : unsealer.unseal(token, now);
        } else {
            Verifier verifier = Verifier.builder(ring, context).maxAge(integer(v, "max_age")).leeway(integer(v, "leeway"))
                    .limit(integer(v, "limit")).clock(NO_CLOCK).build();
            opened = now == null ? verifier.verify(token) : verifier.verify(token, now);
        }
        Json.Obj more = intermediates(ring, context, sealed, Base64.getUrlDecoder().decode(token));
        return Results.object("payload", opened.payload(), "issued_at", opened.issuedAt(), "ttl", opened.ttl(), "key_id",
                opened.keyId(), "expires_at", opened.expiresAt(), "info", more.get("info"), "okm", more.get("okm"),
                "working_key", more.get("working_key"), "subkey", more.get("subkey"), "aad", more.get("aad"), "body",
                body(opened.issuedAt(), opened.ttl(), opened.payload()));
    }

    private static long ringTime(Json.Obj v) {
        Long now = time(v, "now");
        if (now == null) {
            throw new UnsupportedOperationException("a ring has no clock: its calls take the time");
        }
        return now;
    }

    static Json keyring(Json.Obj v) {
        switch (string(v, "op")) {
            case "key_text": {
                String text = string(v, "text");
                return Results.object("key", OnlyForVectors.bytes(bool(v, "test_keys")
                        ? OnlyForVectors.key(text) : Key.parse(text)));
            }
            case "key_bytes": {
                byte[] bytes = hex(v, "bytes");
                Key key = bool(v, "test_keys") ? OnlyForVectors.key(bytes) : Key.of(bytes);
                return Results.object("key", OnlyForVectors.bytes(key), "text", key.secretText());
            }
            case "ring": {
                Keyring ring;
                boolean test = bool(v, "test_keys");
                if (v.get("text_hex") != null) {
                    byte[] octets = hex(v, "text_hex");
                    ring = test ? OnlyForVectors.ring(octets) : Keyring.parse(octets);
                } else {
                    String text = string(v, "text");
                    byte[] octets = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
                    ring = test ? OnlyForVectors.ring(text) : Keyring.parse(text);
                    Keyring other = test ? OnlyForVectors.ring(octets) : Keyring.parse(octets);
                    if (!ring.entries().equals(other.entries())) {
                        throw new AssertionError("text and octets differ");
                    }
                }
                return Results.object("entries", ring.entries().stream().map(e -> Results.object("key",
                        OnlyForVectors.bytes(e.key()), "seal_from", e.sealFrom() == 0 ? null : e.sealFrom(), "accept_until",
                        e.acceptUntil().isEmpty() ? null : e.acceptUntil().getAsLong())).toList());
            }
            case "warn":
                return Results.object("warnings", ring(v).warnings(ringTime(v), integer(v, "longest_ttl"),
                        integer(v, "reload_grace"), integer(v, "leeway")).stream()
                        .map(f -> Results.object("entry", f.entry(), "code", f.code().toString())).toList());
            default: {
                Keyring ring = ring(v);
                long now = ringTime(v);
                java.util.List<Integer> accepted = java.util.stream.IntStream.range(0, ring.entries().size())
                        .filter(i -> ring.entries().get(i).accepted(now)).boxed().toList();
                if (string(v, "op").equals("accept")) {
                    return Results.object("accepted", accepted);
                }
                // Who seals is asked by sealing, whose error is the vector's.
                Context context = new Context("a", "b");
                Signer.of(ring, context).sign(new byte[0], 1, now);
                return Results.object("seals", ring.sealing(now).getAsInt(), "accepted", accepted);
            }
        }
    }
}
