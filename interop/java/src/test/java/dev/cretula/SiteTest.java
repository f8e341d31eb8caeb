package dev.cretula;

import static dev.cretula.TestRing.code;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cretula.SessionCheck.Answer;
import dev.cretula.json.Json;
import dev.cretula.testing.Testing;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One owner of ring, audience and clock; where its ring comes from; what is told of it. */
@Timeout(60)
class SiteTest {
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final Keyring ring = Keyring.parse(Key.generate().secretText());

    private Site site() {
        return Site.builder(ring, "shop.example").onEvent(events::add).build();
    }

    private static String line(SessionCookie sessions) {
        return Testing.signedOn(sessions, "ada", 7, Json.EMPTY.with("basket", Json.of("tea")));
    }

    @Test
    void oneExchangeReachesEverything() throws Exception {
        Site site = site();
        SessionCookie sessions = site.sessions().build();
        TokenCookie url = site.cookie("return-url", 600);
        String session = line(sessions);
        String token = url.line("/basket".getBytes(StandardCharsets.UTF_8)).split(";")[0];
        assertTrue(token.startsWith("__Host-Http-return-url=CrE1"), token);
        assertEquals(600, url.read(List.of(token)).ttl());
        assertTrue(site.exchange(Keyring.parse(Key.generate().secretText())));
        assertEquals(Optional.of(Code.UNKNOWN_KEY), sessions.open(List.of(session)).unchecked().refused());
        assertEquals(Code.UNKNOWN_KEY, code(() -> url.read(List.of(token))));
        assertEquals("session refused: unknown_key", events.take().toString());
    }

    @Test
    void whatClashesIsRefusedWhenTheSecondIsMade() {
        Site site = site();
        site.sessions().build();
        assertEquals(Code.COOKIE_CLASH, code(() -> site.cookie("session", 600)), "a session's purpose (SESS-24)");
        assertEquals(Code.COOKIE_CLASH, code(() -> site.sessions().build()));
        CookieSettings same = CookieSettings.builder().name("__Host-Http-session").build();
        assertEquals(Code.COOKIE_CLASH, code(() -> site.cookie("return-url", 600, same)));
        CookieSettings mark = CookieSettings.builder().name("__Host-Http-session.end").build();
        assertEquals(Code.COOKIE_CLASH, code(() -> site.cookie("return-url", 600, mark)));
        for (String beside : List.of("challenge", "device", "proof")) {
            assertEquals(Code.COOKIE_CLASH, code(() -> site.cookie("session." + beside, 600,
                    CookieSettings.builder().name("__Host-other").build())));
        }
        assertEquals(Code.COOKIE_CLASH, code(() -> site.cookie("return-url", 600,
                CookieSettings.builder().name("__Host-session.proof").build())));
        site.cookie("return-url", 600);
        assertEquals(Code.COOKIE_CLASH, code(() -> site.sessions().purpose("return-url").build()));
        site.sessions().purpose("remember").build();
        assertEquals(Code.CONTEXT_INVALID, code(() -> Site.of(ring, "not an audience")));
        assertEquals(Code.MAX_AGE_RANGE, code(() -> site.cookie("other", 0)));
    }

    @Test
    void devicesByOneLine() {
        Site site = site();
        SessionCookie sessions = site.sessions().deviceBinding(DeviceBinding.DEFAULT).build();
        assertEquals("/device-binding", sessions.deviceBinding().orElseThrow().path());
        assertEquals(Code.DEVICE_SETTINGS, code(() -> DeviceBinding.builder().proof(0).build()));
        assertEquals(Code.CONTEXT_INVALID, code(() -> site.sessions().purpose("p".repeat(246))
                .cookie(CookieSettings.builder().name("__Host-p").build()).deviceBinding(DeviceBinding.DEFAULT).build()));
        assertEquals(Code.COOKIE_CLASH,
                code(() -> site.sessions().purpose("second").deviceBinding(DeviceBinding.DEFAULT).build()));
        site.sessions().purpose("second").deviceBinding(DeviceBinding.builder().path("/second").build()).build();
        // Browsers bind on https only; an own cookie is judged as it is.
        Site development = Site.builder(ring, "shop.example").development(true).build();
        assertEquals(Optional.empty(), development.sessions().deviceBinding(DeviceBinding.DEFAULT).build().deviceBinding());
        assertEquals(Code.COOKIE_ATTRIBUTES, code(() -> development.sessions().purpose("b").deviceBinding(DeviceBinding.DEFAULT)
                .cookie(CookieSettings.builder().name("b").notSecure().build()).build()));
    }

    @Test
    void inDevelopmentCookiesArePlain() {
        for (String audience : List.of("shop.example", "https://shop;example/" + "x".repeat(200))) {
            Site site = Site.builder(ring, audience).development(true).build();
            SessionCookie sessions = site.sessions().build();
            String name = sessions.settings().name();
            assertTrue(name.endsWith("-session") && name.length() <= 64 && !name.startsWith("__"), name);
            assertFalse(sessions.settings().isSecure());
            assertFalse(site.cookie("return-url", 600).line(new byte[0]).contains("Secure"));
        }
        assertEquals("shop.example-session", Site.builder(ring, "shop.example").development(true).build().sessions().build()
                .settings().name());
    }

    @Test
    void aVariableIsNamedAndItsKeyIsNot() {
        String key = Key.generate().secretText();
        String wrong = key.substring(0, 85) + (key.endsWith("0") ? "1" : "0");
        assertEquals(ring.entries().size(), Keyring.fromEnv("CRETULA_KEYS", key).entries().size());
        for (String value : new String[] {null, "", wrong, "{\"cretula\":\"keyring-v1\"", key + "," + key}) {
            CretulaException e = assertThrows(CretulaException.class, () -> Keyring.fromEnv("CRETULA_KEYS", value));
            assertTrue(e.getMessage().contains("the environment variable CRETULA_KEYS"), e.getMessage());
            assertFalse(e.getMessage().contains(key.substring(13, 40)), e.getMessage());
            assertEquals(e.entry().isPresent() ? 2 : 1, e.getMessage().split("\\(entry ").length, e.getMessage());
        }
        assertThrows(CretulaException.class, () -> Keyring.fromEnv("CRETULA_TEST_NO_SUCH_VARIABLE"));
    }

    @Test
    void aFileIsReadAgainAndARefusedOneChangesNothing(@TempDir Path folder) throws Exception {
        Path path = folder.resolve("keys");
        assertThrows(UncheckedIOException.class, () -> Site.watching(path, "shop.example"));
        Files.writeString(path, "{");
        CretulaException refused = assertThrows(CretulaException.class, () -> Site.watching(path, "shop.example"));
        assertTrue(refused.getMessage().contains(path.toString()), refused.getMessage());
        Files.writeString(path, Key.generate().secretText());
        try (Site site = Site.watching(path, "shop.example", Duration.ofMillis(20), events::add)) {
            SessionCookie sessions = site.sessions().build();
            String before = line(sessions);
            Files.writeString(path, Key.generate().secretText());
            Event exchanged = events.take();
            if (exchanged.kind() == Event.Kind.KEYRING_REFUSED) { // half written
                exchanged = events.take();
            }
            assertEquals("keyring exchanged", exchanged.toString());
            assertEquals(Optional.of(Code.UNKNOWN_KEY), sessions.open(List.of(before)).unchecked().refused());
            events.clear();
            String now = line(sessions);
            Files.writeString(path, "{");
            assertEquals("keyring refused: keyring_format", events.take().toString());
            Files.delete(path);
            Event unreadable = events.take();
            assertTrue(unreadable.error().get() instanceof java.nio.file.NoSuchFileException, unreadable.toString());
            assertEquals(null, events.poll(200, TimeUnit.MILLISECONDS), "each is told once");
            assertTrue(sessions.open(List.of(now)).unchecked().refused().isEmpty());
        }
        assertThrows(IllegalStateException.class, () -> site().reload());
    }

    @Test
    void theTestHelperMakesACookieThatOpens() {
        SessionCookie sessions = site().sessions().cookie(CookieSettings.builder().name("__Host-s").large().build()).build();
        String large = "x".repeat(4_000);
        Session session = sessions.open(List.of(Testing.signedOn(sessions, "ada", 7, Json.EMPTY.with("a", Json.of(large)))))
                .check(claim -> Answer.generation(7));
        assertEquals("ada", session.user().get().sub());
        assertEquals(Json.of(large), session.data().get("a"));
    }

    @Test
    void aCheckThatThrowsIsToldAndClosesTheSession() {
        SessionCookie sessions = site().sessions().build();
        Exception away = new java.io.IOException("the database is away");
        Session session = sessions.open(List.of(line(sessions))).check(claim -> {
            throw away;
        });
        assertEquals(Optional.of(Code.UNCHECKED), session.refused());
        assertTrue(session.notNow());
        assertSame(away, events.remove().error().get());
        assertEquals("session refused: unchecked", events.remove().toString());
        // A guest's session needs no answer, and an error of the virtual machine is none.
        Session guest = sessions.open(List.of()).unchecked();
        guest.send();
        String cookie = sessions.commit(guest, null).setCookies().get(0).split(";")[0];
        assertTrue(sessions.open(List.of(cookie)).check(claim -> {
            throw away;
        }).refused().isEmpty());
        assertThrows(OutOfMemoryError.class, () -> sessions.open(List.of(cookie)).check(claim -> {
            throw new OutOfMemoryError();
        }));
    }

    /** The default log, and that it holds no token. */
    @Test
    void theLogIsTheSystemsLogger() throws Exception {
        BlockingQueue<java.util.logging.LogRecord> records = new LinkedBlockingQueue<>();
        java.util.logging.Logger logger = java.util.logging.Logger.getLogger("dev.cretula");
        java.util.logging.Handler handler = new java.util.logging.Handler() {
            @Override
            public void publish(java.util.logging.LogRecord r) {
                records.add(r);
            }

            @Override
            public void flush() {
            }

            @Override
            public void close() {
            }
        };
        logger.addHandler(handler);
        logger.setLevel(java.util.logging.Level.ALL);
        logger.setUseParentHandlers(false);
        try {
            SessionCookie sessions = Site.of(ring, "shop.example").sessions().build();
            SessionCookie others = site().sessions().build();
            sessions.open(List.of()).unchecked(); // absent
            sessions.open(List.of(line(sessions) + "x")).unchecked();
            sessions.open(List.of(line(others).replace("CrE1", "CrE2"))).unchecked();
            sessions.open(List.of(line(sessions))).check(claim -> {
                throw new IllegalStateException("away");
            });
            Site quiet = Site.builder(ring, "shop.example").onEvent(Event.NONE).build();
            quiet.sessions().build().open(List.of("__Host-Http-session=x")).unchecked();
        } finally {
            logger.setUseParentHandlers(true);
            logger.setLevel(null);
            logger.removeHandler(handler);
        }
        List<String> lines = records.stream().map(r -> r.getLevel() + " " + r.getMessage()).toList();
        assertArrayEquals(new String[] {"FINE session refused: encoding", "FINE session refused: unsupported_version",
            "SEVERE session check failed: java.lang.IllegalStateException: away", "FINE session refused: unchecked"},
                lines.toArray(), lines.toString());
    }
}
