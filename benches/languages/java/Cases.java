import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.DirectDecrypter;
import com.nimbusds.jose.crypto.DirectEncrypter;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jwt.EncryptedJWT;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.cretula.Context;
import dev.cretula.Key;
import dev.cretula.Keyring;
import dev.cretula.Sealer;
import dev.cretula.Session;
import dev.cretula.SessionCheck;
import dev.cretula.SessionCheck.Answer;
import dev.cretula.SessionCookie;
import dev.cretula.Signer;
import dev.cretula.Site;
import dev.cretula.Unsealer;
import dev.cretula.Verifier;
import dev.cretula.json.Json;
import dev.cretula.testing.Testing;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Cretula for Java beside what else seals a session there. {@code ../run.py} runs it, with settings as its argument; it
 * prints what was measured as JSON.
 */
public final class Cases {
    private static final String ENCRYPTED = "encrypted";
    private static final String SIGNED = "signed only";

    private final String text;
    private final long ttl;
    private final int tokens;
    private final int rounds;
    private final double warmUp;
    private final double turn;

    private final Keyring ring = Keyring.of(List.of(new Keyring.Entry(Key.generate())));
    private final byte[] secret = new byte[32];

    /** One thing to do, again and again, and what has to come out of it. */
    private record Case(String name, String kind, Call<Object> run, Consumer<Object> check) {}

    private record Tokens(String name, String kind, Turn<String, String> seal, Turn<String, String> unseal) {}

    /** What an application keeps; Cretula keeps the user itself. */
    public record Shop(List<Long> basket, String note) {
        Shop visited(boolean changes) {
            if (!changes) {
                return this;
            }
            List<Long> more = new ArrayList<>(basket);
            more.add(1L);
            return new Shop(more, note);
        }
    }

    /** What a request wrote and read. */
    private record Answered(List<String> setCookies, String user, Shop shop) {}

    private record Requests(String name, String kind, Call<String> first, Handler answer) {}

    private interface Call<T> {
        T call() throws Exception;
    }

    private interface Turn<A, B> {
        B turn(A in) throws Exception;
    }

    private interface Handler {
        Answered answer(String field, boolean changes) throws Exception;
    }

    private Cases(Json.Obj settings) {
        text = ((Json.Str) settings.get("text")).value();
        ttl = (long) number(settings, "ttl");
        tokens = (int) number(settings, "tokens");
        rounds = (int) number(settings, "rounds");
        warmUp = number(settings, "warm_up");
        turn = number(settings, "turn");
        new SecureRandom().nextBytes(secret);
    }

    private static double number(Json.Obj settings, String name) {
        return ((Json.Num) settings.get(name)).value();
    }

    // What a user of nimbus-jose-jwt writes.

    private Date expiry() {
        return new Date(System.currentTimeMillis() + ttl * 1000);
    }

    private static JWTClaimsSet live(JWTClaimsSet claims) {
        require(claims.getExpirationTime().after(new Date()), "expired");
        return claims;
    }

    private String encrypt(JWTClaimsSet.Builder claims) throws Exception {
        JWEHeader header = new JWEHeader(JWEAlgorithm.DIR, EncryptionMethod.A256GCM);
        EncryptedJWT jwt = new EncryptedJWT(header, claims.expirationTime(expiry()).build());
        jwt.encrypt(new DirectEncrypter(secret));
        return jwt.serialize();
    }

    private JWTClaimsSet decrypt(String token) throws Exception {
        EncryptedJWT jwt = EncryptedJWT.parse(token);
        jwt.decrypt(new DirectDecrypter(secret));
        return live(jwt.getJWTClaimsSet());
    }

    private String sign(JWTClaimsSet.Builder claims) throws Exception {
        SignedJWT jwt = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims.expirationTime(expiry()).build());
        jwt.sign(new MACSigner(secret));
        return jwt.serialize();
    }

    private JWTClaimsSet verify(String token) throws Exception {
        SignedJWT jwt = SignedJWT.parse(token);
        require(jwt.verify(new MACVerifier(secret)), "another signature");
        return live(jwt.getJWTClaimsSet());
    }

    private static JWTClaimsSet.Builder claim(String text) {
        return new JWTClaimsSet.Builder().claim("text", text);
    }

    /** Text in, token out; token in, text out. */
    private List<Tokens> tokenCases() {
        Context invitation = new Context("shop.example", "invitation");
        Sealer sealer = Sealer.of(ring, invitation);
        Unsealer unsealer = Unsealer.of(ring, invitation);
        Signer signer = Signer.of(ring, invitation);
        Verifier verifier = Verifier.of(ring, invitation);
        return List.of(
                new Tokens("Cretula sealed", ENCRYPTED, in -> sealer.seal(in.getBytes(StandardCharsets.UTF_8), ttl),
                        token -> new String(unsealer.unseal(token).payload(), StandardCharsets.UTF_8)),
                new Tokens("nimbus-jose-jwt, dir A256GCM", ENCRYPTED, in -> encrypt(claim(in)),
                        token -> decrypt(token).getStringClaim("text")),
                new Tokens("Cretula signed", SIGNED, in -> signer.sign(in.getBytes(StandardCharsets.UTF_8), ttl),
                        token -> new String(verifier.verify(token).payload(), StandardCharsets.UTF_8)),
                new Tokens("nimbus-jose-jwt, HS256", SIGNED, in -> sign(claim(in)),
                        token -> verify(token).getStringClaim("text")));
    }

    /** From the raw Cookie field to the Set-Cookie lines, and what the application read. */
    private List<Requests> requestCases() {
        Map<String, Long> generations = Map.of("ada", 7L);
        SessionCheck check =
                claim -> claim.sub().map(generations::get).map(Answer::generation).orElse(Answer.NONE);
        SessionCookie sessions = Site.of(ring, "shop.example").sessions().build();
        Json basket = new Json.Arr(List.of(Json.of(17), Json.of(4)));
        Json.Obj data = object(Map.of("basket", basket, "note", Json.of(text)));
        return List.of(
                new Requests("Cretula", ENCRYPTED,
                        () -> Testing.signedOn(sessions, "ada", 7, data),
                        (field, changes) -> {
                            Session session = sessions.open(List.of(field)).check(check);
                            Shop shop = changes ? session.update(Shop.class, old -> old.visited(true))
                                    : session.view(Shop.class);
                            String user = session.user().orElseThrow().sub();
                            return new Answered(sessions.commit(session, null).setCookies(), user, shop);
                        }),
                new Requests("nimbus-jose-jwt, dir A256GCM", ENCRYPTED,
                        () -> "session=" + encrypt(claims("ada", new Shop(List.of(17L, 4L), text))),
                        (field, changes) -> {
                            JWTClaimsSet claims = decrypt(cookie(field, "session"));
                            String user = claims.getStringClaim("user");
                            List<Long> items = claims.getListClaim("basket").stream().map(Long.class::cast).toList();
                            Shop shop = new Shop(items, claims.getStringClaim("note")).visited(changes);
                            List<String> lines = changes ? List.of("session=" + encrypt(claims(user, shop)) + "; Max-Age="
                                    + ttl + "; Path=/; Secure; HttpOnly; SameSite=Lax") : List.of();
                            return new Answered(lines, user, shop);
                        }));
    }

    private static JWTClaimsSet.Builder claims(String user, Shop shop) {
        return new JWTClaimsSet.Builder().claim("user", user).claim("basket", shop.basket()).claim("note", shop.note());
    }

    private static String cookie(String field, String name) {
        for (String pair : field.split(";")) {
            int equals = pair.indexOf('=');
            if (equals > 0 && pair.substring(0, equals).strip().equals(name)) {
                return pair.substring(equals + 1).strip();
            }
        }
        throw new IllegalArgumentException("no cookie");
    }

    private static void require(boolean truth, String words) {
        if (!truth) {
            throw new IllegalStateException(words);
        }
    }

    /** Gives them one after the other, again and again. */
    private static <T> Supplier<T> inTurns(List<T> list) {
        int[] next = {0};
        return () -> list.get(next[0]++ % list.size());
    }

    private Case sealing(Tokens peer) {
        return new Case(peer.name, peer.kind, () -> peer.seal.turn(text),
                token -> require(text.equals(done(() -> peer.unseal.turn((String) token))), peer.name + ": another text"));
    }

    private Case unsealing(Tokens peer) {
        List<String> made = new ArrayList<>();
        while (made.size() < tokens) {
            String token = done(() -> peer.seal.turn(text));
            // What signs without randomness makes the same token in the same second.
            require(peer.kind.equals(SIGNED) || !made.contains(token), peer.name + ": a token came twice");
            made.add(token);
        }
        StringBuilder altered = new StringBuilder(made.get(0));
        int at = altered.length() / 2;
        altered.setCharAt(at, altered.charAt(at) == 'A' ? 'B' : 'A');
        boolean opened = true;
        try {
            peer.unseal.turn(altered.toString());
        } catch (Exception e) {
            opened = false;
        }
        require(!opened, peer.name + " opened an altered token");
        Supplier<String> next = inTurns(made);
        return new Case(peer.name, peer.kind, () -> peer.unseal.turn(next.get()),
                out -> require(text.equals(out), peer.name + ": another text"));
    }

    private Case requesting(Requests peer, boolean changes) {
        List<String> fields = new ArrayList<>();
        while (fields.size() < tokens) {
            fields.add("theme=dark; _ga=GA1.2.1234567890.1234567890; " + done(peer.first));
        }
        Shop wanted = new Shop(List.of(17L, 4L), text).visited(changes);
        Supplier<String> next = inTurns(fields);
        return new Case(peer.name, peer.kind, () -> peer.answer.answer(next.get(), changes), result -> {
            Answered answered = (Answered) result;
            require(answered.user.equals("ada") && answered.shop.equals(wanted), peer.name + ": another session");
            require(answered.setCookies.isEmpty() != changes, peer.name + " wrote " + answered.setCookies);
            if (changes) {
                String again = answered.setCookies.stream().map(line -> line.substring(0, line.indexOf(';')))
                        .collect(Collectors.joining("; "));
                require(done(() -> peer.answer.answer(again, false)).shop.equals(wanted), peer.name + ": a change was lost");
            }
        });
    }

    private static <T> T done(Call<T> call) {
        try {
            return call.call();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** What the calls gave, so that none can be left out. */
    private Object last;

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    /** Microseconds of processor time that so many calls take in this thread; the JDK tells the process's in ticks. */
    private double timed(Call<Object> run, int calls) throws Exception {
        long begun = THREADS.getCurrentThreadCpuTime();
        for (int call = 0; call < calls; call++) {
            last = run.call();
        }
        return (THREADS.getCurrentThreadCpuTime() - begun) / 1000.0;
    }

    /** Warms a case up, and returns how many calls take about a turn. */
    private int calibrate(Call<Object> run) throws Exception {
        int calls = 1;
        for (double spent = 0;;) {
            double took = timed(run, calls);
            spent += took;
            if (took >= turn * 1000 && spent >= warmUp * 1000) {
                return (int) Math.max(1, Math.round(calls * turn * 1000 / took));
            }
            if (took < turn * 1000) {
                calls *= 2;
            }
        }
    }

    private Json.Obj measure(String section, List<Case> cases) throws Exception {
        for (Case one : cases) {
            for (int call = 0; call < tokens; call++) {
                one.check.accept(one.run.call());
            }
        }
        Json.Arr results = new Json.Arr(List.of());
        if (rounds > 0) {
            int[] calls = new int[cases.size()];
            for (int at = 0; at < calls.length; at++) {
                calls[at] = calibrate(cases.get(at).run);
            }
            double[][] times = new double[calls.length][rounds];
            for (int round = 0; round < rounds; round++) {
                for (int place = 0; place < calls.length; place++) {
                    int at = (round + place) % calls.length;
                    times[at][round] = timed(cases.get(at).run, calls[at]) / calls[at];
                }
            }
            for (int at = 0; at < calls.length; at++) {
                Arrays.sort(times[at]);
                results = results.with(object(Map.of(
                        "name", Json.of(cases.get(at).name),
                        "kind", Json.of(cases.get(at).kind),
                        "microseconds", new Json.Num(Double.toString(times[at][rounds / 2])))));
            }
        }
        return object(Map.of("section", Json.of(section), "cases", results));
    }

    private static Json.Obj object(Map<String, Json> members) {
        return new Json.Obj(new LinkedHashMap<>(members));
    }

    /** The version in the jar that ran. */
    private static String version(String group, String artifact) throws Exception {
        Properties properties = new Properties();
        try (InputStream in = Cases.class.getResourceAsStream("/META-INF/maven/" + group + "/" + artifact + "/pom.properties")) {
            properties.load(in);
        }
        return artifact + " " + properties.getProperty("version");
    }

    public static void main(String[] args) throws Exception {
        Cases cases = new Cases((Json.Obj) Json.parse(args[0]));
        List<Tokens> tokens = cases.tokenCases();
        List<Requests> requests = cases.requestCases();
        Json.Arr sections = new Json.Arr(List.of(
                cases.measure("seal", tokens.stream().map(cases::sealing).toList()),
                cases.measure("unseal", tokens.stream().map(cases::unsealing).toList()),
                cases.measure("read", requests.stream().map(peer -> cases.requesting(peer, false)).toList()),
                cases.measure("change", requests.stream().map(peer -> cases.requesting(peer, true)).toList())));
        String runtime = System.getProperty("java.vm.name") + " " + Runtime.version();
        System.out.println(Json.write(object(Map.of(
                "runtime", Json.of(runtime),
                "peers", new Json.Arr(List.of(Json.of(version("com.nimbusds", "nimbus-jose-jwt")))),
                "sections", sections))));
    }
}
