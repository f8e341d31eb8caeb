package dev.cretula;

import dev.cretula.json.Json;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.spec.ECPoint;

/** The public key of a device: a point of the curve P-256, and its coordinates in base64url. */
record DeviceKey(String x, String y, ECPoint point) {
    /** The key of two coordinates (DEV-06), or null. */
    static DeviceKey of(Json x, Json y) {
        BigInteger px = coordinate(x);
        BigInteger py = coordinate(y);
        if (px == null || py == null) {
            return null;
        }
        ECPoint point = new ECPoint(px, py);
        return P256.holds(point) ? new DeviceKey(((Json.Str) x).value(), ((Json.Str) y).value(), point) : null;
    }

    private static BigInteger coordinate(Json text) {
        if (!(text instanceof Json.Str s) || s.value().length() != 43) {
            return null;
        }
        byte[] bytes = Base64Url.decode(s.value(), 0, 43);
        return bytes == null ? null : new BigInteger(1, bytes);
    }

    /** The thumbprint of RFC 7638 (DEV-03), 43 characters. */
    String thumbprint() {
        String jwk = "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"" + x + "\",\"y\":\"" + y + "\"}";
        return Base64Url.encode(Crypto.sha256(jwk.getBytes(StandardCharsets.US_ASCII)));
    }

    @Override
    public String toString() {
        return "DeviceKey[" + thumbprint() + "]";
    }
}
