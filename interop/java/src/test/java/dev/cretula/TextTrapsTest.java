package dev.cretula;

import static dev.cretula.TestRing.CONTEXT;
import static dev.cretula.TestRing.NOW;
import static dev.cretula.TestRing.code;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cretula.hazmat.OnlyForVectors;
import dev.cretula.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/** Traps of the platform in texts, numbers of tokens, and cryptography. Each shows the trap, then what is done. */
class TextTrapsTest {
    private final Keyring ring = TestRing.ring(1);
    private final Sealer sealer = Sealer.of(ring, CONTEXT);
    private final Unsealer unsealer = Unsealer.of(ring, CONTEXT);

    @Test
    void base64DecoderTakesNonZeroTrailingBits() throws TokenException {
        assertArrayEquals(new byte[] {0}, Base64.getUrlDecoder().decode("AB"));
        assertNull(Base64Url.decode("AB", 0, 2));
        assertNull(Base64Url.decode("AAB", 0, 3));
        assertArrayEquals(new byte[] {0, 0}, Base64Url.decode("AAA", 0, 3));
        String token = sealer.seal(new byte[1], 600, NOW); // 86 bytes: 115 characters, 2 unused bits
        assertEquals(115, token.length());
        String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        int last = alphabet.indexOf(token.charAt(114));
        String other = token.substring(0, 114) + alphabet.charAt(last | 1);
        assertEquals(Code.ENCODING, code(() -> unsealer.unseal(other, NOW)));
        assertArrayEquals(new byte[1], unsealer.unseal(token, NOW).payload());
    }

    @Test
    void base64DecoderTakesPaddingAndItsAbsence() {
        assertArrayEquals(Base64.getUrlDecoder().decode("AA=="), Base64.getUrlDecoder().decode("AA"));
        String token = sealer.seal(new byte[0], 600, NOW); // 114 characters, which padding would make 116
        for (String bad : List.of(token + "==", token + "=", token + "\n", " " + token.substring(1), token + "é",
                token.substring(0, 60) + "+" + token.substring(61), token.substring(0, 60) + "/" + token.substring(61))) {
            Code code = code(() -> unsealer.unseal(bad, NOW));
            assertEquals(bad.startsWith(" ") ? Code.NOT_A_TOKEN : Code.ENCODING, code);
        }
    }

    @Test
    void base64AgreesWithTheJdkOnEveryCanonicalText() {
        Random random = new Random(7);
        for (int n = 0; n < 300; n++) {
            byte[] bytes = new byte[n];
            random.nextBytes(bytes);
            String text = Base64Url.encode(bytes);
            assertArrayEquals(bytes, Base64Url.decode(text, 0, text.length()));
            if (n % 3 != 0) {
                assertNull(Base64Url.decode(text + "A".repeat((5 - text.length() % 4) % 4), 0,
                        text.length() + (5 - text.length() % 4) % 4));
            }
        }
    }

    @Test
    void gcmParameterSpecTakesShortTags() throws Exception {
        SecretKeySpec key = new SecretKeySpec(new byte[32], "AES");
        Cipher shortTag = Cipher.getInstance("AES/GCM/NoPadding");
        shortTag.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(96, new byte[12]));
        assertEquals(12, shortTag.doFinal(new byte[0]).length);
        String token = sealer.seal(new byte[20], 600, NOW);
        byte[] bytes = Base64.getUrlDecoder().decode(token);
        for (int cut = 1; cut <= 4; cut++) {
            String cutTag = Base64Url.encode(Arrays.copyOf(bytes, bytes.length - cut));
            assertEquals(Code.AUTH_FAILED, code(() -> unsealer.unseal(cutTag, NOW)));
        }
    }

    @Test
    void everyBitOfATokenIsAuthenticated() {
        byte[] bytes = Base64.getUrlDecoder().decode(sealer.seal(new byte[3], 600, NOW));
        for (int bit = 0; bit < bytes.length * 8; bit++) {
            byte[] changed = bytes.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            Code code = code(() -> unsealer.unseal(Base64Url.encode(changed), NOW));
            assertEquals(bit < 24 ? code : bit < 35 * 8 ? Code.UNKNOWN_KEY : Code.AUTH_FAILED, code);
        }
    }

    @Test
    void numbersBeyondIntAndSums() throws TokenException {
        long last = (1L << 48) - 1;
        String token = sealer.seal(new byte[0], 34_560_000, last);
        Opened opened = unsealer.unseal(token, last);
        assertEquals(last, opened.issuedAt());
        assertEquals(last + 34_560_000, opened.expiresAt());
        assertEquals(Code.CLOCK_RANGE, code(() -> sealer.seal(new byte[0], 1, last + 1)));
        assertEquals(Code.CLOCK_RANGE, code(() -> unsealer.unseal(token, -1)));
        assertEquals(Code.TTL_RANGE, code(() -> sealer.seal(new byte[0], (1L << 32) + 1, NOW)));
        assertEquals(Code.LIMIT_RANGE, code(() -> Sealer.builder(ring, CONTEXT).limit((1L << 32) + 1).build()));
        assertEquals(Code.LEEWAY_RANGE, code(() -> Unsealer.builder(ring, CONTEXT).leeway(Long.MIN_VALUE).build()));
        assertEquals(Code.MAX_AGE_RANGE, code(() -> Unsealer.builder(ring, CONTEXT).maxAge(Long.MAX_VALUE).build()));
    }

    @Test
    void getBytesReplacesWhatIsNotUtf8() {
        assertArrayEquals(new byte[] {'?'}, "\ud800".getBytes(StandardCharsets.UTF_8));
        assertNull(Utf8.decode(new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80}));
        assertNull(Utf8.decode(new byte[] {(byte) 0xc0, (byte) 0xaf}));
        assertEquals(3, Utf8.length("\ud800"));
        assertEquals(4, Utf8.length("\ud83d\ude00"));
        assertEquals(6, Utf8.length("\ude00\ud83d"));
        assertEquals(Code.CONTEXT_INVALID, code(() -> new Context("caf\u00e9", "x")));
        assertEquals(Code.USER_INVALID, code(() -> new User("a\ud800", 0, 0)));
    }

    @Test
    void lengthIsOfOctetsNotOfCharacters() {
        Unsealer small = Unsealer.builder(ring, CONTEXT).limit(114).build();
        assertEquals(Code.TOO_LONG, code(() -> small.unseal("é".repeat(58), NOW)));
        assertEquals(Code.NOT_A_TOKEN, code(() -> small.unseal("é".repeat(57), NOW)));
        assertEquals(Code.TOO_LONG, code(() -> small.unseal("\ud800".repeat(39), NOW)));
    }

    @Test
    void characterFunctionsTakeDigitsOfEveryScript() {
        assertEquals(1, Character.digit('\u0661', 16));
        String text = TestRing.key(1).secretText();
        assertEquals(Code.KEY_FORMAT, code(() -> Key.parse(text.substring(0, 85) + "\u0661")));
        assertEquals(Code.KEY_FORMAT, code(() -> Key.parse(text.toUpperCase(Locale.ROOT))));
        assertEquals(Code.KEY_FORMAT, code(() -> Key.parse(text + "\n")));
        assertEquals(Code.KEY_TEST, code(() -> Key.parse(text)));
        assertEquals(Code.KEYRING_FORMAT, code(() -> Keyring.parse("{\"cretula\":\"\\u066100\",\"keys\":[]}")));
    }

    @Test
    void lowerCaseInATurkishLocale() {
        Locale before = Locale.getDefault();
        Locale.setDefault(new Locale("tr", "TR"));
        try {
            assertNotEquals("id", "ID".toLowerCase());
            assertEquals("too_long", Code.valueOf("TOO_LONG").text());
            assertEquals("issued_in_future", Code.ISSUED_IN_FUTURE.text());
            assertEquals("ends_before_its_tokens", Keyring.Warning.ENDS_BEFORE_ITS_TOKENS.toString());
            assertEquals(Code.COOKIE_NAME, code(() -> CookieSettings.builder().name("__SECURE-ID").build()));
            CookieSettings.Place place = new CookieSettings.Place("/", "WIDE.EXAMPLE", false);
            assertEquals(Code.COOKIE_ATTRIBUTES, code(() -> CookieSettings.builder().name("__Secure-s")
                    .domain("wide.example").previous(place).build()));
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void textsOfObjectsHoldNoSecret() throws TokenException {
        String secret = TestRing.key(1).secretText().substring(13, 77);
        for (Object o : List.of(TestRing.key(1), ring, ring.entries().get(0), new User("ada-lovelace", 1, 1),
                unsealer.unseal(sealer.seal("ada-lovelace".getBytes(StandardCharsets.UTF_8), 60, NOW), NOW))) {
            assertFalse(o.toString().contains(secret), o.toString());
            assertFalse(o.toString().contains("ada-lovelace"), o.toString());
        }
        CretulaException e = org.junit.jupiter.api.Assertions.assertThrows(CretulaException.class,
                () -> Key.parse(TestRing.key(1).secretText()));
        assertFalse(e.getMessage().contains(secret));
        assertNull(e.getCause());
    }

    @Test
    void anArrayOfTheCallerIsCopied() {
        byte[] bytes = new byte[32];
        bytes[0] = 1;
        Key key = Key.of(bytes);
        bytes[0] = 2;
        assertTrue(key.secretText().startsWith("cretula_key1_01"));
    }

    @Test
    void noKeyIsGeneratedTwice() {
        assertNotEquals(Key.generate(), Key.generate());
        assertEquals(Key.parse(Key.generate().secretText()).secretText().length(), 86);
    }

    @Test
    void clockIsFlooredAndRanged() {
        java.time.Clock half = java.time.Clock.fixed(java.time.Instant.ofEpochMilli(NOW * 1000 + 999), java.time.ZoneOffset.UTC);
        String token = Sealer.builder(ring, CONTEXT).clock(half).build().seal(new byte[0], 60);
        assertEquals(NOW, org.junit.jupiter.api.Assertions.assertDoesNotThrow(() -> unsealer.unseal(token, NOW)).issuedAt());
        java.time.Clock early = java.time.Clock.fixed(java.time.Instant.ofEpochSecond(-1), java.time.ZoneOffset.UTC);
        assertEquals(Code.NO_CLOCK, code(() -> Sealer.builder(ring, CONTEXT).clock(early).build().seal(new byte[0], 0)));
        java.time.Clock far = java.time.Clock.fixed(java.time.Instant.MAX, java.time.ZoneOffset.UTC);
        assertEquals(Code.NO_CLOCK, code(() -> Unsealer.builder(ring, CONTEXT).clock(far).build().unseal("")));
    }

    @Test
    void aRefusedRingLeavesTheOldOne() throws TokenException {
        LiveKeyring live = new LiveKeyring(ring);
        Unsealer opener = Unsealer.of(live, CONTEXT);
        String token = sealer.seal(new byte[0], 60, NOW);
        assertEquals(Code.KEYRING_FORMAT, code(() -> live.reload("{".getBytes(StandardCharsets.UTF_8))));
        opener.unseal(token, NOW);
        live.exchange(TestRing.ring(2));
        assertEquals(Code.UNKNOWN_KEY, code(() -> opener.unseal(token, NOW)));
        live.exchange(TestRing.ending(NOW));
        assertEquals(Code.KEY_INACTIVE, code(() -> opener.unseal(token, NOW)));
    }

    @Test
    void warningsOfARing() {
        Keyring.Entry early = new Keyring.Entry(TestRing.key(1), NOW - 1, java.util.OptionalLong.of(NOW + 100));
        Keyring.Entry soon = new Keyring.Entry(TestRing.key(2), NOW + 9, java.util.OptionalLong.of((NOW + 1_000) * 1_000));
        Keyring warned = Keyring.of(List.of(early, soon));
        List<String> found = warned.warnings(NOW, 600, 10, 60).stream().map(f -> f.entry() + " " + f.code()).toList();
        assertEquals(List.of("0 ends_before_its_tokens", "1 takes_over_too_soon", "1 far_in_future"), found);
        Keyring far = Keyring.of(List.of(new Keyring.Entry(TestRing.key(1), NOW + 3_155_760_001L, java.util.OptionalLong.empty()),
                new Keyring.Entry(TestRing.key(2), 0, java.util.OptionalLong.of(NOW + 3_155_760_000L))));
        found = far.warnings(NOW, 600, 34_560_000, 60).stream().map(f -> f.entry() + " " + f.code()).toList();
        assertEquals(List.of("0 far_in_future", "1 ends_before_its_tokens"), found);
        for (long grace : new long[] {-1, 34_560_001, Long.MIN_VALUE, Long.MAX_VALUE}) {
            assertEquals(Code.GRACE_RANGE, code(() -> warned.warnings(NOW, 600, grace, 60)));
            assertEquals(Code.TTL_RANGE, code(() -> warned.warnings(NOW, 0, grace, 60)));
            assertEquals(Code.CLOCK_RANGE, code(() -> warned.warnings(-1, 0, grace, 60)));
            assertEquals(Code.LEEWAY_RANGE, code(() -> warned.warnings(-1, 0, grace, 301)));
        }
    }

    @Test
    void aMarkBeforeADocumentMakesItAList() {
        String document = "\ufeff{\"cretula\":\"keyring-v1\",\"keys\":[]}";
        assertEquals(Code.KEY_FORMAT, code(() -> Keyring.parse(document)));
        assertEquals(Code.KEY_FORMAT, code(() -> Keyring.parse(document.getBytes(StandardCharsets.UTF_8))));
        assertEquals(Code.KEYRING_EMPTY, code(() -> Keyring.parse(document.substring(1))));
    }

    @Test
    void aThousandEntries() {
        Keyring big = TestRing.ring(java.util.stream.IntStream.range(1, 200).toArray());
        assertEquals(199, big.entries().size());
        StringBuilder list = new StringBuilder();
        for (int i = 0; i < 1_000; i++) {
            list.append(Key.generate().secretText()).append(i % 2 == 0 ? "," : "\r\n");
        }
        assertEquals(1_000, Keyring.parse(list.toString()).entries().size());
    }

    @Test
    void newStringWritesReplacementCharacters() throws Exception {
        byte[] wrong = {'a', (byte) 0xed, (byte) 0xa0, (byte) 0x80};
        assertTrue(new String(wrong, StandardCharsets.UTF_8).contains("\ufffd"));
        assertNull(Utf8.decode(wrong));
        for (String text : List.of("", "plain", "\ufffd", "\ufeffa\ufffdb\ud83d\ude00")) {
            assertEquals(text, Utf8.decode(text.getBytes(StandardCharsets.UTF_8)));
        }
    }

    @Test
    void stringsAreTheSameWhereverTheirEscapesAre() throws Exception {
        for (String text : List.of("", "plain", "\"", "a\\", "\u0001a", "a\u001fb", "\u00e9\ud83d\ude00", "a\nb\"c")) {
            assertEquals(Json.of(text), Json.parse(Json.write(Json.of(text))));
        }
        assertEquals("\"a\\nb\\\"c\\u001f\"", Json.write(Json.of("a\nb\"c\u001f")));
    }

    /** A log line of whatever object shows no token, no payload and no key. */
    @Test
    void noObjectPrintsAToken() throws Exception {
        SessionCookie cookie = new SessionCookie(Sessions.builder(TestRing.ring(1), TestRing.CONTEXT).build(),
                CookieSettings.DEFAULT);
        Session session = cookie.open(List.of(), TestRing.NOW).unchecked();
        session.signOn("ada-lovelace", 7);
        session.put("a-name", Json.of("a-value"));
        session.put("flag", Json.of(true));
        Json.Obj data = session.data();
        SessionCookie.Response response = cookie.commit(session, TestRing.NOW, null);
        String line = response.setCookies().get(0);
        String token = response.commit().sealed().get().token();
        PendingSession again = cookie.open(List.of(line.split(";")[0]), TestRing.NOW);
        CookieRequest request = new CookieRequest(List.of(line.split(";")[0]));
        for (Object o : new Object[] {response, response.commit(), response.commit().sealed(), session, again,
                again.unchecked(), cookie, data, data.members().values(), new OnlyForVectors.Fixed(token, null, null, token),
                request.candidates("__Host-Http-session", new DerivedRing.Cache(ring, Kind.SEALED, CONTEXT).get(), true)}) {
            String text = o.toString();
            assertFalse(text.contains("CrE1"), text);
            assertFalse(text.contains("ada-lovelace") || text.contains("a-name") || text.contains("true"), text);
        }
    }
}
