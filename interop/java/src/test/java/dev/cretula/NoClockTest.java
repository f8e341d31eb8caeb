package dev.cretula;

import static dev.cretula.TestRing.CONTEXT;
import static dev.cretula.TestRing.NOW;
import static dev.cretula.TestRing.code;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cretula.json.Json;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Without a clock there is no session, and no error of the page (SESS-18, SESS-27). */
class NoClockTest {
    private static Clock clock(Supplier<Instant> now) {
        return new Clock() {
            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }

            @Override
            public Instant instant() {
                return now.get();
            }
        };
    }

    static List<Clock> clocks() {
        return List.of(clock(() -> {
            throw new UnsupportedOperationException("an application's");
        }), clock(() -> null), clock(() -> Instant.ofEpochSecond(-1)), clock(() -> Instant.ofEpochSecond(1L << 48)));
    }

    private static String token() {
        Sessions sessions = Sessions.builder(TestRing.ring(1), CONTEXT).build();
        Session s = sessions.open(null, sid -> false, NOW).unchecked();
        s.signOn("ada", 7);
        return sessions.commit(s, NOW).sealed().get().token();
    }

    private static void assertGuest(Session s) {
        assertEquals(Code.NO_CLOCK, s.refused().get());
        assertTrue(s.notNow());
        assertTrue(s.isNew());
        assertTrue(s.user().isEmpty());
        assertEquals(0, s.expiresAt());
    }

    @ParameterizedTest
    @MethodSource("clocks")
    void theOpenGivesAGuestAndTheCommitFails(Clock clock) {
        Sessions sessions = Sessions.builder(TestRing.ring(1), CONTEXT).clock(clock).build();
        SessionCookie cookie = new SessionCookie(sessions, CookieSettings.DEFAULT);
        String token = token();
        for (PendingSession pending : List.of(sessions.open(token), sessions.open((String) null), cookie.open(List.of()),
                cookie.open(List.of("__Host-Http-session=" + token)))) {
            assertGuest(pending.check(claim -> {
                throw new AssertionError("nobody is asked");
            }));
        }
        Session s = cookie.open(List.of("__Host-Http-session=" + token)).unchecked();
        assertEquals(Code.USER_INVALID, code(() -> s.signOnByEarlierProof("ada", 7, 0)));
        assertEquals(Code.NO_CLOCK, code(() -> cookie.excess(s)));
        assertEquals(Code.NO_CLOCK, code(() -> cookie.commit(s, null)));
        s.signOff();
        assertEquals(Code.NO_CLOCK, code(() -> cookie.commit(s, null)), "no exception of SESS-11 covers it");
        SessionCookie.Response r = cookie.commit(s, NOW, null);
        assertEquals(List.of(), r.commit().ended());
        assertEquals(1, r.setCookies().size(), "nothing was opened, so there is no mark");
    }

    @ParameterizedTest
    @MethodSource("clocks")
    void singleTokens(Clock clock) {
        Keyring ring = TestRing.ring(1);
        assertEquals(Code.NO_CLOCK, code(() -> Sealer.builder(ring, CONTEXT).clock(clock).build().seal(new byte[0], 0)));
        assertEquals(Code.NO_CLOCK, code(() -> Signer.builder(ring, CONTEXT).clock(clock).build().sign(new byte[0], 0)));
        assertEquals(Code.NO_CLOCK, code(() -> Unsealer.builder(ring, CONTEXT).clock(clock).build().unseal("")));
        assertEquals(Code.NO_CLOCK, code(() -> Verifier.builder(ring, CONTEXT).clock(clock).build().verify("")));
        TokenCookie cookie = new TokenCookie(ring, CONTEXT, CookieSettings.DEFAULT, 600, 60, clock);
        assertEquals(Code.NO_CLOCK, code(() -> cookie.read(List.of())));
        assertEquals(Code.NO_CLOCK, code(() -> cookie.line(new byte[0], 0)));
    }

    @Test
    void aTimeThatTheProgramGivesIsItsOwn() {
        Sessions sessions = Sessions.builder(TestRing.ring(1), CONTEXT).build();
        SessionCookie cookie = new SessionCookie(sessions, CookieSettings.DEFAULT);
        for (long now : new long[] {-1, 1L << 48, Long.MIN_VALUE, Long.MAX_VALUE}) {
            assertEquals(Code.CLOCK_RANGE, code(() -> sessions.open(null, sid -> false, now)));
            assertEquals(Code.CLOCK_RANGE, code(() -> cookie.open(List.of(), now)));
            Session s = cookie.open(List.of(), NOW).unchecked();
            assertEquals(Code.CLOCK_RANGE, code(() -> cookie.commit(s, now, null)));
            assertEquals(Code.CLOCK_RANGE, code(() -> cookie.excess(s, now)));
        }
    }

    @Test
    void whichCodesAreNotNow() {
        Set<String> notNow = EnumSet.allOf(Code.class).stream().filter(Code::notNow).map(Code::text).collect(Collectors.toSet());
        assertEquals(Set.of("unknown_key", "issued_in_future", "no_clock", "unproven", "unchecked"), notNow);
        Sessions sessions = Sessions.builder(TestRing.ring(1), CONTEXT).build();
        String token = token();
        assertTrue(sessions.open(token, sid -> false, NOW).check(claim -> null).notNow());
        assertTrue(sessions.open(token, sid -> false, NOW - 61).unchecked().notNow());
        assertTrue(Sessions.builder(TestRing.ring(2), CONTEXT).build().open(token, sid -> false, NOW).unchecked().notNow());
        assertFalse(sessions.open(token, sid -> false, NOW).unchecked().notNow());
        assertFalse(sessions.open(token, sid -> true, NOW).unchecked().notNow());
        assertFalse(sessions.open(null, sid -> false, NOW).unchecked().notNow());
        Session guest = sessions.open(null, sid -> false, NOW).unchecked();
        guest.put("a", Json.of(1));
        assertFalse(guest.notNow());
    }
}
