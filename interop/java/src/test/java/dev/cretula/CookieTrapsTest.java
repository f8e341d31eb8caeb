package dev.cretula;

import static dev.cretula.TestRing.CONTEXT;
import static dev.cretula.TestRing.NOW;
import static dev.cretula.TestRing.code;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cretula.json.Json;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Traps of cookies: trimming, header injection, sizes, cost. */
class CookieTrapsTest {
    private final SessionCookie cookie =
            new SessionCookie(Sessions.builder(TestRing.ring(1), CONTEXT).build(), CookieSettings.DEFAULT);

    private Session open(String... fields) {
        return cookie.open(List.of(fields), NOW).unchecked();
    }

    private String token() {
        Session s = open();
        s.put("a", Json.of(1));
        return cookie.commit(s, NOW, null).commit().sealed().get().token();
    }

    @Test
    void trimTakesEveryControlCharacterAndStripUnicodeSpace() {
        assertEquals("a", "\u0000a\u001f".trim());
        String pair = "__Host-Http-session=" + token();
        assertTrue(open("\t " + pair + " \t").refused().isEmpty());
        for (String space : List.of("\u0000", "\u000b", "\f", "\r", "\n", "\u001f", "\u0085", "\u00a0", "\u2003", "\ufeff")) {
            assertEquals(Code.ABSENT, open(space + pair).refused().get());
            assertEquals(Code.ENCODING, open(pair + space).refused().get());
        }
    }

    @Test
    void anOctetOfAFieldIsOneAlthoughUtf8WritesItInTwo() {
        String value = token().substring(0, 60) + "\u00ff".repeat(5_920);
        assertEquals(Code.ENCODING, open("__Host-Http-session=" + value).refused().get());
        assertEquals(Code.NOT_A_TOKEN, open("__Host-Http-session=" + "\u00ff".repeat(5_980)).refused().get());
        assertEquals(Code.TOO_LONG, open("__Host-Http-session=" + "\u00ff".repeat(5_981)).refused().get());
    }

    /** Browsers compare the prefixes without regard to case (COOK-01, COOK-02). */
    @Test
    void prefixes() {
        for (String bad : List.of("__HOST-x", "__host-x", "__Host-http-x", "__Host-HTTP-x", "__host-Http-x", "__http-x",
                "__HTTP-x", "__secure-x")) {
            assertEquals(Code.COOKIE_NAME, code(() -> CookieSettings.builder().name(bad).build()), bad);
        }
        for (String name : List.of("__Host-Http-x", "__Host-httpx", "__Host-x", "__Http-x", "__Secure-x", "__Hostx", "__http")) {
            CookieSettings.builder().name(name).build();
            boolean prefix = name.matches("__(Host|Http|Secure)-.*");
            if (prefix) {
                assertEquals(Code.COOKIE_ATTRIBUTES, code(() -> CookieSettings.builder().name(name).notSecure().build()));
            }
            CookieSettings.Builder domain = CookieSettings.builder().name(name).domain("shop.example");
            CookieSettings.Builder path = CookieSettings.builder().name(name).path("/shop");
            if (name.startsWith("__Http-") || name.startsWith("__Secure-")) {
                domain.build();
            } else {
                assertEquals(Code.COOKIE_ATTRIBUTES, code(domain::build), name);
            }
            if (name.startsWith("__Host-")) {
                CookieSettings.builder().name(name).large().build();
                assertEquals(Code.COOKIE_ATTRIBUTES, code(path::build), name);
            } else {
                path.build();
                assertEquals(Code.COOKIE_ATTRIBUTES, code(() -> CookieSettings.builder().name(name).large().build()), name);
            }
        }
        assertEquals("__Host-Http-session", CookieSettings.DEFAULT.name());
    }

    @Test
    void headerInjectionBySettings() {
        for (String bad : List.of("/\r\nSet-Cookie: a=b", "/;Domain=evil.example", "/é", "/\u0000", "x", "")) {
            assertEquals(Code.COOKIE_ATTRIBUTES, code(() -> CookieSettings.builder().name("s").path(bad).build()));
        }
        for (String bad : List.of("a\r\nb", "a;b", "a b", "", ".a", "a.", "a..b", "é.example")) {
            assertEquals(Code.COOKIE_ATTRIBUTES,
                    code(() -> CookieSettings.builder().name("__Secure-s").domain(bad).build()));
        }
        assertEquals(Code.COOKIE_ATTRIBUTES, code(() -> CookieSettings.builder().sameSite("Lax\r\nX: y").build()));
        assertEquals(Code.COOKIE_NAME, code(() -> CookieSettings.builder().name("a\r\nX: y").build()));
    }

    @Test
    void headerInjectionByData() {
        Session s = open();
        s.put("a\r\nSet-Cookie: x=y", Json.of("\r\nX: y; Domain=evil.example"));
        s.signOn("ada\r\nX: y", 1, "a\r\nSet-Cookie: x=y");
        for (String line : cookie.commit(s, NOW, null).setCookies()) {
            assertTrue(line.matches("[!-~ ]*"), line);
            assertFalse(line.contains("evil"), line);
        }
    }

    @Test
    void tooLargeIsRefusedAndMayBeMended() {
        Session s = open();
        s.put("small", Json.of("x"));
        s.put("big", Json.of("x".repeat(5_000)));
        CookieTooLargeException e = org.junit.jupiter.api.Assertions.assertThrows(CookieTooLargeException.class,
                () -> cookie.commit(s, NOW, null));
        assertEquals("big", e.largest().get());
        s.put("big", Json.of("x".repeat(5_000 - (e.over() * 3 + 3) / 4)));
        SessionCookie.Response r = cookie.commit(s, NOW, null);
        assertTrue(r.large());
        assertTrue(r.setCookies().get(0).split("; ")[0].length() <= 4_097);
    }

    @Test
    void costIsLinear() {
        String token = token();
        String many = "__Host-Http-session=2.aaaaaaaa." + token.substring(0, 48) + "; "
                + "__Host-Http-session.1=aaaaaaaa.x; __Host-Http-session.end=y; __Host-Http-session; = ; __Host-Http-session  ; ;".repeat(20_000);
        String blanks = "__Host-Http-session" + " \t".repeat(1_000_000);
        String names = "__Host-Http-session".repeat(100_000) + "=" + token;
        assertTimeout(Duration.ofSeconds(5), () -> {
            assertFalse(open(many).refused().isEmpty());
            assertEquals(Code.ABSENT, open(blanks, names).refused().get());
            assertTrue(open(many, blanks, "__Host-Http-session=" + token).refused().isEmpty());
        });
    }

    @Test
    void twoCookiesAndBack() {
        CookieSettings large = CookieSettings.builder().large().build();
        SessionCookie two = new SessionCookie(Sessions.builder(TestRing.ring(1), CONTEXT).build(), large);
        Session s = two.open(List.of(), NOW).unchecked();
        s.put("a", Json.of("x".repeat(4_000)));
        List<String> lines = two.commit(s, NOW, null).setCookies();
        assertEquals(2, lines.size());
        String[] pairs = lines.stream().map(l -> l.split(";")[0]).toArray(String[]::new);
        assertEquals(3_000, pairs[1].length() - "__Host-Http-session=".length());
        Session read = cookie.open(List.of(pairs[1], pairs[0]), NOW).unchecked();
        assertTrue(read.refused().isEmpty());
        read.signOff();
        List<String> off = cookie.commit(read, NOW, null).setCookies();
        assertEquals(3, off.size());
        assertTrue(off.get(0).startsWith("__Host-Http-session.1=; "));
        assertTrue(off.get(2).startsWith("__Host-Http-session=; "));
        String mark = off.get(1).split(";")[0];
        assertEquals(Code.SIGNED_OFF, cookie.open(List.of(pairs[0] + "; " + pairs[1] + "; " + mark), NOW).unchecked()
                .refused().get());
    }

    @Test
    void tokenCookie() throws TokenException {
        CookieSettings settings = CookieSettings.builder().name("__Host-return").build();
        Context context = new Context("shop.example", "return-url");
        TokenCookie cookie = new TokenCookie(TestRing.ring(1), context, settings, 600, 60);
        String line = cookie.line(new byte[] {1, 2}, 600, NOW);
        assertEquals(2, cookie.read(List.of(line.split(";")[0]), NOW).payload().length);
        assertEquals(Code.TTL_RANGE, code(() -> cookie.line(new byte[9_000], 0, NOW)));
        assertEquals(Code.COOKIE_TOO_LARGE, code(() -> cookie.line(new byte[9_000], 1, NOW)));
        assertEquals(Code.ABSENT, code(() -> cookie.read(List.of(), NOW)));
        assertTrue(cookie.expire().startsWith("__Host-return=; Path=/; Max-Age=0; "));
        assertEquals(Code.COOKIE_ATTRIBUTES, code(() -> new TokenCookie(TestRing.ring(1), context,
                CookieSettings.builder().large().build(), 600, 60)));
    }
}
