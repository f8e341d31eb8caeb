package dev.cretula.conform;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.cretula.CretulaException;
import dev.cretula.Context;
import dev.cretula.Keyring;
import dev.cretula.Sealer;
import dev.cretula.Signer;
import dev.cretula.TokenException;
import dev.cretula.Unsealer;
import dev.cretula.Verifier;
import dev.cretula.hazmat.OnlyForVectors;
import dev.cretula.json.Json;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/** accumulated.json: thousands of calls, made from a number. */
final class Accumulated {
    private static final String[] STARTS = {"CrE1", "CrS1", "CrE2", "CrS0", "CrE-", "CrE.", "crE1", "C1rE"};
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    private Accumulated() {
    }

    private static byte[] sha256(byte[]... parts) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (byte[] part : parts) {
            digest.update(part);
        }
        return digest.digest();
    }

    private static byte[] u32(int n) {
        return ByteBuffer.allocate(4).putInt(n).array();
    }

    private static long u32(byte[] bytes, int at) {
        return ByteBuffer.wrap(bytes).getInt(at) & 0xffff_ffffL;
    }

    /** A case, and its token of a kind. */
    private record Case(Keyring ring, Context context, long issuedAt, long ttl, String token) {
    }

    private static Case make(int i, boolean sealed) throws Exception {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        for (int k = 0; stream.size() < 64 + 512; k++) {
            stream.write(sha256("cretula-accumulated-case".getBytes(US_ASCII), u32(i), u32(k)));
        }
        byte[] s = stream.toByteArray();
        byte[] key = Arrays.copyOf("cretula-test-key".getBytes(US_ASCII), 32);
        System.arraycopy(s, 0, key, 16, 16);
        Context context = new Context("audience-" + (s[16] & 0xff), "purpose-" + (s[17] & 0xff));
        long issuedAt = ByteBuffer.wrap(s).getLong(16) & 0xffff_ffff_ffffL;
        long ttl = 1 + u32(s, 24) % 34_560_000;
        int n = (ByteBuffer.wrap(s).getShort(52) & 0xffff) % 512;
        byte[] payload = Arrays.copyOfRange(s, 64, 64 + n);
        Keyring ring = Keyring.of(List.of(new Keyring.Entry(OnlyForVectors.key(key))));
        String token = sealed
                ? OnlyForVectors.seal(Sealer.of(ring, context), payload, ttl, issuedAt, new OnlyForVectors.Fixed(null,
                        Arrays.copyOfRange(s, 28, 40), Arrays.copyOfRange(s, 40, 52), null))
                : Signer.of(ring, context).sign(payload, ttl, issuedAt);
        return new Case(ring, context, issuedAt, ttl, token);
    }

    private static String mutate(Case c, int j, boolean sealed) throws Exception {
        byte[] m = sha256("cretula-accumulated-mutation".getBytes(US_ASCII), u32(j));
        String text = c.token;
        int p = (int) (u32(m, 0) % text.length());
        char ch = (char) (32 + (m[4] & 0xff) % 95);
        int sixth = m[6] & 0xff;
        long now = c.issuedAt;
        long maxAge = 34_560_000;
        long limit = 16_384;
        StringBuilder t = new StringBuilder(text);
        switch ((m[5] & 0xff) % 12) {
            case 0 -> t.setCharAt(p, ch);
            case 1 -> t.deleteCharAt(p);
            case 2 -> t.insert(p, ch);
            case 3 -> t.setLength(p);
            case 4 -> {
                int q = (p + 1) % text.length();
                t.setCharAt(p, text.charAt(q));
                t.setCharAt(q, text.charAt(p));
            }
            case 5 -> {
                byte[] bytes = Base64.getUrlDecoder().decode(text);
                bytes[(int) (u32(m, 0) % bytes.length)] ^= (byte) (1 << sixth % 8);
                t = new StringBuilder(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
            }
            case 6 -> t.setCharAt(text.length() - 1, ALPHABET.charAt(sixth % 64));
            case 7 -> t.replace(0, 4, STARTS[sixth % 8]);
            case 8 -> now = c.issuedAt + c.ttl - 2 + sixth % 4;
            case 9 -> now = c.issuedAt - 62 + sixth % 4;
            case 10 -> {
                maxAge = 1 + u32(m, 8) % 34_560_000;
                now = c.issuedAt + maxAge - 2 + sixth % 4;
            }
            default -> limit = text.length() - 1 + sixth % 2;
        }
        now = Math.max(0, Math.min(now, (1L << 48) - 1));
        try {
            if (sealed) {
                Unsealer.builder(c.ring, c.context).maxAge(maxAge).limit(limit).build().unseal(t, now);
            } else {
                Verifier.builder(c.ring, c.context).maxAge(maxAge).limit(limit).build().verify(t, now);
            }
            return "ok";
        } catch (TokenException e) {
            return e.code().text();
        } catch (CretulaException e) {
            return e.code().text();
        }
    }

    static Json run(Json.Obj v) throws Exception {
        String op = VectorFile.string(v, "op");
        boolean sealed = op.equals("seal") || op.equals("unseal");
        List<Case> cases = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            cases.add(make(i, sealed));
        }
        int count = (int) VectorFile.integer(v, "count");
        MessageDigest all = MessageDigest.getInstance("SHA-256");
        MessageDigest block = MessageDigest.getInstance("SHA-256");
        List<byte[]> blocks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Case c = cases.get(i % 10_000);
            String outcome = op.equals("seal") || op.equals("sign") ? c.token : mutate(c, i, sealed);
            byte[] line = (outcome + "\n").getBytes(US_ASCII);
            all.update(line);
            block.update(line);
            if (i % 1_000 == 999) {
                blocks.add(block.digest());
            }
        }
        return Results.object("sha256", all.digest(), "blocks", blocks);
    }
}
