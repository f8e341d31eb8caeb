package dev.cretula;

import static dev.cretula.TestRing.CONTEXT;
import static dev.cretula.TestRing.NOW;
import static dev.cretula.TestRing.code;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cretula.hazmat.OnlyForVectors;
import dev.cretula.hazmat.OnlyForVectors.Fixed;
import dev.cretula.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** One commit, its order of checks, its dry run, and what a sign-off of several sessions ends (SESS-17, SESS-26, COOK-17). */
class CommitTest {
    private static final Json LONE = Json.of("\ud800");
    private final Sessions sessions = Sessions.builder(TestRing.ring(1), CONTEXT).build();
    private final SessionCookie cookie = new SessionCookie(sessions, CookieSettings.DEFAULT);

    private Session open(String... fields) {
        return cookie.open(List.of(fields), NOW).unchecked();
    }

    private String token(Consumer<Session> change) {
        Session s = open();
        change.accept(s);
        return sessions.commit(s, NOW).sealed().get().token();
    }

    private static String pair(String token) {
        return "__Host-Http-session=" + token;
    }

    /** Each change after the commit; those that look at what they are given are given what they would refuse. */
    private static final List<Consumer<Session>> CHANGES = List.of(s -> s.put("a", Json.of(1)), s -> s.remove("none"),
            s -> s.setData(Json.EMPTY), s -> s.flash("a", Json.of(1)), s -> s.takeFlash("none"), Session::send,
            s -> s.signOn("", -1), s -> s.signOnByEarlierProof("", -1, -1), s -> s.reauthenticate(-1), Session::signOff);

    @Test
    void nothingAfterACommitThatSucceeded() {
        String token = token(s -> s.put("a", Json.of(1)));
        for (Session s : List.of(open(), open(pair(token)))) { // one that seals, one that writes nothing
            if (s.isNew()) {
                s.send();
            }
            cookie.commit(s, NOW, null);
            assertEquals(Code.COMMITTED, code(() -> cookie.commit(s, NOW, null)));
            assertEquals(Code.COMMITTED, code(() -> cookie.commit(s, -1, null)), "before clock_range");
            assertEquals(Code.COMMITTED, code(() -> sessions.commit(s)));
            assertEquals(Code.COMMITTED, code(() -> cookie.excess(s, NOW)));
            for (Consumer<Session> change : CHANGES) {
                assertEquals(Code.COMMITTED, code(() -> change.accept(s)));
            }
            Sessions other = Sessions.builder(TestRing.ring(1), new Context("shop.example", "other")).build();
            assertEquals(Code.CONTEXT_INVALID, code(() -> other.commit(s, -1)), "before committed");
        }
    }

    @Test
    void aCommitThatFailedMayBeTriedAgain() {
        Session s = open();
        s.put("a", LONE);
        assertEquals(Code.PAYLOAD_UNSERIALIZABLE, code(() -> cookie.commit(s, NOW, null)));
        s.put("a", Json.of(1));
        assertEquals(Code.NO_RANDOMNESS, code(() -> OnlyForVectors.commit(cookie, s, NOW, null, Fixed.NO_RANDOMNESS)));
        assertTrue(s.sid().isEmpty());
        assertEquals(Commit.Wrote.SEAL, cookie.commit(s, NOW, null).commit().wrote());
    }

    @Test
    void anotherPolicyIsAnotherSession() {
        for (SessionPolicy policy : List.of(new SessionPolicy(1_801, 86_400, 60), new SessionPolicy(1_800, 86_401, 60),
                new SessionPolicy(1_800, 86_400, 61), new SessionPolicy(1_800, 86_400, 60, 1))) {
            Sessions other = Sessions.builder(TestRing.ring(1), CONTEXT).policy(policy).build();
            SessionCookie otherCookie = new SessionCookie(other, CookieSettings.DEFAULT);
            Session s = open();
            s.send();
            assertEquals(Code.CONTEXT_INVALID, code(() -> other.commit(s, -1)));
            assertEquals(Code.CONTEXT_INVALID, code(() -> otherCookie.commit(s, NOW, null)));
            assertEquals(Code.CONTEXT_INVALID, code(() -> otherCookie.excess(s, -1)));
            Sessions same = Sessions.builder(TestRing.ring(1), CONTEXT).policy(new SessionPolicy(1_800, 86_400, 60)).build();
            assertEquals(Commit.Wrote.SEAL, same.commit(s, NOW).wrote());
        }
    }

    /** Every fault at once; each is mended in turn. */
    @Test
    void orderOfTheChecks() {
        Keyring endless = TestRing.ring(1);
        LiveKeyring ring = new LiveKeyring(TestRing.ending(NOW));
        Sessions own = Sessions.builder(ring, CONTEXT).limit(300).build();
        SessionCookie ownCookie = new SessionCookie(own, CookieSettings.DEFAULT);
        long last = (1L << 48) - 1;
        Session s = own.open(null, sid -> false, NOW).unchecked();
        Session c = ownCookie.open(List.of(), NOW).unchecked();
        s.put("a", LONE);
        c.put("a", LONE);
        c.put("b", Json.of("x".repeat(5_000)));
        assertEquals(Code.PAYLOAD_UNSERIALIZABLE, code(() -> fail(ownCookie, c, last)));
        c.put("a", Json.of(1));
        assertEquals(Code.COOKIE_TOO_LARGE, code(() -> fail(ownCookie, c, last)));
        c.put("b", Json.of("x".repeat(500)));
        assertEquals(Code.TTL_RANGE, code(() -> fail(ownCookie, c, last)));
        assertEquals(Code.NO_SEALING_KEY, code(() -> fail(ownCookie, c, NOW)));
        ring.exchange(endless);
        assertEquals(Code.RESULT_TOO_LONG, code(() -> fail(ownCookie, c, NOW)));
        c.remove("b");
        assertEquals(Code.NO_RANDOMNESS, code(() -> fail(ownCookie, c, NOW)));
        s.put("a", Json.of("x".repeat(500)));
        assertEquals(Code.RESULT_TOO_LONG, code(() -> OnlyForVectors.commit(own, s, NOW, Fixed.NO_RANDOMNESS)));
        ownCookie.commit(c, NOW, null);
    }

    private static void fail(SessionCookie cookie, Session s, long now) {
        OnlyForVectors.commit(cookie, s, now, null, Fixed.NO_RANDOMNESS);
    }

    @Test
    void withoutRandomnessARefreshIsNothingAndASignOffExpires() {
        String token = token(s -> s.put("a", Json.of(1)));
        Session read = cookie.open(List.of(pair(token)), NOW + 1_000).unchecked();
        assertEquals(Commit.Wrote.NOTHING,
                OnlyForVectors.commit(cookie, read, NOW + 1_000, null, Fixed.NO_RANDOMNESS).commit().wrote());
        Session off = open(pair(token));
        off.signOff();
        off.put("theme", Json.of("dark"));
        SessionCookie.Response r = OnlyForVectors.commit(cookie, off, NOW, null, Fixed.NO_RANDOMNESS);
        assertEquals(Commit.Wrote.EXPIRE, r.commit().wrote());
        assertEquals(2, r.setCookies().size());
        SessionCookie large = new SessionCookie(sessions, CookieSettings.builder().large().build());
        Session two = large.open(List.of(), NOW).unchecked();
        two.put("a", Json.of("x".repeat(4_000)));
        assertEquals(Code.NO_RANDOMNESS, code(() -> fail(large, two, NOW)));
        assertEquals(2, large.commit(two, NOW, null).setCookies().size());
    }

    @Test
    void theDryRun() {
        CookieSettings settings = CookieSettings.builder().large().build();
        for (SessionCookie c : List.of(cookie, new SessionCookie(sessions, settings))) {
            Session s = c.open(List.of(), NOW).unchecked();
            assertEquals(0, c.excess(s, NOW));
            s.put("a", Json.of("x".repeat(5_000)));
            s.signOn("ada", 7, "a");
            int over = c.excess(s, NOW);
            assertTrue(over > 0);
            assertEquals(over, c.excess(s));
            CookieTooLargeException e = assertThrows(CookieTooLargeException.class, () -> c.commit(s, NOW, null));
            assertEquals(over, e.over());
            s.put("a", Json.of("x".repeat(5_000 - (over * 3 + 3) / 4)));
            assertEquals(0, c.excess(s, NOW));
            s.put("b", LONE);
            assertEquals(Code.PAYLOAD_UNSERIALIZABLE, code(() -> c.excess(s, NOW)));
            s.remove("b");
            assertTrue(s.sid().isEmpty());
            assertEquals(Commit.Wrote.SEAL, c.commit(s, NOW, null).commit().wrote());
        }
    }

    @Test
    void theSmallestNameOfEquals() {
        // U+E000 is before U+10000 in UTF-8, and behind its surrogates in UTF-16.
        for (List<String> names : List.of(List.of("b", "a"), List.of("\ud800\udc00", "\ue000"), List.of("aa", "a"))) {
            Session s = open();
            names.forEach(name -> s.put(name, Json.of("x".repeat(4_000))));
            CookieTooLargeException e = assertThrows(CookieTooLargeException.class, () -> cookie.commit(s, NOW, null));
            assertEquals(Optional.of(names.get(1)), e.largest());
        }
    }

    @Test
    void aNumberIsWrittenAgainInItsOneSpelling() {
        String payload = "{\"sid\":\"AAECAwQFBgcICQoLDA0ODw\",\"start\":1790000000,\"end\":1790086400,\"rev\":1,"
                + "\"data\":{\"a\":[1.50,1E2,-0.0,1.5E-10,0.10]},\"flash\":{\"b\":[2.0]}}";
        String token = Sealer.of(TestRing.ring(1), CONTEXT).seal(payload.getBytes(StandardCharsets.UTF_8), 1_800, NOW);
        Session s = sessions.open(token, sid -> false, NOW + 1_000).unchecked();
        String written = new String(sessions.commit(s, NOW + 1_000).sealed().get().payload(), StandardCharsets.UTF_8);
        assertTrue(written.endsWith("\"data\":{\"a\":[1.5,100,0,1.5e-10,0.1]},\"flash\":{\"b\":[2]}}"), written);
    }

    /** The earlier session, a sibling's, and one that a check closes: what each ends. */
    @Test
    void aSignOffEndsEverySessionOfTheRequest() {
        String one = token(s -> s.signOn("ada", 7));
        String two = token(s -> s.signOn("eve", 8));
        List<String> fields = List.of(pair(one), pair(two) + "; " + pair(one));
        Session s = cookie.open(fields, NOW).unchecked();
        assertEquals(Code.AMBIGUOUS, s.refused().get());
        assertFalse(s.notNow());
        assertEquals(List.of(), cookie.commit(cookie.open(fields, NOW).unchecked(), NOW, null).setCookies());
        s.signOff();
        SessionCookie.Response r = cookie.commit(s, NOW, null);
        assertEquals(List.of(NOW + 86_400, NOW + 86_400), r.commit().ended().stream().map(Commit.Ended::end).toList());
        assertEquals(2, r.setCookies().size());
        String marks = r.setCookies().get(0);
        assertTrue(marks.matches("__Host-Http-session\\.end=[\\w-]{22}\\.[\\w-]{22}; Path=/; Max-Age=86400; .*"), marks);
        assertTrue(r.setCookies().get(1).startsWith("__Host-Http-session=; "));
        for (String token : List.of(one, two)) {
            assertEquals(Code.SIGNED_OFF, open(marks.split(";")[0] + "; " + pair(token)).refused().get());
        }
        Session on = cookie.open(fields, NOW).unchecked();
        on.signOn("ada", 7);
        SessionCookie.Response signedOn = cookie.commit(on, NOW, null);
        assertEquals(r.commit().ended(), signedOn.commit().ended());
        assertEquals(1, signedOn.setCookies().size(), "a mark is for a sign-off");
    }

    @Test
    void ofMoreThanFourTheFirstFour() {
        List<String> pairs = java.util.stream.IntStream.range(0, 6).mapToObj(i -> pair(token(s -> s.signOn("u" + i, i)))).toList();
        Session s = cookie.open(pairs, NOW).unchecked();
        assertEquals(Code.AMBIGUOUS, s.refused().get());
        s.signOff();
        SessionCookie.Response r = cookie.commit(s, NOW, null);
        assertEquals(4, r.commit().ended().size());
        String mark = r.setCookies().get(0).split(";")[0];
        for (int i = 0; i < 6; i++) {
            assertEquals(i < 4 ? Optional.of(Code.SIGNED_OFF) : Optional.empty(), open(mark, pairs.get(i)).refused());
        }
        Session same = cookie.open(List.of(pairs.get(0), pairs.get(1)), NOW).unchecked();
        same.signOff();
        assertEquals(r.commit().ended().subList(0, 2), cookie.commit(same, NOW, null).commit().ended());
    }

    @Test
    void marksBetweenDots() {
        String token = token(s -> s.signOn("ada", 7));
        Session s = open(pair(token));
        s.signOff();
        String mark = cookie.commit(s, NOW, null).setCookies().get(0).split(";")[0].split("=")[1];
        String name = "__Host-Http-session.end=";
        String other = "A".repeat(22);
        for (String value : List.of(mark, mark + ".", "." + mark, other + "." + mark, mark + "." + other, "x.." + mark + "..")) {
            assertEquals(Optional.of(Code.SIGNED_OFF), open(pair(token) + "; " + name + value).refused(), value);
        }
        for (String value : List.of("", ".", mark + "A", "A" + mark, mark + "-" + other, mark.substring(1), other)) {
            assertEquals(Optional.empty(), open(pair(token) + "; " + name + value).refused(), value);
        }
    }

    @Test
    void theCookiesOwnLineIsTheLast() {
        CookieSettings settings = CookieSettings.builder().name("__Secure-s").previous(
                new CookieSettings.Place("/shop", "shop.example", false)).build();
        SessionCookie c = new SessionCookie(sessions, settings);
        String token = token(s -> s.signOn("ada", 7));
        Session s = c.open(List.of("__Secure-s=" + token + "; __Secure-s.1="), NOW).unchecked();
        s.signOff();
        s.put("theme", Json.of("dark"));
        List<String> lines = c.commit(s, NOW, null).setCookies();
        List<String> starts = List.of("__Secure-s=; Path=/shop; Domain=shop.example; Max-Age=0; ",
                "__Secure-s.1=; Path=/shop; Domain=shop.example; Max-Age=0; ", "__Secure-s.1=; Path=/; Max-Age=0; ",
                "__Secure-s.end=", "__Secure-s=CrE1");
        assertEquals(starts.size(), lines.size());
        for (int i = 0; i < lines.size(); i++) {
            assertTrue(lines.get(i).startsWith(starts.get(i)), lines.get(i));
        }
    }

    /** The error says which member it is, and not what it holds. */
    @Test
    void unserializableSaysWhichMember() {
        Json price = new Json.Arr(List.of(Json.of(1), Json.EMPTY.with("price", Json.of(1L << 53))));
        Json deep = Json.of(1);
        for (int i = 0; i < 15; i++) {
            deep = new Json.Arr(List.of(deep));
        }
        Map<Json, String> cases = new java.util.LinkedHashMap<>();
        cases.put(price, "basket[1].price: an integer beyond 2^53 - 1");
        cases.put(Json.of("secret\ud800"), "basket: a lone surrogate");
        cases.put(Json.EMPTY.with("__proto__", Json.of(1)), "basket.__proto__: a name that no session carries");
        cases.put(Json.EMPTY.with("\ud800\n", Json.of(1)), "basket.??: a lone surrogate in the name");
        cases.put(deep, "basket" + "[0]".repeat(14) + ": nests deeper than 16 levels");
        cases.forEach((value, where) -> {
            Session data = sessions.open(null, sid -> false, NOW).unchecked();
            data.put("basket", value);
            CretulaException e = assertThrows(CretulaException.class, () -> sessions.commit(data, NOW));
            assertEquals("payload_unserializable: data." + where, e.getMessage());
        });
        Session flash = sessions.open(null, sid -> false, NOW).unchecked();
        flash.flash("notice", Json.of(1L << 53));
        CretulaException e = assertThrows(CretulaException.class, () -> sessions.commit(flash, NOW));
        assertEquals("payload_unserializable: flash.notice[0]: an integer beyond 2^53 - 1", e.getMessage());
    }
}
