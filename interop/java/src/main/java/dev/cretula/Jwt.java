package dev.cretula;

import dev.cretula.json.Json;
import java.nio.charset.StandardCharsets;

/**
 * What a browser signed (§21.5). Its text is anyone's.
 *
 * @param jti the challenge
 * @param key the key that signed: the known one, or at a registration that of the header
 */
record Jwt(String jti, DeviceKey key) {
    private static final Json ES256 = Json.of("ES256");
    private static final Json TYPE = Json.of("dbsc+jwt");

    /**
     * Reads and verifies one, with the steps of §21.5 in their order.
     *
     * @param known the key of the device token; null at a registration
     */
    static Jwt read(String value, DeviceKey known) throws TokenException {
        // 1
        int first = value.indexOf('.');
        int second = value.indexOf('.', first + 1);
        if (value.length() > Limits.JWT_MAX || first < 0 || second < 0 || value.indexOf('.', second + 1) >= 0) {
            throw new TokenException(Code.JWT_FORMAT);
        }
        Json.Obj header = object(value, 0, first);
        Json.Obj claims = object(value, first + 1, second);
        // 2
        if (!(claims.get("jti") instanceof Json.Str jti)) {
            throw new TokenException(Code.JWT_FORMAT);
        }
        // 3: the algorithm is ours, never the token's choice
        if (!TYPE.equals(header.get("typ")) || !ES256.equals(header.get("alg")) || header.get("crit") != null) {
            throw new TokenException(Code.JWT_ALGORITHM);
        }
        // 4: beside a known key, that of the header is not looked at
        DeviceKey key = known == null ? key(header.get("jwk")) : known;
        if (key == null) {
            throw new TokenException(Code.JWT_KEY);
        }
        // 5
        byte[] signature = Base64Url.decode(value, second + 1, value.length());
        byte[] message = value.substring(0, second).getBytes(StandardCharsets.US_ASCII);
        if (signature == null || !P256.verifies(key.point(), message, signature)) {
            throw new TokenException(Code.JWT_SIGNATURE);
        }
        return new Jwt(jti.value(), key);
    }

    private static Json.Obj object(String value, int from, int to) throws TokenException {
        byte[] octets = Base64Url.decode(value, from, to);
        Json.Obj object = octets == null ? null : SessionState.object(octets);
        if (object == null) {
            throw new TokenException(Code.JWT_FORMAT);
        }
        return object;
    }

    private static DeviceKey key(Json jwk) {
        return jwk instanceof Json.Obj o && Json.of("EC").equals(o.get("kty")) && Json.of("P-256").equals(o.get("crv"))
                && o.get("d") == null ? DeviceKey.of(o.get("x"), o.get("y")) : null;
    }

    @Override
    public String toString() {
        return "Jwt";
    }
}
