package dev.cretula.servlet;

import static dev.cretula.servlet.TestServer.MAPPED;
import static dev.cretula.servlet.TestServer.cookies;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cretula.Code;
import dev.cretula.Commit;
import dev.cretula.Context;
import dev.cretula.CookieSettings;
import dev.cretula.Event;
import dev.cretula.Key;
import dev.cretula.Keyring;
import dev.cretula.Session;
import dev.cretula.SessionCheck.Answer;
import dev.cretula.SessionCookie;
import dev.cretula.Sessions;
import dev.cretula.TestRing;
import dev.cretula.json.Json;
import dev.cretula.servlet.TestServer.Kind;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import jakarta.servlet.http.HttpUpgradeHandler;
import jakarta.servlet.http.WebConnection;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What befalls a response in Jetty and in Tomcat: other threads, dispatches, errors, protocols, a client that goes. */
@Timeout(120)
class ServersTest {
    private static final ExecutorService POOL = Executors.newCachedThreadPool();

    private final ConcurrentLinkedQueue<Event> events = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<Commit> commits = new ConcurrentLinkedQueue<>();
    private final SessionCookie cookie = cookie("session");
    private TestServer server;

    private SessionCookie cookie(String purpose) {
        return new SessionCookie(Sessions.builder(Keyring.parse(Key.generate().secretText()), new Context("shop.example", purpose))
                .onEvent(events::add).build(), CookieSettings.builder().name("__Host-Http-" + purpose).build());
    }

    private SessionFilter.Builder filter() {
        return SessionFilter.builder(cookie).onCommit((request, r) -> commits.add(r.commit()));
    }

    private void start(Kind kind, Filter... filters) throws Exception {
        stop();
        server = new TestServer(kind, MAPPED, false, filters);
    }

    @AfterEach
    void stop() throws Exception {
        if (server != null) {
            server.close();
        }
    }

    @AfterAll
    static void end() {
        POOL.shutdownNow();
    }

    private static Session session(HttpServletRequest request) {
        return RequestSession.of(request).unchecked();
    }

    private static void put(HttpServletRequest request) {
        session(request).put("a", Json.of(1));
    }

    private static void assertSent(HttpResponse<?> r) {
        assertEquals(1, cookies(r).size(), r.toString() + r.headers().map());
        assertTrue(cookies(r).get(0).startsWith("__Host-Http-session=CrE1"), cookies(r).get(0));
        assertEquals(List.of("no-store"), r.headers().allValues("Cache-Control"));
        assertEquals(List.of("Cookie"), r.headers().allValues("Vary"));
    }

    private static void assertUnsent(int status, HttpResponse<?> r) {
        assertEquals(status, r.statusCode());
        assertEquals(List.of(), cookies(r));
    }

    private String signedOn() throws Exception {
        return cookies(server.handle((q, s) -> session(q).signOn("ada", 7))).get(0).split(";")[0];
    }

    private static void sleep(int milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Work of a pool thread that ends the response. */
    private static void later(AsyncContext async, TestServer.Handler work) {
        POOL.execute(() -> {
            try {
                work.handle((HttpServletRequest) async.getRequest(), (HttpServletResponse) async.getResponse());
            } catch (Exception e) {
                throw new IllegalStateException(e);
            } finally {
                async.complete();
            }
        });
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void startAsyncWithoutArgumentsKeepsTheSessionAndTheBody(Kind kind) throws Exception {
        start(kind, filter().build());
        String tail = "x".repeat(1_000);
        for (int i = 0; i < 40; i++) {
            int turn = i;
            HttpResponse<String> r = server.handle((q, s) -> {
                put(q);
                s.getWriter().print("head-");
                later(q.startAsync(), (q2, s2) -> s2.getWriter().print(tail));
                sleep(turn % 2);
            });
            assertEquals("head-" + tail, r.body());
            assertSent(r);
            // The pool thread changes the session, however late it is.
            r = server.handle((q, s) -> later(q.startAsync(), (q2, s2) -> {
                sleep(turn % 3);
                put(q2);
                s2.getOutputStream().print(tail);
            }));
            assertEquals(tail, r.body());
            assertSent(r);
        }
        // More than the buffer, and through the context of the request.
        HttpResponse<String> r = server.handle((q, s) -> {
            q.startAsync();
            POOL.execute(() -> {
                try {
                    put(q);
                    q.getAsyncContext().getResponse().getWriter().print("x".repeat(200_000));
                    assertEquals(Code.COMMITTED, TestRing.code(() -> put(q)));
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                } finally {
                    q.getAsyncContext().complete();
                }
            });
        });
        assertEquals(200_000, r.body().length());
        assertSent(r);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void aWriteListenerSendsTheSessionFirst(Kind kind) throws Exception {
        start(kind, filter().build());
        HttpResponse<String> r = server.handle((q, s) -> {
            put(q);
            AsyncContext async = q.startAsync();
            ServletOutputStream out = async.getResponse().getOutputStream();
            out.setWriteListener(new WriteListener() {
                private int left = 50;

                @Override
                public void onWritePossible() throws IOException {
                    while (out.isReady()) {
                        if (left-- == 0) {
                            async.complete();
                            return;
                        }
                        out.write("x".repeat(1_000).getBytes(StandardCharsets.US_ASCII));
                    }
                }

                @Override
                public void onError(Throwable t) {
                    async.complete();
                }
            });
        });
        assertEquals(50_000, r.body().length());
        assertSent(r);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void aDispatchEndsWithTheSession(Kind kind) throws Exception {
        for (EnumSet<DispatcherType> mapped : List.of(MAPPED, EnumSet.of(DispatcherType.REQUEST))) {
            stop();
            server = new TestServer(kind, mapped, false, filter().build());
            server.on("/next", (q, s) -> {
                put(q);
                s.getWriter().print("next");
                assertEquals(mapped != MAPPED, isCommitted(q));
            });
            HttpResponse<String> r = server.handle((q, s) -> {
                s.getWriter().print("first-");
                AsyncContext async = q.startAsync();
                POOL.execute(() -> async.dispatch("/next"));
            });
            assertEquals("first-next", r.body());
            assertSent(r);
            // A dispatch from a dispatch, which completes in a pool thread.
            server.on("/again", (q, s) -> later(q.startAsync(), (q2, s2) -> {
                put(q2);
                s2.getWriter().print("again");
            }));
            r = server.handle((q, s) -> q.startAsync().dispatch("/again"));
            assertEquals("again", r.body());
            assertSent(r);
        }
        // Nothing is written, and nobody tells the filter of the end: the log hears of it.
        events.clear();
        server.on("/next", (q, s) -> put(q));
        assertUnsent(200, server.handle((q, s) -> q.startAsync().dispatch("/next")));
        await(() -> events.stream().anyMatch(e -> e.kind() == Event.Kind.NOT_WRITTEN));
    }

    private static boolean isCommitted(HttpServletRequest q) {
        try {
            session(q).put("b", Json.of(1));
            return false;
        } catch (dev.cretula.CretulaException e) {
            return e.code() == Code.COMMITTED;
        }
    }

    private static void await(java.util.function.BooleanSupplier done) {
        for (int i = 0; i < 500 && !done.getAsBoolean(); i++) {
            sleep(10);
        }
        assertTrue(done.getAsBoolean());
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void aHandlerThatOutlivesItsResponse(Kind kind) throws Exception {
        start(kind, filter().build());
        CompletableFuture<Code> late = new CompletableFuture<>();
        CountDownLatch answered = new CountDownLatch(1);
        HttpResponse<String> r = server.handle((q, s) -> {
            put(q);
            Session session = session(q);
            AsyncContext async = q.startAsync();
            ServletOutputStream out = async.getResponse().getOutputStream();
            async.setTimeout(100);
            POOL.execute(() -> {
                try {
                    answered.await();
                    sleep(200);
                    assertThrows(IOException.class, () -> out.print("late"));
                    late.complete(TestRing.code(session::signOff));
                } catch (Throwable e) {
                    late.completeExceptionally(e);
                }
            });
        });
        assertTrue(r.statusCode() >= 500);
        assertEquals(List.of(), cookies(r));
        answered.countDown();
        assertEquals(Code.COMMITTED, late.get(30, TimeUnit.SECONDS));
        assertTrue(commits.isEmpty());
        // A listener of the application answers at the time-out, by the context of the event.
        r = server.handle((q, s) -> {
            put(q);
            AsyncContext async = q.startAsync();
            async.setTimeout(100);
            async.addListener(new AsyncListener() {
                @Override
                public void onTimeout(AsyncEvent event) throws IOException {
                    event.getAsyncContext().getResponse().getWriter().print("timed out");
                    event.getAsyncContext().complete();
                }

                @Override
                public void onComplete(AsyncEvent event) {
                }

                @Override
                public void onError(AsyncEvent event) {
                }

                @Override
                public void onStartAsync(AsyncEvent event) {
                }
            });
        });
        assertEquals("timed out", r.body());
        assertSent(r);
        // A thread of its own, without an asynchronous cycle.
        CompletableFuture<Code> thread = new CompletableFuture<>();
        server.handle((q, s) -> {
            Session session = session(q);
            POOL.execute(() -> {
                sleep(200);
                thread.complete(TestRing.code(() -> session.put("a", Json.of(1))));
            });
        });
        assertEquals(Code.COMMITTED, thread.get(30, TimeUnit.SECONDS));
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void aChangeAfterTheHeadIsAnError(Kind kind) throws Exception {
        start(kind, filter().build());
        String pair = signedOn();
        HttpResponse<String> r = server.handle((q, s) -> {
            Session session = session(q);
            s.getOutputStream().print("head");
            s.flushBuffer();
            for (Runnable change : List.<Runnable>of(() -> session.signOn("eve", 1), session::signOff,
                    () -> session.reauthenticate(7), session::send, () -> session.put("a", Json.of(1)))) {
                assertEquals(Code.COMMITTED, TestRing.code(change::run));
            }
            s.getOutputStream().print("-end");
        }, "Cookie", pair);
        assertEquals("head-end", r.body());
        // Who asks for the first time after the head is too late.
        r = server.handle((q, s) -> {
            s.getOutputStream().print("head");
            s.flushBuffer();
            assertThrows(IllegalStateException.class, () -> session(q));
            s.getOutputStream().print("-end");
        }, "Cookie", pair);
        assertEquals("head-end", r.body());
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void aHandlersErrorSendsNothingAndAChangeAfterItIsAnError(Kind kind) throws Exception {
        start(kind, filter().build());
        CompletableFuture<Session> kept = new CompletableFuture<>();
        assertUnsent(500, server.handle((q, s) -> {
            put(q);
            kept.complete(session(q));
            throw new UnsupportedOperationException("a bug");
        }));
        assertEquals(Code.COMMITTED, TestRing.code(() -> kept.get().signOff()));
        assertTrue(commits.isEmpty());
    }

    private static void tooLarge(HttpServletRequest q) {
        session(q).put("big", Json.of("x".repeat(5_000)));
    }

    /** The page of a failed commit takes the place of all that the handler set, and of nothing that stood before. */
    @ParameterizedTest
    @EnumSource(Kind.class)
    void aPageWhenACommitFails(Kind kind) throws Exception {
        Filter before = (q, s, chain) -> {
            ((HttpServletResponse) s).setHeader("X-Frame-Options", "DENY");
            chain.doFilter(q, s);
        };
        start(kind, before, filter().build());
        TestServer.Handler encoded = (q, s) -> {
            s.setHeader("Content-Encoding", "gzip");
            s.setContentLength(3);
            s.setStatus(201);
            tooLarge(q);
            s.getOutputStream().print("abc");
        };
        List<TestServer.Handler> handlers = List.of(encoded, (q, s) -> later(q.startAsync(), encoded), (q, s) -> {
            tooLarge(q);
            s.sendRedirect("/");
        }, (q, s) -> {
            tooLarge(q);
            s.sendError(404);
        });
        for (TestServer.Handler handler : handlers) {
            HttpResponse<String> r = server.handle(handler);
            assertUnsent(500, r);
            assertEquals("The session could not be saved.", r.body().strip());
            assertEquals(List.of(), r.headers().allValues("Content-Encoding"));
            assertEquals(List.of("DENY"), r.headers().allValues("X-Frame-Options"));
            assertEquals(List.of("private"), r.headers().allValues("Cache-Control"));
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void mountedTwiceThereIsOneSession(Kind kind) throws Exception {
        SessionFilter checking = filter().check(claim -> Answer.generation(7)).attribute("other").build();
        for (Filter[] filters : List.of(new Filter[] {filter().build(), filter().build()},
                new Filter[] {filter().build(), checking}, new Filter[] {checking, filter().build()})) {
            start(kind, filters);
            commits.clear();
            HttpResponse<String> r = server.handle((q, s) -> {
                assertSame(RequestSession.of(q), q.getAttribute(filters[1] == checking || filters[0] == checking ? "other"
                        : RequestSession.ATTRIBUTE));
                session(q).signOn("ada", 7);
                s.getWriter().print("x".repeat(100_000));
            });
            assertSent(r);
            assertEquals(1, commits.size());
            String pair = cookies(r).get(0).split(";")[0];
            r = server.handle((q, s) -> {
                session(q).signOn("eve", 1);
                later(q.startAsync(), (q2, s2) -> s2.getWriter().print("end"));
            }, "Cookie", pair);
            assertSent(r);
            assertEquals("end", r.body());
        }
        // Another session of the same name, or at the same attribute: refused, with the reason.
        SessionCookie same = cookie("session");
        for (SessionFilter other : List.of(SessionFilter.builder(same).attribute("other").build(),
                SessionFilter.builder(cookie("second")).build())) {
            CompletableFuture<Throwable> thrown = new CompletableFuture<>();
            start(kind, filter().build(), (q, s, chain) -> {
                try {
                    other.doFilter(q, s, chain);
                } catch (IllegalStateException e) {
                    thrown.complete(e);
                    throw e;
                }
            });
            assertUnsent(500, server.handle((q, s) -> { }));
            assertTrue(thrown.get(1, TimeUnit.SECONDS).getMessage().startsWith("two session filters"));
        }
        // Two sessions side by side, in a pool thread, too.
        SessionCookie second = cookie("second");
        start(kind, filter().build(), SessionFilter.builder(second).attribute("second").build());
        HttpResponse<String> r = server.handle((q, s) -> later(q.startAsync(), (q2, s2) -> {
            put(q2);
            RequestSession.of(q2, "second").unchecked().put("b", Json.of(2));
            s2.getWriter().print("both");
        }));
        assertEquals("both", r.body());
        assertEquals(2, cookies(r).size());
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void aDenyListThatFailsFailsTheResponse(Kind kind) throws Exception {
        start(kind, filter().build());
        String pair = signedOn();
        start(kind, SessionFilter.builder(cookie).onCommit((q, r) -> {
            if (!r.commit().ended().isEmpty()) {
                throw new java.sql.SQLException("the database is away");
            }
        }).build());
        for (TestServer.Handler handler : List.<TestServer.Handler>of((q, s) -> session(q).signOff(), (q, s) -> {
            session(q).signOff();
            s.sendRedirect("/");
        }, (q, s) -> later(q.startAsync(), (q2, s2) -> session(q2).signOff()))) {
            HttpResponse<String> r = server.handle(handler, "Cookie", pair);
            assertUnsent(500, r);
            assertEquals("The session could not be saved.", r.body().strip());
        }
        assertTrue(events.stream().anyMatch(e -> e.error().map(Throwable::getCause).orElse(null) instanceof java.sql.SQLException));
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void aClientThatGoesAwayCostsTheDenyListNothing(Kind kind) throws Exception {
        start(kind, filter().build());
        String pair = signedOn();
        for (boolean async : new boolean[] {false, true}) {
            commits.clear();
            CountDownLatch begun = new CountDownLatch(1);
            CountDownLatch gone = new CountDownLatch(1);
            TestServer.Handler off = (q, s) -> {
                begun.countDown();
                gone.await();
                sleep(100);
                session(q).signOff();
                for (int i = 0; i < 100; i++) {
                    s.getOutputStream().write(new byte[100_000]);
                }
            };
            server.on("/off", async ? (q, s) -> later(q.startAsync(), off) : off);
            try (Socket socket = new Socket("127.0.0.1", server.port)) {
                socket.setSoLinger(true, 0); // a reset
                socket.getOutputStream().write(("GET /off HTTP/1.1\r\nHost: a\r\nCookie: " + pair + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
                begun.await();
            }
            gone.countDown();
            await(() -> commits.stream().anyMatch(c -> c.ended().size() == 1));
        }
    }

    /** Something outside the filter sent the head: the change is lost, which is an error, and the deny-list hears of it. */
    @ParameterizedTest
    @EnumSource(Kind.class)
    void aHeadThatLeftWithoutTheSessionIsAnError(Kind kind) throws Exception {
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        start(kind, (q, s, chain) -> {
            q.setAttribute("below", s);
            try {
                chain.doFilter(q, s);
            } catch (IllegalStateException e) {
                thrown.complete(e);
            }
        }, filter().build());
        String pair = signedOn();
        commits.clear();
        server.handle((q, s) -> {
            session(q).signOff();
            ((HttpServletResponse) q.getAttribute("below")).flushBuffer();
        }, "Cookie", pair);
        assertEquals("the head of the response left before the session's headers", thrown.get(10, TimeUnit.SECONDS).getMessage());
        assertEquals(1, commits.remove().ended().size());
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void whatTheCheckThrowsIsHeardOf(Kind kind) throws Exception {
        start(kind, filter().build());
        String pair = signedOn();
        java.sql.SQLException away = new java.sql.SQLException("the database is away");
        for (NotNow notNow : NotNow.values()) {
            events.clear();
            commits.clear();
            start(kind, filter().notNow(notNow).check(claim -> {
                throw away;
            }).build());
            HttpResponse<String> read = server.handle((q, s) -> s.getWriter().print(RequestSession.of(q).session().refused().get()),
                    "Cookie", pair);
            assertUnsent(notNow == NotNow.REFUSE ? 503 : 200, read);
            assertEquals(notNow == NotNow.REFUSE ? "Not now. Try again in a moment." : "unchecked", read.body().strip());
            assertSame(away, events.stream().filter(e -> e.kind() == Event.Kind.CHECK_FAILED).findFirst().get().error().get());
            assertUnsent(503, server.handle((q, s) -> RequestSession.of(q).need(), "Cookie", pair));
            assertUnsent(503, server.handle((q, s) -> {
                assertThrows(dev.cretula.CretulaException.class, () -> RequestSession.of(q).need());
                s.getWriter().print("as to a guest");
            }, "Cookie", pair));
            assertEquals("absent", server.handle((q, s) -> s.getWriter().print(RequestSession.of(q).need().refused().get()))
                    .body());
            for (TestServer.Handler write : List.<TestServer.Handler>of((q, s) -> RequestSession.of(q).session().put("a", Json.of(1)),
                    (q, s) -> {
                        RequestSession.of(q).session().signOff();
                        s.sendRedirect("/");
                    })) {
                commits.clear();
                HttpResponse<String> r = server.handle(write, "Cookie", pair);
                if (notNow == NotNow.GUEST) {
                    assertFalse(cookies(r).isEmpty());
                } else {
                    assertUnsent(503, r);
                    assertTrue(commits.isEmpty());
                }
            }
            // An image asks for nothing.
            events.clear();
            assertUnsent(200, server.handle((q, s) -> s.getOutputStream().print("image"), "Cookie", pair));
            assertTrue(events.isEmpty());
        }
    }

    @ParameterizedTest
    @CsvSource({"JETTY,false", "JETTY,true", "TOMCAT,false", "TOMCAT,true"})
    void compressionInsideAndOutside(Kind kind, boolean outside) throws Exception {
        server = new TestServer(kind, MAPPED, outside, filter().build(), (q, s, chain) -> {
            if (outside) {
                chain.doFilter(q, s);
                return;
            }
            HttpServletResponse response = (HttpServletResponse) s;
            response.setHeader("Content-Encoding", "gzip");
            GZIPOutputStream gzip = new GZIPOutputStream(response.getOutputStream());
            chain.doFilter(q, new HttpServletResponseWrapper(response) {
                @Override
                public ServletOutputStream getOutputStream() {
                    return new ServletOutputStream() {
                        @Override
                        public void write(int b) throws IOException {
                            gzip.write(b);
                        }

                        @Override
                        public boolean isReady() {
                            return true;
                        }

                        @Override
                        public void setWriteListener(WriteListener listener) {
                            throw new IllegalStateException();
                        }
                    };
                }
            });
            gzip.finish();
        });
        server.on("/", (q, s) -> {
            put(q);
            s.setContentType("text/plain");
            s.getOutputStream().print("x".repeat(50_000));
        });
        HttpResponse<String> r = server.call("GET", "/", "Accept-Encoding", "gzip");
        assertEquals(List.of("gzip"), r.headers().allValues("Content-Encoding"));
        assertEquals(1, cookies(r).size());
        assertTrue(String.join(",", r.headers().allValues("Vary")).toLowerCase(java.util.Locale.ROOT).contains("cookie"));
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void headAndNotModifiedAndInclude(Kind kind) throws Exception {
        start(kind, filter().build());
        server.on("/", (q, s) -> {
            put(q);
            s.getWriter().print("x".repeat(100_000));
        });
        assertSent(server.call("HEAD", "/"));
        assertSent(server.handle((q, s) -> {
            put(q);
            s.setStatus(304);
        }));
        server.on("/part", (q, s) -> {
            put(q);
            s.getWriter().print("x".repeat(100_000));
        });
        HttpResponse<String> r = server.handle((q, s) -> {
            s.getWriter().print("page-");
            q.getRequestDispatcher("/part").include(q, s);
            s.getWriter().print("-end");
        });
        assertEquals(100_009, r.body().length());
        assertSent(r);
        r = server.handle((q, s) -> q.getRequestDispatcher("/part").forward(q, s));
        assertEquals(100_000, r.body().length());
        assertSent(r);
    }

    /** Takes the connection over. */
    public static class Upgraded implements HttpUpgradeHandler {
        @Override
        public void init(WebConnection connection) {
            try {
                connection.close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void destroy() {
        }
    }

    private String raw(String request) throws Exception {
        try (Socket socket = new Socket("127.0.0.1", server.port)) {
            socket.setSoTimeout(3_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            StringBuilder text = new StringBuilder();
            try {
                for (int b = in.read(); b >= 0; b = in.read()) {
                    text.append((char) b);
                }
            } catch (java.net.SocketTimeoutException e) {
                text.append("(and no end)");
            }
            return text.toString();
        }
    }

    @ParameterizedTest
    @EnumSource(value = Kind.class, names = "TOMCAT") // Jetty's servlets upgrade by an interface of its own
    void anUpgradeCarriesTheSession(Kind kind) throws Exception {
        start(kind, filter().build());
        server.on("/", (q, s) -> {
            put(q);
            s.setHeader("Upgrade", "test");
            s.setHeader("Connection", "Upgrade");
            q.upgrade(Upgraded.class);
            assertEquals(Code.COMMITTED, TestRing.code(() -> put(q)));
        });
        String text = raw("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: test\r\nConnection: Upgrade\r\n\r\n");
        assertTrue(text.startsWith("HTTP/1.1 101"), text);
        assertTrue(text.contains("Set-Cookie: __Host-Http-session=CrE1"), text);
    }

    @ParameterizedTest
    @EnumSource(value = Kind.class, names = "JETTY") // the only one that sends them
    void anInformationalAnswerCarriesNothing(Kind kind) throws Exception {
        start(kind, filter().build());
        server.on("/", (q, s) -> {
            put(q);
            s.sendError(102);
            session(q).put("b", Json.of(2));
        });
        String text = raw("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        assertTrue(text.startsWith("HTTP/1.1 102"), text);
        int last = text.indexOf("HTTP/1.1 200");
        assertTrue(last > 0 && text.indexOf("Set-Cookie") > last, text);
    }

    private String page(String host, String... headers) throws Exception {
        return raw("GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n"
                + String.join("", List.of(headers).stream().map(h -> h + "\r\n").toList()) + "\r\n");
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void aSecureCookieThatDoesNotComeBackIsToldOnce(Kind kind) throws Exception {
        Map<List<String>, Integer> cases = Map.of(List.of("shop.test", ""), 1, List.of("shop.test:8080", ""), 1,
                List.of("localhost", ""), 0, List.of("127.0.0.1", ""), 0, List.of("a.localhost", ""), 0,
                List.of("shop.test", "X-Forwarded-Proto: https"), 0, List.of("shop.test", "Cookie: __Host-Http-session=x"), 0);
        for (Map.Entry<List<String>, Integer> each : cases.entrySet()) {
            events.clear();
            start(kind, filter().build());
            server.on("/", (q, s) -> put(q));
            String host = each.getKey().get(0);
            String header = each.getKey().get(1).isEmpty() ? "X: x" : each.getKey().get(1);
            for (int i = 0; i < 3; i++) {
                assertTrue(page(host, header).contains("Set-Cookie"));
            }
            page(host, "User-Agent: another");
            assertEquals(each.getValue(), (int) events.stream().filter(e -> e.kind() == Event.Kind.SECURE_COOKIE_LOST).count(),
                    each.toString());
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void postsOfOtherSites(Kind kind) throws Exception {
        start(kind, filter().sameSitePosts(true).build());
        server.on("/", (q, s) -> s.getWriter().print("done"));
        String own = "http://127.0.0.1:" + server.port;
        Map<Integer, List<String[]>> cases = Map.of(200, List.of(new String[0], new String[] {"Sec-Fetch-Site", "same-origin"},
                new String[] {"Sec-Fetch-Site", "none"}, new String[] {"Origin", own}), 403, List.of(
                new String[] {"Sec-Fetch-Site", "cross-site"}, new String[] {"Sec-Fetch-Site", "same-site", "Origin", own},
                new String[] {"Origin", "null"}, new String[] {"Origin", "http://127.0.0.1:1"}));
        for (Map.Entry<Integer, List<String[]>> each : cases.entrySet()) {
            for (String[] headers : each.getValue()) {
                assertEquals(each.getKey(), server.call("POST", "/", headers).statusCode(), List.of(headers).toString());
                assertEquals(200, server.call("GET", "/", headers).statusCode());
            }
        }
    }
}
