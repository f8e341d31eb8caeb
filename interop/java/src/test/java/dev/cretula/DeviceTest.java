package dev.cretula;

import static dev.cretula.SoftwareKey.between;
import static dev.cretula.TestRing.CONTEXT;
import static dev.cretula.TestRing.NOW;
import static dev.cretula.TestRing.code;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cretula.SessionCheck.Answer;
import dev.cretula.json.Json;
import dev.cretula.hazmat.OnlyForVectors;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Sessions bound to devices (§21), without a server. */
class DeviceTest {
    private static final String NAME = "__Host-Http-session";
    private static final String PROOF = "__Host-session.proof";

    private final SoftwareKey key = new SoftwareKey();
    private final SessionCookie cookie = cookie(TestRing.ring(1), 0, DeviceBinding.DEFAULT);
    /** What a browser holds: cookies by name, and the device token. */
    private final Map<String, String> jar = new LinkedHashMap<>();
    private String id;
    private int asked;
    private Answer answer = Answer.generation(7);

    private static SessionCookie cookie(KeyringSource ring, long recheck, DeviceBinding binding) {
        return new SessionCookie(Sessions.builder(ring, CONTEXT).policy(SessionPolicy.DEFAULT.withRecheck(recheck))
                .onEvent(Event.NONE).build(), CookieSettings.DEFAULT, binding);
    }

    private Answer check(SessionCheck.Claim claim) {
        asked++;
        return answer;
    }

    private static List<String> fields(Map<String, String> jar) {
        List<String> pairs = new ArrayList<>();
        jar.forEach((name, value) -> pairs.add(name + "=" + value));
        return List.of(String.join("; ", pairs));
    }

    private void take(List<String> lines) {
        for (String line : lines) {
            String[] pair = line.substring(0, line.indexOf(';')).split("=", 2);
            if (line.contains("; Max-Age=0;")) {
                jar.remove(pair[0]);
            } else {
                jar.put(pair[0], pair[1]);
            }
        }
    }

    private static List<String> values(DeviceAnswer a, String name) {
        return a.headers().stream().filter(h -> h.getKey().equals(name)).map(Map.Entry::getValue).toList();
    }

    private Session open(SessionCookie cookie, long now) {
        return cookie.open(fields(jar), now).check(this::check);
    }

    private Optional<Code> refused(long now) {
        return open(cookie, now).refused();
    }

    private String signOn(SessionCookie cookie, long now) {
        Session s = cookie.open(fields(jar), now).check(this::check);
        s.signOn("ada", 7);
        SessionCookie.Response r = cookie.commit(s, now, null);
        take(r.setCookies());
        return between(r.registration().orElseThrow(), "challenge=\"");
    }

    private DeviceAnswer register(SessionCookie cookie, String jwt, long now) {
        DeviceAnswer a = cookie.register(fields(jar), List.of(jwt), this::check, now);
        if (a.status() == 200) {
            take(values(a, "Set-Cookie"));
            id = between(a.body(), "\"session_identifier\":\"");
        }
        return a;
    }

    private DeviceAnswer refresh(SessionCookie cookie, long now, String... jwts) {
        DeviceAnswer a = cookie.refresh(fields(jar), List.of(id), List.of(jwts), this::check, now);
        take(values(a, "Set-Cookie"));
        return a;
    }

    private String challenge(SessionCookie cookie, long now) {
        DeviceAnswer a = refresh(cookie, now);
        assertEquals(403, a.status());
        assertEquals("", a.body());
        String value = values(a, "Secure-Session-Challenge").get(0);
        assertEquals(id, between(value, ";id=\""));
        return value.substring(1, value.indexOf('"', 1));
    }

    private void bind(long now) {
        assertEquals(200, register(cookie, key.registers(signOn(cookie, now)), now).status());
    }

    private static void assertRefused(int status, Code code, DeviceAnswer a) {
        assertEquals(status, a.status(), a.toString());
        assertEquals(Optional.of(code), a.reason());
        assertEquals(List.of(Map.entry("Vary", "Cookie"), Map.entry("Cache-Control", "no-store")), a.headers());
        assertEquals("", a.body());
        assertTrue(a.written().isEmpty());
    }

    private void assertOver(Code code, DeviceAnswer a) {
        assertEquals(200, a.status(), a.toString());
        assertEquals(Optional.of(code), a.reason());
        assertEquals("{\"session_identifier\":\"" + id + "\",\"continue\":false}", a.body());
        assertEquals(List.of(Map.entry("Vary", "Cookie"), Map.entry("Cache-Control", "no-store"),
                Map.entry("Content-Type", "application/json")), a.headers());
    }

    @Test
    void theOffer() {
        Session s = open(cookie, NOW);
        s.put("a", Json.of(1));
        assertEquals(Optional.empty(), cookie.commit(s, NOW, null).registration(), "a guest");
        signOn(cookie, NOW);
        Session page = open(cookie, NOW + 1);
        page.put("a", Json.of(1));
        assertEquals(Optional.empty(), cookie.commit(page, NOW + 1, null).registration(), "no sign-on");
        Session again = open(cookie, NOW + 1);
        again.reauthenticate(7);
        SessionCookie.Response r = cookie.commit(again, NOW + 1, null);
        assertTrue(r.registration().orElseThrow().startsWith("(ES256);path=\"/device-binding/start\";challenge=\"CrE1"));
        take(r.setCookies());
        register(cookie, key.registers(between(r.registration().get(), "challenge=\"")), NOW + 1);
        Session bound = open(cookie, NOW + 2);
        assertTrue(bound.isBound());
        bound.reauthenticate(7);
        SessionCookie.Response kept = cookie.commit(bound, NOW + 2, null);
        assertEquals(Optional.empty(), kept.registration(), "jkt stays");
        take(kept.setCookies());
        assertTrue(open(cookie, NOW + 3).isBound());
        Session other = open(cookie, NOW + 3);
        other.signOn("grace", 7);
        assertFalse(other.isBound());
        assertTrue(cookie.commit(other, NOW + 3, null).registration().isPresent());
        Session out = open(cookie, NOW + 3);
        out.signOff();
        SessionCookie.Response gone = cookie.commit(out, NOW + 3, null);
        assertEquals(Optional.empty(), gone.registration());
        assertEquals(PROOF + "=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax", gone.setCookies().get(0));
        assertTrue(gone.setCookies().get(gone.setCookies().size() - 1).startsWith(NAME + "=;"));
    }

    @Test
    void anOfferThatCannotBeSealedFailsTheCommit() {
        // The generator gives salt and iv of the session, and nothing for the challenge.
        Session s = open(cookie, NOW);
        s.signOn("ada", 7);
        OnlyForVectors.Fixed fixed = new OnlyForVectors.Fixed("A".repeat(22), new byte[12], new byte[12], null,
                Map.of("challenge", OnlyForVectors.Fixed.NO_RANDOMNESS));
        assertEquals(Code.NO_RANDOMNESS, code(() -> OnlyForVectors.commit(cookie, s, NOW, null, fixed)));
        assertTrue(cookie.commit(s, NOW, null).registration().isPresent(), "and may be tried again");
    }

    @Test
    void aCopyDiesWithTheProof() {
        bind(NOW);
        assertEquals(Optional.empty(), refused(NOW + 59), "the first proof is a short one");
        assertEquals(Optional.of(Code.UNPROVEN), refused(NOW + 60));
        assertTrue(open(cookie, NOW + 60).notNow());
        Map<String, String> copy = new LinkedHashMap<>(jar);
        // The thief has the device token as well, and a key of their own.
        SoftwareKey theirs = new SoftwareKey();
        String challenge = challenge(cookie, NOW + 600);
        assertRefused(401, Code.JWT_SIGNATURE, refresh(cookie, NOW + 601, theirs.registers(challenge)));
        assertRefused(401, Code.JWT_SIGNATURE, refresh(cookie, NOW + 601, theirs.refreshes(challenge)));
        assertRefused(401, Code.JWT_FORMAT, refresh(cookie, NOW + 601, key.refreshes(challenge), key.refreshes(challenge)));
        DeviceAnswer good = refresh(cookie, NOW + 601, "\t\"" + key.refreshes(challenge) + "\" ");
        assertEquals(200, good.status());
        assertEquals("", good.body());
        assertEquals(List.of("Set-Cookie", "Vary", "Cache-Control"), good.headers().stream().map(Map.Entry::getKey).toList());
        assertTrue(good.headers().get(0).getValue().matches(
                PROOF + "=CrE1[^;]*; Path=/; Max-Age=600; Secure; HttpOnly; SameSite=Lax"));
        assertEquals(Optional.empty(), refused(NOW + 601 + 599));
        assertEquals(Optional.of(Code.UNPROVEN), cookie.open(fields(copy), NOW + 602).check(this::check).refused());
        // No look-up for a copy.
        asked = 0;
        cookie.open(fields(copy), NOW + 602).check(this::check);
        assertEquals(0, asked);
    }

    @Test
    void aRegistration() {
        String challenge = signOn(cookie, NOW);
        assertRefused(401, Code.JWT_FORMAT, cookie.register(fields(jar), List.of(), this::check, NOW));
        String jwt = key.registers(challenge);
        assertRefused(401, Code.JWT_FORMAT, cookie.register(fields(jar), List.of(jwt, jwt), this::check, NOW));
        assertRefused(401, Code.ABSENT, cookie.register(List.of(), List.of(jwt), this::check, NOW));
        assertRefused(401, Code.CHALLENGE_INVALID, register(cookie, key.registers("c"), NOW));
        assertRefused(401, Code.CHALLENGE_INVALID, register(cookie, jwt, NOW + 60));
        assertRefused(401, Code.CHALLENGE_INVALID, register(cookie, key.registers(jar.get(NAME)), NOW));
        assertRefused(401, Code.JWT_KEY, register(cookie, key.refreshes(challenge), NOW));
        answer = Answer.NONE;
        assertRefused(503, Code.UNCHECKED, register(cookie, jwt, NOW));
        answer = Answer.generation(8);
        assertRefused(401, Code.REVOKED, register(cookie, jwt, NOW));
        answer = Answer.generation(7).deny();
        assertRefused(401, Code.SIGNED_OFF, register(cookie, jwt, NOW));
        answer = Answer.generation(7);
        String sid = open(cookie, NOW).sid().orElseThrow();
        DeviceAnswer a = register(cookie, jwt, NOW + 5);
        assertEquals("{\"session_identifier\":\"" + id + "\",\"refresh_url\":\"/device-binding/refresh\",\"scope\":"
                + "{\"include_site\":false,\"scope_specification\":[]},\"credentials\":[{\"type\":\"cookie\",\"name\":\""
                + PROOF + "\",\"attributes\":\"Path=/; Secure; HttpOnly; SameSite=Lax\"}]}", a.body());
        assertEquals(List.of("Set-Cookie", "Set-Cookie", "Vary", "Cache-Control", "Content-Type"),
                a.headers().stream().map(Map.Entry::getKey).toList());
        Session bound = open(cookie, NOW + 6);
        assertTrue(bound.isBound());
        assertEquals(sid, bound.sid().orElseThrow());
        assertEquals(NOW + 86_400, bound.last(), "the end does not move");
        // The same key again is good, another is not.
        assertEquals(200, register(cookie, jwt, NOW + 7).status());
        assertRefused(401, Code.DEVICE_MISMATCH, register(cookie, new SoftwareKey().registers(challenge), NOW + 8));
        String first = jar.get(NAME);
        String later = signOn(cookie, NOW + 9);
        assertRefused(401, Code.CHALLENGE_INVALID, register(cookie, jwt, NOW + 9));
        jar.put(NAME, first);
        assertRefused(401, Code.CHALLENGE_INVALID, register(cookie, key.registers(later), NOW + 9));
    }

    @Test
    void aRefresh() {
        bind(NOW);
        String good = id;
        assertRefused(401, Code.ABSENT, cookie.refresh(fields(jar), List.of(), List.of(), this::check, NOW));
        assertRefused(401, Code.ABSENT, cookie.refresh(fields(jar), List.of(id, id), List.of(), this::check, NOW));
        for (String bad : List.of(jar.get(NAME), jar.get(PROOF))) {
            id = bad;
            assertRefused(503, Code.UNKNOWN_KEY, refresh(cookie, NOW));
        }
        id = "none";
        assertRefused(401, Code.NOT_A_TOKEN, refresh(cookie, NOW));
        id = good;
        String stale = key.refreshes(challenge(cookie, NOW));
        DeviceAnswer late = refresh(cookie, NOW + 60, stale);
        assertEquals(403, late.status());
        assertEquals(Optional.of(Code.CHALLENGE_INVALID), late.reason());
        String next = between(values(late, "Secure-Session-Challenge").get(0), "\"");
        assertEquals(200, refresh(cookie, NOW + 61, key.refreshes(next)).status());
        // A challenge of a registration is none of a refresh.
        assertEquals(403, refresh(cookie, NOW + 61, key.refreshes(signOnOther())).status());
        answer = Answer.NONE;
        assertRefused(503, Code.UNCHECKED, refresh(cookie, NOW + 62, key.refreshes(next)));
        answer = Answer.generation(8);
        assertOver(Code.REVOKED, refresh(cookie, NOW + 62, key.refreshes(next)));
        answer = Answer.generation(7).deny();
        assertOver(Code.SIGNED_OFF, refresh(cookie, NOW + 62, key.refreshes(next)));
        answer = Answer.generation(7);
        Map<String, String> held = new LinkedHashMap<>(jar);
        jar.clear();
        assertOver(Code.ABSENT, refresh(cookie, NOW + 62));
        jar.putAll(held);
        signOn(cookie, NOW + 63);
        assertOver(Code.DEVICE_MISMATCH, refresh(cookie, NOW + 63));
        String another = new SoftwareKey().registers(signOn(cookie, NOW + 64));
        register(cookie, another, NOW + 64);
        id = good;
        assertOver(Code.DEVICE_MISMATCH, refresh(cookie, NOW + 64));
    }

    private String signOnOther() {
        Session s = cookie.open(List.of(), NOW + 61).unchecked();
        s.signOn("ada", 7);
        return between(cookie.commit(s, NOW + 61, null).registration().orElseThrow(), "challenge=\"");
    }

    @Test
    void aServerWithoutAClockOrAKeySaysNotNow() {
        String jwt = key.registers(signOn(cookie, NOW));
        SessionCookie stopped = new SessionCookie(Sessions.builder(TestRing.ring(1), CONTEXT).onEvent(Event.NONE)
                .clock(NoClockTest.clocks().get(0)).build(), CookieSettings.DEFAULT, DeviceBinding.DEFAULT);
        assertRefused(503, Code.NO_CLOCK, stopped.register(fields(jar), List.of(jwt), this::check));
        assertRefused(401, Code.JWT_FORMAT, stopped.register(fields(jar), List.of(), this::check));
        SessionCookie late = cookie(TestRing.ring(2), 0, DeviceBinding.DEFAULT);
        assertRefused(503, Code.UNKNOWN_KEY, late.register(fields(jar), List.of(jwt), this::check, NOW));
        register(cookie, jwt, NOW);
        assertRefused(503, Code.NO_CLOCK, stopped.refresh(fields(jar), List.of(id), List.of(), this::check));
        assertRefused(503, Code.UNKNOWN_KEY, late.refresh(fields(jar), List.of(id), List.of(), this::check, NOW));
        assertEquals(Code.CLOCK_RANGE, code(() -> cookie.refresh(fields(jar), List.of(id), List.of(), this::check, -1)));
    }

    /** A slow response that began before the registration overwrites the bound session (§21.8). */
    @Test
    void aRefreshBindsAgain() {
        String challenge = signOn(cookie, NOW);
        Session slow = open(cookie, NOW + 1);
        slow.put("a", Json.of(1));
        register(cookie, key.registers(challenge), NOW + 2);
        take(cookie.commit(slow, NOW + 3, null).setCookies());
        assertFalse(open(cookie, NOW + 4).isBound());
        DeviceAnswer a = refresh(cookie, NOW + 5, key.refreshes(challenge(cookie, NOW + 5)));
        assertEquals(200, a.status());
        assertEquals(2, values(a, "Set-Cookie").size());
        assertTrue(values(a, "Set-Cookie").get(0).startsWith(PROOF + "=CrE1"));
        Session healed = open(cookie, NOW + 6);
        assertTrue(healed.isBound());
        assertEquals("{\"a\":1}", Json.write(healed.data()));
    }

    /** The three tokens differ in their purposes, and so in their keys. */
    @Test
    void noTokenPassesForAnother() {
        String challenge = signOn(cookie, NOW);
        register(cookie, key.registers(challenge), NOW);
        String proof = jar.get(PROOF);
        String session = jar.get(NAME);
        for (String other : List.of(challenge, id, session, "2.aaaaaaaa." + proof, proof.substring(1), "", proof + "A")) {
            jar.put(PROOF, other);
            assertEquals(Optional.of(Code.UNPROVEN), refused(NOW + 1), other);
        }
        jar.put(PROOF, proof);
        for (String other : List.of(challenge, id, proof)) {
            jar.put(NAME, other);
            assertEquals(Optional.of(Code.UNKNOWN_KEY), refused(NOW + 1));
        }
    }

    @Test
    void aProofAmongOthers() throws Exception {
        bind(NOW);
        String proof = jar.get(PROOF);
        Context context = new Context(CONTEXT.audience(), CONTEXT.purpose() + ".proof");
        List<String> others = new ArrayList<>();
        for (String payload : List.of("{\"jkt\":\"" + "A".repeat(43) + "\"}", "{}", "{\"jkt\":null}", "null")) {
            others.add(Sealer.of(TestRing.ring(1), context).seal(payload.getBytes(StandardCharsets.UTF_8), 600, NOW));
        }
        String own = new String(Unsealer.of(TestRing.ring(1), context).unseal(proof, NOW).payload(), StandardCharsets.UTF_8);
        others.add(Sealer.of(TestRing.ring(1), context).seal(own.replace("}", ",\"a\":1}").getBytes(StandardCharsets.UTF_8), 600, NOW));
        String field = NAME + "=" + jar.get(NAME) + "; ";
        String proofs = String.join("; ", others.stream().map(p -> PROOF + "=" + p).toList());
        String good = "; " + PROOF + "=" + proof;
        assertEquals(Optional.of(Code.UNPROVEN), cookie.open(List.of(field + proofs), NOW).unchecked().refused());
        // The first four of the shape are looked at; what has no shape, and what was there, does not count.
        assertEquals(Optional.of(Code.UNPROVEN), cookie.open(List.of(field + proofs + good), NOW).unchecked().refused());
        String three = String.join("; ", others.subList(0, 3).stream().map(p -> PROOF + "=" + p).toList());
        String odd = "; " + PROOF + "=" + others.get(0) + "; " + PROOF + "=x; " + PROOF;
        assertEquals(Optional.empty(), cookie.open(List.of(field + three + odd, good), NOW).unchecked().refused());
        // A proof that was granted longer than this server grants is cut.
        SessionCookie strict = cookie(TestRing.ring(1), 0, DeviceBinding.builder().proof(50).build());
        assertEquals(Optional.of(Code.UNPROVEN), open(strict, NOW + 50).refused());
        assertEquals(Optional.empty(), open(strict, NOW + 49).refused());
    }

    @Test
    void serversWithoutDeviceBindingRefuse() {
        bind(NOW);
        SessionCookie without = new SessionCookie(Sessions.builder(TestRing.ring(1), CONTEXT).onEvent(Event.NONE).build(),
                CookieSettings.DEFAULT);
        assertEquals(Optional.of(Code.UNPROVEN), open(without, NOW + 1).refused());
        Sessions sessions = Sessions.builder(TestRing.ring(1), CONTEXT).onEvent(Event.NONE).build();
        Session s = sessions.open(jar.get(NAME), sid -> false, NOW + 1).check(this::check);
        assertEquals(Optional.of(Code.UNPROVEN), s.refused());
        // It is authentic: a sign-off gives it to the deny-list (SESS-17).
        s.signOff();
        assertEquals(1, sessions.commit(s, NOW + 1).ended().size());
        assertThrows(IllegalStateException.class, () -> without.register(List.of(), List.of(), null, NOW));
    }

    @Test
    void bindingMayBeDemanded() {
        SessionCookie demands = cookie(TestRing.ring(1), 0, DeviceBinding.builder().requireAfter(30).build());
        String challenge = signOn(demands, NOW);
        assertEquals(Optional.empty(), open(demands, NOW + 29).refused());
        assertEquals(Optional.of(Code.UNPROVEN), open(demands, NOW + 30).refused());
        assertEquals(200, register(demands, key.registers(challenge), NOW + 40).status(), "the endpoint opens it still");
        assertEquals(Optional.empty(), open(demands, NOW + 41).refused());
        jar.clear();
        Session guest = open(demands, NOW);
        guest.put("a", Json.of(1));
        take(demands.commit(guest, NOW, null).setCookies());
        assertEquals(Optional.empty(), open(demands, NOW + 1_000).refused(), "a guest's need not be bound");
    }

    /** A proof is the sign of an answered check (SESS-30). */
    @Test
    void aProofSparesTheCheck() {
        SessionCookie rechecks = cookie(TestRing.ring(1), 600, DeviceBinding.DEFAULT);
        String challenge = signOn(rechecks, NOW);
        asked = 0;
        open(rechecks, NOW + 1);
        assertEquals(0, asked, "the sign-on counts");
        register(rechecks, key.registers(challenge), NOW + 10);
        assertEquals(1, asked, "a registration asks, due or not");
        assertEquals(Optional.empty(), open(rechecks, NOW + 69).refused());
        assertEquals(1, asked);
        refresh(rechecks, NOW + 500, key.refreshes(challenge(rechecks, NOW + 500)));
        assertEquals(2, asked);
        answer = Answer.generation(8);
        Session trusted = open(rechecks, NOW + 1_099);
        assertEquals(Optional.empty(), trusted.refused());
        assertEquals(2, asked, "by the proof, not by what the session says");
        // No check was asked, so nothing is written as checked: only the refresh of the idle end.
        String written = new String(rechecks.commit(trusted, NOW + 1_099, null).commit().sealed().orElseThrow().payload(),
                StandardCharsets.UTF_8);
        assertTrue(written.contains("\"checked\":" + (NOW + 10) + ","), written);
    }

    /** Though the keyring is exchanged while the check is asked (RING-17). */
    @Test
    void oneRingAnswers() {
        Keyring first = TestRing.ring(1);
        LiveKeyring ring = new LiveKeyring(first);
        SessionCookie live = cookie(ring, 0, DeviceBinding.DEFAULT);
        String jwt = key.registers(signOn(live, NOW));
        DeviceAnswer a = live.register(fields(jar), List.of(jwt), claim -> {
            ring.exchange(TestRing.ring(2));
            return answer;
        }, NOW);
        assertEquals(200, a.status());
        take(values(a, "Set-Cookie"));
        id = between(a.body(), "\"session_identifier\":\"");
        ring.exchange(first);
        assertEquals(Optional.empty(), open(live, NOW).refused());
        challenge(live, NOW);
    }

    /** A guest's session passes a check that fails, but is not written as a checked one (SESS-31). */
    @Test
    void aCheckThatThrowsIsNoAnswer() {
        Sessions sessions = Sessions.builder(TestRing.ring(1), CONTEXT).policy(SessionPolicy.DEFAULT.withRecheck(600))
                .onEvent(Event.NONE).build();
        Session s = sessions.open(null, sid -> false, NOW).unchecked();
        s.put("a", Json.of(1));
        String token = sessions.commit(s, NOW).sealed().orElseThrow().token();
        Session failed = sessions.open(token, sid -> false, NOW + 600).check(claim -> {
            throw new java.io.IOException("down");
        });
        assertEquals(Optional.empty(), failed.refused());
        assertEquals(Commit.Wrote.NOTHING, sessions.commit(failed, NOW + 600).wrote());
        Session answered = sessions.open(token, sid -> false, NOW + 600).check(claim -> null);
        assertEquals(Commit.Wrote.SEAL, sessions.commit(answered, NOW + 600).wrote());
        Session notDue = sessions.open(token, sid -> false, NOW + 599).check(claim -> {
            throw new AssertionError("asked");
        });
        assertEquals(Commit.Wrote.NOTHING, sessions.commit(notDue, NOW + 599).wrote());
    }

    @Test
    void aSessionThatNoLongerFitsStaysAsItWas() {
        Session s = open(cookie, NOW);
        s.signOn("ada", 7);
        s.put("a", Json.of("x".repeat(2_810)));
        SessionCookie.Response r = cookie.commit(s, NOW, null);
        take(r.setCookies());
        String jwt = key.registers(between(r.registration().orElseThrow(), "challenge=\""));
        assertEquals(Code.COOKIE_TOO_LARGE, code(() -> cookie.register(fields(jar), List.of(jwt), this::check, NOW)));
        assertEquals(Optional.empty(), refused(NOW));
    }

    @Test
    void settings() {
        for (String bad : List.of("", "/", "//", "a", "a/b", "/a/", "/a b", "/a\"", "/a;", "/\u00e4", "/%20", "/" + "a".repeat(101))) {
            assertEquals(Code.DEVICE_SETTINGS, code(() -> DeviceBinding.builder().path(bad).build()), bad);
        }
        for (String good : List.of("/a", "/" + "a".repeat(100), "/A-z.0_9~/b", "/a//b", "/..")) {
            DeviceBinding.builder().path(good).build();
        }
        for (long bad : new long[] {-1, 0, 3_601, Long.MAX_VALUE}) {
            assertEquals(Code.DEVICE_SETTINGS, code(() -> DeviceBinding.builder().proof(bad).build()));
        }
        for (long bad : new long[] {-1, 34_560_001, Long.MIN_VALUE}) {
            assertEquals(Code.DEVICE_SETTINGS, code(() -> DeviceBinding.builder().requireAfter(bad).build()));
        }
        DeviceBinding.builder().proof(3_600).requireAfter(0).build();
        for (CookieSettings cookie : List.of(CookieSettings.builder().name("__Http-a").build(),
                CookieSettings.builder().name("a").notSecure().build(), CookieSettings.builder().partitioned().build())) {
            assertEquals(Code.COOKIE_ATTRIBUTES, code(() -> bound(cookie, "p".repeat(246))));
        }
        assertEquals(Code.CONTEXT_INVALID, code(() -> bound(CookieSettings.DEFAULT, "p".repeat(246))));
        bound(CookieSettings.builder().name("__Host-a").build(), "p".repeat(245));
    }

    private static SessionCookie bound(CookieSettings settings, String purpose) {
        return new SessionCookie(Sessions.builder(TestRing.ring(1), new Context("shop.example", purpose)).build(), settings,
                DeviceBinding.DEFAULT);
    }

    @Test
    void nothingShowsATokenOrAKey() {
        bind(NOW);
        DeviceAnswer a = refresh(cookie, NOW, key.refreshes(challenge(cookie, NOW)));
        for (Object o : List.of(a, refresh(cookie, NOW), cookie.deviceBinding(), cookie)) {
            assertFalse(o.toString().contains("CrE1"), o.toString());
        }
    }
}
