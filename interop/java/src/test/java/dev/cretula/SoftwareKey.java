package dev.cretula;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;

/** A browser's key, in software, and the JWTs that it signs (§21.5). */
public final class SoftwareKey {
    public static final BigInteger P = new BigInteger("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff", 16);
    public static final BigInteger N = new BigInteger("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16);

    private final KeyPair pair;
    final BigInteger x;
    final BigInteger y;

    public SoftwareKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            pair = generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
        ECPublicKey key = (ECPublicKey) pair.getPublic();
        x = key.getW().getAffineX();
        y = key.getW().getAffineY();
    }

    /** 32 bytes, whatever the value. */
    static byte[] bytes(BigInteger value) {
        byte[] out = new byte[32];
        byte[] all = value.toByteArray();
        int length = Math.min(32, all.length);
        System.arraycopy(all, all.length - length, out, 32 - length, length);
        return out;
    }

    static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    static String encode(String text) {
        return encode(text.getBytes(StandardCharsets.UTF_8));
    }

    static String jwk(BigInteger x, BigInteger y) {
        return "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"" + encode(bytes(x)) + "\",\"y\":\"" + encode(bytes(y)) + "\"}";
    }

    public String jwk() {
        return jwk(x, y);
    }

    public byte[] sign(String message) {
        try {
            Signature signer = Signature.getInstance("SHA256withECDSAinP1363Format");
            signer.initSign(pair.getPrivate());
            signer.update(message.getBytes(StandardCharsets.US_ASCII));
            return signer.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A JWT of any header and claims. */
    public String jwt(String header, String claims) {
        String message = encode(header) + "." + encode(claims);
        return message + "." + encode(sign(message));
    }

    /** What Chromium sends at a registration. */
    public String registers(String challenge) {
        return jwt("{\"alg\":\"ES256\",\"jwk\":" + jwk() + ",\"typ\":\"dbsc+jwt\"}", "{\"jti\":\"" + challenge + "\"}");
    }

    /** What Chromium sends at a refresh. */
    public String refreshes(String challenge) {
        return jwt("{\"alg\":\"ES256\",\"typ\":\"dbsc+jwt\"}", "{\"jti\":\"" + challenge + "\"}");
    }

    /** The text between a mark and the next quotation mark. */
    public static String between(String text, String mark) {
        int from = text.indexOf(mark);
        if (from < 0) {
            throw new AssertionError(mark + " is not in " + text);
        }
        return text.substring(from + mark.length(), text.indexOf('"', from + mark.length()));
    }
}
