package dev.cretula;

import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.MessageDigest;
import java.security.Provider;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** The primitives of §2, from the JDK. */
final class Crypto {
    private static final int TAG_BITS = 128;
    private static final byte[] SUBKEY_LABEL = "cretula-v1 token".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

    /** The providers that took a key first: the JDK would look through the list of all for every token. */
    private static volatile Provider ofMac;
    private static volatile Provider ofCipher;

    private Crypto() {
    }

    static byte[] sha256(byte[] message) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(message);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }

    static byte[] hmac(byte[] key, byte[]... message) {
        try {
            Provider known = ofMac;
            Mac mac = known == null ? Mac.getInstance("HmacSHA256") : Mac.getInstance("HmacSHA256", known);
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            if (known == null) {
                ofMac = mac.getProvider();
            }
            for (byte[] part : message) {
                mac.update(part);
            }
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no HmacSHA256", e);
        }
    }

    /** HKDF-SHA256 with an empty salt and 64 bytes of output (§6). */
    static byte[] okm(byte[] ikm, byte[] info) {
        byte[] prk = hmac(new byte[32], ikm);
        byte[] first = hmac(prk, info, new byte[] {1});
        byte[] second = hmac(prk, first, info, new byte[] {2});
        byte[] okm = Bytes.join(first, second);
        Arrays.fill(prk, (byte) 0);
        Arrays.fill(first, (byte) 0);
        return okm;
    }

    static byte[] subkey(byte[] workingKey, byte[] salt) {
        return hmac(workingKey, SUBKEY_LABEL, salt, new byte[] {1});
    }

    static byte[] encrypt(byte[] subkey, byte[] iv, byte[] aad, byte[] body) {
        try {
            return gcm(Cipher.ENCRYPT_MODE, subkey, iv, 0, aad, 0, aad.length).doFinal(body);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no AES-256-GCM", e);
        }
    }

    /** The body of a sealed token's bytes, or null: bytes 59 to the end are ciphertext and a tag of all 16 bytes. */
    static byte[] decrypt(byte[] subkey, byte[] token) {
        try {
            return gcm(Cipher.DECRYPT_MODE, subkey, token, 47, token, 0, 47).doFinal(token, 59, token.length - 59);
        } catch (AEADBadTagException e) {
            return null;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no AES-256-GCM", e);
        }
    }

    private static Cipher gcm(int mode, byte[] subkey, byte[] iv, int ivAt, byte[] aad, int aadAt, int aadLength)
            throws GeneralSecurityException, InvalidAlgorithmParameterException {
        Provider known = ofCipher;
        Cipher cipher = known == null ? Cipher.getInstance("AES/GCM/NoPadding") : Cipher.getInstance("AES/GCM/NoPadding", known);
        cipher.init(mode, new SecretKeySpec(subkey, "AES"), new GCMParameterSpec(TAG_BITS, iv, ivAt, 12));
        if (known == null) {
            ofCipher = cipher.getProvider();
        }
        cipher.updateAAD(aad, aadAt, aadLength);
        return cipher;
    }
}
