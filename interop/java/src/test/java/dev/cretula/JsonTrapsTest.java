package dev.cretula;

import static dev.cretula.TestRing.CONTEXT;
import static dev.cretula.TestRing.NOW;
import static dev.cretula.TestRing.code;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cretula.json.Json;
import dev.cretula.json.JsonException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Traps of JSON: duplicates, lone surrogates, numbers, depth. */
class JsonTrapsTest {
    private final Sessions sessions = Sessions.builder(TestRing.ring(1), CONTEXT).build();

    private static void refused(String text) {
        assertThrows(JsonException.class, () -> Json.parse(text), text);
    }

    @Test
    void whatIsNoJson() {
        for (String text : List.of("", " ", "{", "[1,]", "{\"a\":1,}", "{a:1}", "'a'", "NaN", "-Infinity", "+1", "01", "1.",
                ".5", "1e", "-", "0x1", "1d", "1f", "tru", "nulll", "\"\n\"", "\"\\x41\"", "\"\\u12\"", "\"\\u+123\"",
                "\ufeff1", "1\u00a0", "1\f", "[1 2]", "{\"a\" 1}", "\"", "\"\\", "//1\n1", "1 1")) {
            refused(text);
        }
    }

    @Test
    void duplicatesAfterUnescaping() {
        refused("{\"a\":1,\"\\u0061\":2}");
        refused("[{\"x\":{\"\":null,\"\":null}}]");
    }

    @Test
    void loneSurrogates() throws JsonException {
        refused("\"\\ud800\"");
        refused("\"\\udc00\\ud800\"");
        refused("{\"\\udfff\":1}");
        refused("\"\ud800\"");
        assertEquals("\"\ud83d\ude00\"", Json.write(Json.parse("\"\\ud83d\\ude00\"")));
    }

    @Test
    void numbersKeepTheirSpellingAndAreJudgedAsBinary64() throws JsonException {
        String text = "[9007199254740993,1e400,-0,0.10,1E+2,123456789012345678901234567890]";
        assertEquals(text, Json.write(Json.parse(text)));
        assertEquals(1L, new Json.Num("1.00000000000000000001").integer(0, 10));
        assertEquals(0L, new Json.Num("-0").integer(0, 10));
        assertEquals(0L, new Json.Num("1e-400").integer(0, 10));
        assertEquals(1_790_000_000L, new Json.Num("1.79e9").integer(0, 1L << 48));
        for (String none : List.of("0.5", "-1", "1e400", "1e99999999999999999999", "18446744073709551623")) {
            assertNull(new Json.Num(none).integer(0, (1L << 53) - 1), none);
        }
        assertThrows(IllegalArgumentException.class, () -> new Json.Num("1d"));
        assertThrows(IllegalArgumentException.class, () -> new Json.Num(" 1"));
        assertThrows(IllegalArgumentException.class, () -> new Json.Num(""));
    }

    @Test
    void depthDoesNotOverflowTheStack() {
        refused("[".repeat(1_000_000));
        refused("{\"a\":".repeat(1_000_000));
        Json deep = Json.of(1);
        for (int i = 0; i < 100_000; i++) {
            deep = new Json.Arr(List.of(deep));
        }
        Json.Obj data = Json.EMPTY.with("a", deep);
        Session s = sessions.open(null, sid -> false, NOW).unchecked();
        s.setData(data);
        assertEquals(Code.PAYLOAD_UNSERIALIZABLE, code(() -> sessions.commit(s, NOW)));
    }

    @Test
    void whatASessionDoesNotCarry() {
        for (Json bad : List.of(Json.of(1L << 53), Json.of(Long.MIN_VALUE), new Json.Num("1e300"), new Json.Num("1e400"),
                Json.of("\ud800"), Json.EMPTY.with("__proto__", Json.of(1)), Json.EMPTY.with("\udc00", Json.of(1)))) {
            Session s = sessions.open(null, sid -> false, NOW).unchecked();
            s.put("a", bad);
            assertEquals(Code.PAYLOAD_UNSERIALIZABLE, code(() -> sessions.commit(s, NOW)));
            s.remove("a");
            s.put("b", Json.of((1L << 53) - 1));
            assertEquals(Commit.Wrote.SEAL, sessions.commit(s, NOW).wrote());
        }
    }

    @Test
    void whatNoSealerMayWriteDoesNotOpen() {
        Sealer sealer = Sealer.of(TestRing.ring(1), CONTEXT);
        String head = "{\"sid\":\"AAECAwQFBgcICQoLDA0ODw\",\"start\":1790000000,\"end\":1790086400,\"rev\":1,\"data\":";
        for (String data : List.of("{\"a\":1e300}", "{\"__proto__\":1}", "{\"a\":1,\"a\":1}", "{\"a\":\"\\ud800\"}")) {
            String token = sealer.seal((head + data + "}").getBytes(StandardCharsets.UTF_8), 600, NOW);
            assertEquals(Code.PAYLOAD_INVALID, sessions.open(token, sid -> false, NOW).unchecked().refused().get());
        }
    }

    @Test
    void sessionRules() {
        Session s = sessions.open(null, sid -> false, NOW).unchecked();
        assertEquals(Code.ABSENT, s.refused().get());
        assertEquals(Code.USER_INVALID, code(() -> s.signOn("", 1)));
        assertEquals(Code.USER_INVALID, code(() -> s.signOnByEarlierProof("ada", 1, NOW + 61)));
        assertEquals(Code.USER_INVALID, code(() -> s.signOnByEarlierProof("ada", 1, -1)));
        s.signOn("ada", 7);
        assertTrue(s.reauthWithin(1));
        assertFalse(s.reauthWithin(0));
        assertFalse(s.reauthWithin(Long.MIN_VALUE));
        Sessions elsewhere = Sessions.builder(TestRing.ring(1), new Context("shop.example", "other")).build();
        assertEquals(Code.CONTEXT_INVALID, code(() -> elsewhere.commit(s, -1)));
        assertEquals(Code.CLOCK_RANGE, code(() -> sessions.commit(s, 1L << 48)));
        String token = sessions.commit(s, NOW).sealed().get().token();
        PendingSession pending = sessions.open(token, sid -> false, NOW + 1);
        Session closed = pending.check(claim -> null);
        assertEquals(Code.UNCHECKED, closed.refused().get());
        assertTrue(closed.user().isEmpty());
        assertTrue(closed == pending.unchecked(), "an answered check is not asked again");
        PendingSession careless = sessions.open(token, sid -> false, NOW + 1);
        careless.unchecked();
        assertThrows(IllegalStateException.class, () -> careless.check(claim -> null));
        Session again = sessions.open(token, sid -> false, NOW + 1).check(c -> SessionCheck.Answer.generation(7));
        assertTrue(again.reauthWithin(Long.MAX_VALUE));
        assertEquals("ada", again.user().get().sub());
    }

    @Test
    void lastSecondOfTime() {
        long last = (1L << 48) - 1;
        Session s = sessions.open(null, sid -> false, last).unchecked();
        s.send();
        assertEquals(Code.TTL_RANGE, code(() -> sessions.commit(s, last)));
    }
}
