package dev.cretula;

import static dev.cretula.TestRing.CONTEXT;
import static dev.cretula.TestRing.NOW;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cretula.hazmat.OnlyForVectors;
import dev.cretula.json.Json;
import dev.cretula.json.JsonException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Inputs changed at random, from a fixed seed: refused with a code, or taken; never another exception. */
class NoCrashTest {
    private static final String ODD = "\u0000\t\n\r \"\\{}[]:,;=.-_+/%2eE019AZaz\u007f\u0080\u00a0\u00ff\u0661\u2028\ud800\udc00\uffff";
    private final Random random = new Random(20_260_101);

    private String mutate(String text) {
        StringBuilder out = new StringBuilder(text);
        for (int n = 1 + random.nextInt(4); n > 0; n--) {
            int at = random.nextInt(out.length() + 1);
            char c = ODD.charAt(random.nextInt(ODD.length()));
            switch (random.nextInt(5)) {
                case 0 -> out.insert(at, c);
                case 1 -> out.delete(at, Math.min(out.length(), at + 1 + random.nextInt(8)));
                case 2 -> out.setLength(at);
                case 3 -> out.insert(at, out.substring(Math.min(at, out.length() / 2), at));
                default -> {
                    if (at < out.length()) {
                        out.setCharAt(at, c);
                    }
                }
            }
        }
        return out.toString();
    }

    private interface Call {
        void run(String text) throws Exception;
    }

    private void every(String seed, int times, Call call) {
        for (int i = 0; i < times; i++) {
            String text = mutate(seed);
            try {
                call.run(text);
            } catch (TokenException | CretulaException | JsonException e) {
                // a refusal
            } catch (Exception | StackOverflowError | OutOfMemoryError e) {
                throw new AssertionError("mutation " + i + " of " + seed, e);
            }
        }
    }

    @Test
    void tokens() {
        Unsealer unsealer = Unsealer.of(TestRing.ring(1), CONTEXT);
        Verifier verifier = Verifier.of(TestRing.ring(1), CONTEXT);
        byte[] payload = "{\"sub\":\"ada\"}".getBytes(StandardCharsets.UTF_8);
        every(Sealer.of(TestRing.ring(1), CONTEXT).seal(payload, 600, NOW), 5_000, t -> unsealer.unseal(t, NOW));
        every(Signer.of(TestRing.ring(1), CONTEXT).sign(payload, 600, NOW), 5_000, t -> verifier.verify(t, NOW));
        assertTrue(Sealer.of(TestRing.ring(1), CONTEXT).seal(new byte[0], 1, NOW).length() == 114);
    }

    @Test
    void ringsAndKeys() {
        String text = TestRing.key(1).secretText();
        every(text, 3_000, OnlyForVectors::key);
        every(text + ", " + TestRing.key(2).secretText(), 3_000, OnlyForVectors::ring);
        String document = "{\"cretula\":\"keyring-v1\",\"keys\":[{\"key\":\"" + text
                + "\",\"seal_from\":1790000000,\"accept_until\":1.8e9}]}";
        every(document, 5_000, OnlyForVectors::ring);
        every(document, 5_000, t -> OnlyForVectors.ring(t.getBytes(StandardCharsets.UTF_16LE)));
        every(document, 5_000, t -> OnlyForVectors.ring(t.getBytes(StandardCharsets.ISO_8859_1)));
        every(document, 5_000, t -> Json.write(Json.parse(t)));
    }

    @Test
    void sessionPayloads() {
        Sessions sessions = Sessions.builder(TestRing.ring(1), CONTEXT).build();
        Sealer sealer = Sealer.of(TestRing.ring(1), CONTEXT);
        String payload = "{\"sid\":\"AAECAwQFBgcICQoLDA0ODw\",\"start\":1790000000,\"end\":1790086400,\"rev\":1,\"sub\":\"ada\","
                + "\"gen\":7,\"auth_time\":1790000000,\"data\":{\"basket\":[17,4e0]},\"flash\":{\"a\":[1,null]}}";
        int[] opened = new int[1];
        every(payload, 5_000, t -> {
            String token = sealer.seal(t.getBytes(StandardCharsets.UTF_8), 600, NOW);
            Session s = sessions.open(token, sid -> false, NOW).check(c -> SessionCheck.Answer.generation(7));
            if (s.refused().isEmpty()) {
                opened[0]++;
                s.send();
                sessions.commit(s, NOW);
            }
        });
        assertTrue(opened[0] > 100, "some are sessions still: " + opened[0]);
    }

    @Test
    void devices() {
        SessionCookie cookie = new SessionCookie(Sessions.builder(TestRing.ring(1), CONTEXT).onEvent(Event.NONE).build(),
                CookieSettings.DEFAULT, DeviceBinding.DEFAULT);
        SoftwareKey key = new SoftwareKey();
        Session s = cookie.open(List.of(), NOW).unchecked();
        s.signOn("ada", 7);
        SessionCookie.Response r = cookie.commit(s, NOW, null);
        List<String> fields = List.of(r.setCookies().get(0).split(";")[0]);
        String challenge = SoftwareKey.between(r.registration().orElseThrow(), "challenge=\"");
        String jwt = key.registers(challenge);
        String id = SoftwareKey.between(cookie.register(fields, List.of(jwt), null, NOW).body(), "identifier\":\"");
        String header = "{\"alg\":\"ES256\",\"jwk\":" + key.jwk() + ",\"typ\":\"dbsc+jwt\"}";
        every(jwt, 3_000, t -> {
            boolean good = cookie.register(fields, List.of(t), null, NOW).status() == 200;
            assertTrue(!good || t.replaceAll("[ \t\"]", "").equals(jwt), "what was signed cannot be changed");
        });
        every(header, 3_000, t -> cookie.register(fields, List.of(key.jwt(t, "{\"jti\":\"" + challenge + "\"}")), null, NOW));
        every("{\"jti\":\"" + challenge + "\",\"authorization\":[1e0]}", 1_000,
                t -> cookie.register(fields, List.of(key.jwt(header, t)), null, NOW));
        every(id, 3_000, t -> cookie.refresh(fields, List.of(t), List.of(jwt), null, NOW));
        every("{\"sid\":\"AAECAwQFBgcICQoLDA0ODw\",\"x\":\"" + "A".repeat(43) + "\",\"y\":\"" + "B".repeat(43) + "\"}", 3_000, t -> {
            String device = Sealer.of(TestRing.ring(1), new Context(CONTEXT.audience(), CONTEXT.purpose() + ".device"))
                    .seal(t.getBytes(StandardCharsets.UTF_8), 600, NOW);
            assertTrue(cookie.refresh(fields, List.of(device), List.of(), null, NOW).status() == 401);
        });
    }

    @Test
    void cookies() {
        SessionCookie cookie =
                new SessionCookie(Sessions.builder(TestRing.ring(1), CONTEXT).build(), CookieSettings.DEFAULT);
        Session s = cookie.open(List.of(), NOW).unchecked();
        s.put("a", Json.of(1));
        String token = cookie.commit(s, NOW, null).commit().sealed().get().token();
        String field = "a=b; __Host-Http-session=" + token + "; __Host-Http-session=2.aaaaaaaa." + token.substring(0, 60)
                + "; __Host-Http-session.1=aaaaaaaa." + token.substring(60) + "; __Host-Http-session.end=AAAAAAAAAAAAAAAAAAAAAA";
        every(field, 5_000, t -> {
            Session read = cookie.open(List.of(t, "x"), NOW).unchecked();
            if (random.nextBoolean()) {
                read.signOff();
            }
            for (String line : cookie.commit(read, NOW, null).setCookies()) {
                assertTrue(line.matches("[!-~ ]*"));
            }
        });
        every("__Host-Http-session", 3_000, t -> CookieSettings.builder().name(t).path(mutate("/a")).build());
    }
}
