package dev.cretula;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.util.Arrays;

/** ECDSA with P-256 and SHA-256, of public values only. The JDK verifies; what it does not promise or do is here. */
final class P256 {
    private static final String ALGORITHM = "SHA256withECDSAinP1363Format";
    private static final ECParameterSpec CURVE = curve();
    private static final BigInteger P = CURVE == null ? null : ((ECFieldFp) CURVE.getCurve().getField()).getP();
    private static final BigInteger N = CURVE == null ? null : CURVE.getOrder();

    private P256() {
    }

    private static ECParameterSpec curve() {
        try {
            Signature.getInstance(ALGORITHM);
            AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
            parameters.init(new ECGenParameterSpec("secp256r1"));
            return parameters.getParameterSpec(ECParameterSpec.class);
        } catch (GeneralSecurityException e) {
            return null;
        }
    }

    /** At set-up, not at the first browser's registration. */
    static void require() {
        if (CURVE == null) {
            throw new IllegalStateException("this Java has no ECDSA with P-256: add the module jdk.crypto.ec");
        }
    }

    /** Whether a point is one of the curve: JCA's KeyFactory does not promise to look. */
    static boolean holds(ECPoint point) {
        BigInteger x = point.getAffineX();
        BigInteger y = point.getAffineY();
        BigInteger right = x.pow(2).add(CURVE.getCurve().getA()).multiply(x).add(CURVE.getCurve().getB());
        return x.compareTo(P) < 0 && y.compareTo(P) < 0 && y.pow(2).subtract(right).mod(P).signum() == 0;
    }

    /** Whether the 64 bytes r | s are the signature of a key that is a point of the curve. The value of s may be high. */
    static boolean verifies(ECPoint key, byte[] message, byte[] signature) {
        if (signature.length != 64) {
            return false;
        }
        BigInteger r = new BigInteger(1, Arrays.copyOf(signature, 32));
        BigInteger s = new BigInteger(1, Arrays.copyOfRange(signature, 32, 64));
        // Zero passed for the signature of anything in some releases of Java (CVE-2022-21449).
        if (r.signum() == 0 || s.signum() == 0 || r.compareTo(N) >= 0 || s.compareTo(N) >= 0) {
            return false;
        }
        // OpenJDK 17 refuses an x that is not below n, of which r is what is left: for honest signatures 1 of 2^128.
        return jdkVerifies(key, message, signature) || r.add(N).compareTo(P) < 0 && verifies(key, message, r, s);
    }

    private static boolean jdkVerifies(ECPoint key, byte[] message, byte[] signature) {
        try {
            PublicKey publicKey = KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(key, CURVE));
            Signature verifier = Signature.getInstance(ALGORITHM);
            verifier.initVerify(publicKey);
            verifier.update(message);
            return verifier.verify(signature);
        } catch (SignatureException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java refuses a point of P-256", e);
        }
    }

    /** Whether the x of (z/s) G + (r/s) key is r modulo n; r and s are in 1 to n - 1. */
    static boolean verifies(ECPoint key, byte[] message, BigInteger r, BigInteger s) {
        BigInteger w = s.modInverse(N);
        BigInteger u1 = new BigInteger(1, Crypto.sha256(message)).multiply(w).mod(N);
        BigInteger u2 = r.multiply(w).mod(N);
        Point g = Point.of(CURVE.getGenerator());
        Point q = Point.of(key);
        Point sum = Point.NONE;
        for (int bit = 255; bit >= 0; bit--) {
            sum = sum.doubled();
            sum = u1.testBit(bit) ? sum.plus(g) : sum;
            sum = u2.testBit(bit) ? sum.plus(q) : sum;
        }
        BigInteger z2 = sum.z.pow(2).mod(P);
        boolean same = r.multiply(z2).mod(P).equals(sum.x);
        boolean reduced = r.add(N).compareTo(P) < 0 && r.add(N).multiply(z2).mod(P).equals(sum.x);
        return sum.z.signum() != 0 && (same || reduced);
    }

    /** A point (x/z², y/z³), or none where z is 0: without a division at each step. */
    private record Point(BigInteger x, BigInteger y, BigInteger z) {
        static final Point NONE = new Point(BigInteger.ONE, BigInteger.ONE, BigInteger.ZERO);

        static Point of(ECPoint p) {
            return new Point(p.getAffineX(), p.getAffineY(), BigInteger.ONE);
        }

        /** No point of the curve has y = 0, for its order is a prime. */
        Point doubled() {
            BigInteger z2 = z.pow(2);
            BigInteger y2 = y.pow(2).mod(P);
            BigInteger xy2 = x.multiply(y2).shiftLeft(2).mod(P);
            BigInteger slope = x.subtract(z2).multiply(x.add(z2)).multiply(BigInteger.valueOf(3)).mod(P);
            BigInteger x3 = slope.pow(2).subtract(xy2.shiftLeft(1)).mod(P);
            BigInteger y3 = slope.multiply(xy2.subtract(x3)).subtract(y2.pow(2).shiftLeft(3)).mod(P);
            return new Point(x3, y3, y.multiply(z).shiftLeft(1).mod(P));
        }

        Point plus(Point other) {
            if (z.signum() == 0) {
                return other;
            }
            BigInteger z2 = z.pow(2).mod(P);
            BigInteger otherZ2 = other.z.pow(2).mod(P);
            BigInteger u = x.multiply(otherZ2).mod(P);
            BigInteger v = y.multiply(otherZ2).multiply(other.z).mod(P);
            BigInteger h = other.x.multiply(z2).subtract(u).mod(P);
            BigInteger slope = other.y.multiply(z2).multiply(z).subtract(v).mod(P);
            if (h.signum() == 0) {
                return slope.signum() == 0 ? doubled() : NONE;
            }
            BigInteger h2 = h.pow(2).mod(P);
            BigInteger h3 = h2.multiply(h).mod(P);
            BigInteger uh2 = u.multiply(h2).mod(P);
            BigInteger x3 = slope.pow(2).subtract(h3).subtract(uh2.shiftLeft(1)).mod(P);
            BigInteger y3 = slope.multiply(uh2.subtract(x3)).subtract(v.multiply(h3)).mod(P);
            return new Point(x3, y3, z.multiply(other.z).multiply(h).mod(P));
        }
    }
}
