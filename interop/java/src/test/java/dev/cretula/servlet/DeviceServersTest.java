package dev.cretula.servlet;

import static dev.cretula.SoftwareKey.between;
import static dev.cretula.servlet.TestServer.MAPPED;
import static dev.cretula.servlet.TestServer.cookies;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cretula.Code;
import dev.cretula.CookieSettings;
import dev.cretula.DeviceBinding;
import dev.cretula.Event;
import dev.cretula.Key;
import dev.cretula.Keyring;
import dev.cretula.Session;
import dev.cretula.SessionCheck;
import dev.cretula.SessionCheck.Answer;
import dev.cretula.SessionCookie;
import dev.cretula.SessionPolicy;
import dev.cretula.Site;
import dev.cretula.SoftwareKey;
import dev.cretula.json.Json;
import dev.cretula.servlet.TestServer.Kind;
import jakarta.servlet.ServletException;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.server.Server;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Device binding in Jetty and in Tomcat, with a browser of a few lines: the filter answers the two endpoints. */
@Timeout(120)
class DeviceServersTest {
    private static final String NAME = "__Host-Http-session";
    private static final String PROOF = "__Host-session.proof";
    private static final String START = "/device-binding/start";
    private static final String REFRESH = "/device-binding/refresh";

    private final AtomicLong now = new AtomicLong(1_790_000_000);
    private final AtomicInteger asked = new AtomicInteger();
    private final ConcurrentLinkedQueue<Event> events = new ConcurrentLinkedQueue<>();
    private final Keyring ring = Keyring.parse(Key.generate().secretText());
    private volatile Answer answer = Answer.generation(7);
    private TestServer server;

    /** A clock that the test moves. */
    private final Clock clock = new Clock() {
        @Override
        public ZoneId getZone() {
            return ZoneId.of("UTC");
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return Instant.ofEpochSecond(now.get());
        }
    };

    private Site site() {
        return Site.builder(ring, "shop.example").clock(clock).onEvent(events::add).build();
    }

    private Answer check(SessionCheck.Claim claim) {
        asked.incrementAndGet();
        return claim.sub().isPresent() ? answer : Answer.NONE;
    }

    /** What an application does: one line for device binding. */
    private SessionCookie sessions(long recheck) {
        return site().sessions().check(this::check).policy(SessionPolicy.DEFAULT.withRecheck(recheck))
                .deviceBinding(DeviceBinding.DEFAULT).build();
    }

    private void start(Kind kind, SessionFilter filter) throws Exception {
        stop();
        server = new TestServer(kind, MAPPED, false, filter);
        server.on("/sign-on", (q, s) -> RequestSession.of(q).session().signOn("ada", 7));
        server.on("/sign-off", (q, s) -> RequestSession.of(q).session().signOff());
        server.on("/", (q, s) -> {
            Session session = RequestSession.of(q).session();
            s.getWriter().print(session.user().map(user -> user.sub()).orElse("guest") + " " + session.isBound() + " "
                    + session.refused().map(Code::text).orElse(""));
        });
    }

    @AfterEach
    void stop() throws Exception {
        if (server != null) {
            server.close();
            server = null;
        }
    }

    /** Cookies, and what the browser keeps for device binding. */
    private final class Browser {
        final Map<String, String> jar = new LinkedHashMap<>();
        final SoftwareKey key = new SoftwareKey();
        String id;

        Browser() {
        }

        /** All cookies of another one. */
        Browser(Browser stolen) {
            jar.putAll(stolen.jar);
            id = stolen.id;
        }

        HttpResponse<String> call(String method, String path, String... headers) throws Exception {
            List<String> all = new ArrayList<>(List.of(headers));
            if (!jar.isEmpty()) {
                List<String> pairs = jar.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList();
                all.addAll(List.of("Cookie", String.join("; ", pairs)));
            }
            HttpResponse<String> r = server.call(method, path, all.toArray(String[]::new));
            for (String line : cookies(r)) {
                String[] pair = line.substring(0, line.indexOf(';')).split("=", 2);
                if (line.contains("; Max-Age=0;")) {
                    jar.remove(pair[0]);
                } else {
                    jar.put(pair[0], pair[1]);
                }
            }
            return r;
        }

        String page() throws Exception {
            HttpResponse<String> r = call("GET", "/");
            assertEquals(200, r.statusCode());
            assertEquals(Optional.empty(), r.headers().firstValue("Secure-Session-Registration"));
            return r.body().strip();
        }

        String signOn() throws Exception {
            HttpResponse<String> r = call("POST", "/sign-on", "Sec-Fetch-Site", "same-origin");
            assertEquals(200, r.statusCode());
            String offer = r.headers().firstValue("Secure-Session-Registration").orElseThrow();
            assertTrue(offer.startsWith("(ES256);path=\"" + START + "\";challenge=\"CrE1"), offer);
            return between(offer, "challenge=\"");
        }

        HttpResponse<String> register(String challenge) throws Exception {
            // Chromium's own request need not come from a page.
            HttpResponse<String> r = call("POST", START, "Secure-Session-Response", key.registers(challenge),
                    "Sec-Fetch-Site", "cross-site");
            if (r.statusCode() == 200) {
                assertEquals(REFRESH, between(r.body(), "\"refresh_url\":\""));
                assertEquals(PROOF, between(r.body(), "\"name\":\""));
                id = between(r.body(), "\"session_identifier\":\"");
            }
            return r;
        }

        /** Asks for a challenge, and answers it. */
        HttpResponse<String> refresh() throws Exception {
            HttpResponse<String> asks = call("POST", REFRESH, "Sec-Secure-Session-Id", id);
            if (asks.statusCode() != 403) {
                return asks;
            }
            String challenge = between(asks.headers().firstValue("Secure-Session-Challenge").orElseThrow(), "\"");
            return call("POST", REFRESH, "Sec-Secure-Session-Id", id, "Secure-Session-Response", key.refreshes(challenge));
        }
    }

    private static void assertUnstored(HttpResponse<?> r) {
        assertEquals(List.of("no-store"), r.headers().allValues("Cache-Control"));
        assertEquals(List.of("Cookie"), r.headers().allValues("Vary"));
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void signOnThenBoundThenRefreshed(Kind kind) throws Exception {
        start(kind, SessionFilter.builder(sessions(0)).sameSitePosts(true).build());
        Browser ada = new Browser();
        assertEquals("guest false absent", ada.page());
        String challenge = ada.signOn();
        assertEquals("ada false", ada.page());
        HttpResponse<String> registered = ada.register(challenge);
        assertEquals(200, registered.statusCode());
        assertUnstored(registered);
        assertEquals(Optional.of("application/json"), registered.headers().firstValue("Content-Type"));
        assertEquals(2, cookies(registered).size());
        assertEquals("ada true", ada.page());

        Browser thief = new Browser(ada);
        assertEquals("ada true", thief.page(), "as long as the proof lives");
        now.addAndGet(600);
        assertEquals("guest false unproven", thief.page());
        HttpResponse<String> refused = thief.refresh();
        assertEquals(401, refused.statusCode());
        assertUnstored(refused);
        assertEquals("", refused.body());
        assertEquals("guest false unproven", thief.page());

        assertEquals("guest false unproven", ada.page());
        HttpResponse<String> refreshed = ada.refresh();
        assertEquals(200, refreshed.statusCode());
        assertUnstored(refreshed);
        assertEquals("", refreshed.body());
        assertEquals(1, cookies(refreshed).size());
        assertEquals("ada true", ada.page());
        now.addAndGet(599);
        assertEquals("ada true", ada.page());
        assertEquals("guest false unproven", thief.page(), "a copy is never extended");

        HttpResponse<String> off = ada.call("POST", "/sign-off");
        assertTrue(cookies(off).get(0).startsWith(PROOF + "=; Path=/; Max-Age=0"), cookies(off).toString());
        assertEquals("{\"session_identifier\":\"" + ada.id + "\",\"continue\":false}", ada.refresh().body());
    }

    /** The second server knows the ring, and nothing of the first. */
    @ParameterizedTest
    @EnumSource(Kind.class)
    void aServerIsRestartedInTheMiddle(Kind kind) throws Exception {
        start(kind, new SessionFilter(sessions(0)));
        Browser ada = new Browser();
        String challenge = ada.signOn();
        start(kind, new SessionFilter(sessions(0)));
        assertEquals(200, ada.register(challenge).statusCode());
        now.addAndGet(600);
        String asks = ada.call("POST", REFRESH, "Sec-Secure-Session-Id", ada.id).headers()
                .firstValue("Secure-Session-Challenge").orElseThrow();
        start(kind, new SessionFilter(sessions(0)));
        assertEquals(200, ada.call("POST", REFRESH, "Sec-Secure-Session-Id", ada.id, "Secure-Session-Response",
                ada.key.refreshes(between(asks, "\""))).statusCode());
        assertEquals("ada true", ada.page());
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void pagesOfABoundSessionNeedNoCheck(Kind kind) throws Exception {
        start(kind, new SessionFilter(sessions(600)));
        Browser ada = new Browser();
        ada.register(ada.signOn());
        assertEquals(1, asked.get());
        assertEquals(200, ada.refresh().statusCode());
        assertEquals(2, asked.get());
        for (int i = 0; i < 20; i++) {
            now.addAndGet(25);
            assertEquals("ada true", ada.page());
        }
        assertEquals(2, asked.get());
        assertEquals(200, ada.refresh().statusCode());
        assertEquals(3, asked.get());
        answer = Answer.generation(8);
        now.addAndGet(599);
        assertEquals("ada true", ada.page(), "trusted");
        assertTrue(ada.refresh().body().endsWith("\"continue\":false}"));
        now.addAndGet(1);
        assertEquals("guest false unproven", ada.page());
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void onlyPostsToThePathsAreAnswered(Kind kind) throws Exception {
        start(kind, new SessionFilter(sessions(0)));
        server.on(START, (q, s) -> s.getWriter().print("the application's"));
        server.on("/device-binding/other", (q, s) -> s.getWriter().print("the application's"));
        Browser ada = new Browser();
        assertEquals("the application's", ada.call("GET", START).body());
        assertEquals("the application's", ada.call("POST", "/device-binding/other").body());
        HttpResponse<String> r = ada.call("POST", START);
        assertEquals(401, r.statusCode());
        assertUnstored(r);
        assertEquals(401, ada.call("POST", REFRESH).statusCode());
        assertEquals(401, ada.call("POST", REFRESH + "?a=b").statusCode());
        assertTrue(events.stream().anyMatch(e -> e.toString().equals("device binding refused: absent")), events.toString());
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void aRegistrationThatCannotBeWritten(Kind kind) throws Exception {
        SessionFilter filter = SessionFilter.builder(sessions(0)).onCommit((request, response) -> {
            if (request.getRequestURI().equals(START)) {
                throw new IllegalStateException("the deny-list is down");
            }
        }).build();
        start(kind, filter);
        Browser ada = new Browser();
        HttpResponse<String> r = ada.register(ada.signOn());
        assertEquals(500, r.statusCode());
        assertEquals(List.of(), cookies(r));
        assertEquals(List.of("private"), r.headers().allValues("Cache-Control"));
        assertEquals(List.of("Cookie"), r.headers().allValues("Vary"));
        assertEquals("ada false", ada.page());
    }

    /** Who lost the key has lost the session, and signs on again; nothing else may replace it (SESS-18). */
    @ParameterizedTest
    @EnumSource(Kind.class)
    void anUnprovenUserMaySignOn(Kind kind) throws Exception {
        start(kind, new SessionFilter(sessions(0)));
        server.on("/put", (q, s) -> RequestSession.of(q).session().put("a", Json.of(1)));
        Browser ada = new Browser();
        ada.register(ada.signOn());
        now.addAndGet(600);
        assertEquals(503, ada.call("POST", "/put").statusCode());
        assertEquals(503, ada.call("POST", "/sign-off").statusCode());
        ada.signOn();
        assertEquals("ada false", ada.page());
        assertTrue(ada.refresh().body().endsWith("\"continue\":false}"));
    }

    @Test
    void aFilterWithoutACheckIsRefused() {
        SessionCookie cookie = site().sessions().deviceBinding(DeviceBinding.DEFAULT).build();
        assertThrows(IllegalStateException.class, () -> new SessionFilter(cookie));
        SessionFilter.builder(cookie).check(this::check).build();
    }

    @Test
    void aPathOutsideTheContextIsRefused() throws Exception {
        assertThrows(ServletException.class, () -> start("/shop", "/device-binding"));
        assertThrows(ServletException.class, () -> start("/shop", "/shopping/devices"));
        start("/shop", "/shop/devices");
        start("/", "/device-binding");
        assertFalse(events.stream().anyMatch(e -> e.kind() == Event.Kind.NOT_WRITTEN));
    }

    private void start(String contextPath, String path) throws Exception {
        SessionCookie cookie = site().sessions().check(this::check).cookie(CookieSettings.DEFAULT)
                .deviceBinding(DeviceBinding.builder().path(path).build()).build();
        ServletContextHandler context = new ServletContextHandler(contextPath);
        context.addFilter(new FilterHolder(new SessionFilter(cookie)), "/*", MAPPED);
        Server jetty = new Server(0);
        jetty.setHandler(context);
        try {
            jetty.start();
        } finally {
            jetty.stop();
        }
    }
}
