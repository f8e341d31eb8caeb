package dev.cretula.servlet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cretula.Code;
import dev.cretula.Commit;
import dev.cretula.Context;
import dev.cretula.CookieSettings;
import dev.cretula.CookieTooLargeException;
import dev.cretula.Key;
import dev.cretula.Keyring;
import dev.cretula.Session;
import dev.cretula.SessionCookie;
import dev.cretula.Sessions;
import dev.cretula.TestRing;
import dev.cretula.json.Json;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.eclipse.jetty.ee10.servlet.ErrorPageErrorHandler;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The filter in a real server. */
class SessionFilterTest {
    private interface Handler {
        void handle(HttpServletRequest request, HttpServletResponse response) throws Exception;
    }

    private final Map<String, Handler> handlers = new ConcurrentHashMap<>();
    private final Queue<Commit> commits = new ConcurrentLinkedQueue<>();
    private final SessionCookie cookie = new SessionCookie(
            Sessions.builder(Keyring.parse(Key.generate().secretText()), new Context("shop.example", "session")).build(),
            CookieSettings.DEFAULT);
    private final HttpClient client = HttpClient.newHttpClient();
    private Server server;
    private int port;

    @BeforeEach
    void start() throws Exception {
        start(SessionFilter.builder(cookie).onCommit((request, r) -> commits.add(r.commit())));
    }

    private void start(SessionFilter.Builder filter) throws Exception {
        stop();
        ServletContextHandler context = new ServletContextHandler();
        FilterHolder holder = new FilterHolder(filter.build());
        holder.setAsyncSupported(true);
        context.addFilter(holder, "/*", EnumSet.allOf(DispatcherType.class));
        ServletHolder servlet = new ServletHolder(new HttpServlet() {
            private static final long serialVersionUID = 1;

            @Override
            protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
                try {
                    handlers.get(request.getPathInfo()).handle(request, response);
                } catch (IOException | RuntimeException e) {
                    throw e;
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }
        });
        servlet.setAsyncSupported(true);
        context.addServlet(servlet, "/*");
        ErrorPageErrorHandler pages = new ErrorPageErrorHandler();
        pages.addErrorPage(409, "/error");
        pages.addErrorPage(IllegalArgumentException.class, "/error");
        context.setErrorHandler(pages);
        server = new Server(new InetSocketAddress("127.0.0.1", 0));
        server.setHandler(context);
        server.start();
        port = ((ServerConnector) server.getConnectors()[0]).getLocalPort();
    }

    @AfterEach
    void stop() throws Exception {
        if (server != null) {
            server.stop();
        }
    }

    private HttpResponse<String> get(String path, String... headers) throws Exception {
        HttpRequest.Builder b = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
        for (int i = 0; i < headers.length; i += 2) {
            b.header(headers[i], headers[i + 1]);
        }
        return client.send(b.build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> handle(Handler handler, String... headers) throws Exception {
        handlers.put("/", handler);
        return get("/", headers);
    }

    private static Session session(HttpServletRequest request) {
        return RequestSession.of(request).unchecked();
    }

    private static String pair(HttpResponse<?> response) {
        return response.headers().firstValue("Set-Cookie").orElseThrow().split(";")[0];
    }

    private static void assertSent(HttpResponse<?> r) {
        assertEquals(1, r.headers().allValues("Set-Cookie").size(), r.headers().map().toString());
        assertTrue(pair(r).startsWith("__Host-Http-session=CrE1"));
        assertEquals(List.of("Cookie"), r.headers().allValues("Vary"));
        assertEquals(List.of("no-store"), r.headers().allValues("Cache-Control"));
    }

    private static void assertUnsent(HttpResponse<?> r) {
        assertEquals(List.of(), r.headers().allValues("Set-Cookie"));
        assertEquals(List.of("Cookie"), r.headers().allValues("Vary"));
        assertEquals(List.of("private"), r.headers().allValues("Cache-Control"));
    }

    /** Nobody asked for the session, so nothing of it is there (COOK-16). */
    private static void assertNone(HttpResponse<?> r) {
        for (String name : List.of("Set-Cookie", "Vary", "Cache-Control")) {
            assertEquals(List.of(), r.headers().allValues(name));
        }
    }

    @Test
    void atTheEndOfTheChain() throws Exception {
        assertSent(handle((q, r) -> session(q).put("a", Json.of(1))));
        HttpResponse<String> body = handle((q, r) -> {
            r.setContentType("text/plain;charset=utf-8");
            r.getWriter().print("vorher é😀 ");
            session(q).put("a", Json.of(1));
            r.getWriter().print("nachher");
        });
        assertSent(body);
        assertEquals("vorher é😀 nachher", body.body());
        assertEquals("text/plain;charset=utf-8", body.headers().firstValue("Content-Type").get().replace(" ", ""));
        assertSent(handle((q, r) -> {
            r.getOutputStream().print("x");
            session(q).put("a", Json.of(1));
        }));
        assertUnsent(handle((q, r) -> session(q)));
        assertNone(handle((q, r) -> r.getWriter().print("nobody asked")));
    }

    @Test
    void atTheFirstWriteOverTheBuffer() throws Exception {
        for (int size : List.of(1, 9_000, 40_000, 2_000_000)) {
            String text = "x".repeat(size);
            HttpResponse<String> r = handle((q, s) -> {
                session(q).put("a", Json.of(1));
                s.getOutputStream().write(text.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            });
            assertSent(r);
            assertEquals(text, r.body());
            r = handle((q, s) -> {
                session(q).put("a", Json.of(1));
                for (int i = 0; i < size; i++) {
                    s.getWriter().write('x');
                }
                s.getWriter().close();
            });
            assertSent(r);
            assertEquals(text, r.body());
        }
    }

    @Test
    void atAFlushARedirectAnErrorAndAReset() throws Exception {
        assertSent(handle((q, r) -> {
            session(q).put("a", Json.of(1));
            r.flushBuffer();
            assertEquals(Code.COMMITTED, TestRing.code(() -> session(q).put("b", Json.of(1))));
        }));
        assertSent(handle((q, r) -> {
            session(q).put("a", Json.of(1));
            r.getOutputStream().flush();
        }));
        assertSent(handle((q, r) -> {
            session(q).put("a", Json.of(1));
            r.getWriter().flush();
        }));
        HttpResponse<String> redirect = handle((q, r) -> {
            session(q).put("a", Json.of(1));
            r.getWriter().print("dropped");
            r.sendRedirect("/elsewhere");
        });
        assertEquals(302, redirect.statusCode());
        assertSent(redirect);
        HttpResponse<String> error = handle((q, r) -> {
            session(q).put("a", Json.of(1));
            r.sendError(418, "teapot");
        });
        assertEquals(418, error.statusCode());
        assertTrue(error.headers().firstValue("Set-Cookie").get().startsWith("__Host-Http-session=CrE1"));
        HttpResponse<String> reset = handle((q, r) -> {
            session(q).put("a", Json.of(1));
            RequestSession.of(q).commit();
            r.getWriter().print("dropped");
            r.reset();
            r.getOutputStream().print("kept");
        });
        assertSent(reset);
        assertEquals("kept", reset.body());
        assertSent(handle((q, r) -> {
            session(q).put("a", Json.of(1));
            r.setContentLength(3);
            r.getOutputStream().print("abc");
        }));
    }

    @Test
    void otherHeadersStay() throws Exception {
        HttpResponse<String> r = handle((q, s) -> {
            s.addHeader("Set-Cookie", "other=1; Path=/");
            s.addHeader("Vary", "Accept-Language, Origin");
            s.setHeader("Cache-Control", "max-age=600");
            session(q).put("a", Json.of(1));
            s.addCookie(new Cookie("third", "2"));
        });
        List<String> cookies = r.headers().allValues("Set-Cookie");
        assertEquals(3, cookies.size());
        assertTrue(cookies.contains("other=1; Path=/"));
        assertTrue(cookies.get(2).startsWith("__Host-Http-session="));
        assertEquals("Accept-Language, Origin, Cookie", String.join(", ", r.headers().allValues("Vary")));
        assertEquals(List.of("no-store"), r.headers().allValues("Cache-Control"));
        r = handle((q, s) -> {
            s.setHeader("Vary", "cookie");
            s.setHeader("Cache-Control", "max-age=600");
        });
        assertEquals(List.of("cookie"), r.headers().allValues("Vary"));
        assertEquals(List.of("max-age=600"), r.headers().allValues("Cache-Control"));
    }

    @Test
    void theSessionComesBack() throws Exception {
        String pair = pair(handle((q, r) -> session(q).signOn("ada", 7)));
        HttpResponse<String> r = handle((q, s) -> s.getWriter().print(session(q).user().get().sub()), "Cookie",
                "theme=\"dark; " + pair + "; x");
        assertUnsent(r);
        assertEquals("ada", r.body());
        commits.clear();
        HttpResponse<String> off = handle((q, s) -> session(q).signOff(), "Cookie", pair);
        assertEquals(2, off.headers().allValues("Set-Cookie").size());
        assertEquals(1, commits.remove().ended().size());
        String mark = off.headers().allValues("Set-Cookie").get(0).split(";")[0];
        handle((q, s) -> assertEquals("signed_off", session(q).refused().get().text()), "Cookie", pair + "; " + mark);
    }

    @Test
    void theCheckIsForced() throws Exception {
        String pair = pair(handle((q, r) -> session(q).signOn("ada", 7)));
        HttpResponse<String> r = handle((q, s) -> {
            assertThrows(IllegalStateException.class, () -> RequestSession.of(q).session());
            Session session = RequestSession.of(q).check(claim -> null);
            assertTrue(session == RequestSession.of(q).session());
            s.getWriter().print(session.refused().get());
        }, "Cookie", pair);
        assertEquals("unchecked", r.body());
        assertNone(handle((q, s) -> { }, "Cookie", pair));
        start(SessionFilter.builder(cookie).check(claim -> dev.cretula.SessionCheck.Answer.generation(8)));
        r = handle((q, s) -> s.getWriter().print(RequestSession.of(q).session().refused().get()), "Cookie", pair);
        assertEquals("revoked", r.body());
    }

    private static void tooLarge(HttpServletRequest request) {
        session(request).put("big", Json.of("x".repeat(5_000)));
    }

    @Test
    void tooLargeIsAnErrorThatTheApplicationHandles() throws Exception {
        HttpResponse<String> r = handle((q, s) -> {
            tooLarge(q);
            try {
                RequestSession.of(q).commit();
            } catch (CookieTooLargeException e) {
                session(q).remove(e.largest().get());
                session(q).put("a", Json.of(1));
                s.getWriter().print("over " + e.over());
            }
        });
        assertSent(r);
        assertTrue(r.body().startsWith("over "));
        HttpResponse<String> unhandled = handle((q, s) -> {
            tooLarge(q);
            s.getWriter().print("never seen");
        });
        assertEquals(500, unhandled.statusCode());
        assertUnsent(unhandled);
        assertFalse(unhandled.body().contains("never seen"));
        start(SessionFilter.builder(cookie).onCommitFailure((q, s, e) -> {
            s.setStatus(413);
            s.getWriter().print("too large by " + ((CookieTooLargeException) e).over());
        }));
        for (Handler h : List.<Handler>of((q, s) -> s.getOutputStream().print("x"), (q, s) -> s.flushBuffer(),
                (q, s) -> s.sendRedirect("/"), (q, s) -> s.getWriter().write("x".repeat(100_000)))) {
            HttpResponse<String> answered = handle((q, s) -> {
                tooLarge(q);
                h.handle(q, s);
            });
            assertEquals(413, answered.statusCode());
            assertTrue(answered.body().startsWith("too large by "), answered.body());
            assertUnsent(answered);
        }
    }

    /** What the handler set on the response that was dropped goes with it (COOK-10). */
    @Test
    void theCacheControlOfADroppedResponseGoesWithIt() throws Exception {
        Handler cached = (q, s) -> {
            s.setHeader("Cache-Control", "public, max-age=600");
            s.addHeader("Cache-Control", "immutable");
            tooLarge(q);
            s.flushBuffer();
        };
        assertUnsent(handle(cached));
        for (SessionFilter.CommitFailure answer : List.<SessionFilter.CommitFailure>of(
                (q, s, e) -> s.setHeader("cache-control", "no-cache"), (q, s, e) -> s.addHeader("cache-control", "no-cache"))) {
            start(SessionFilter.builder(cookie).onCommitFailure(answer));
            HttpResponse<String> r = handle(cached);
            assertEquals(List.of("no-cache"), r.headers().allValues("Cache-Control"));
            assertEquals(List.of(), r.headers().allValues("Set-Cookie"));
        }
        start(SessionFilter.builder(cookie).onCommitFailure((q, s, e) -> {
            s.setHeader("Cache-Control", "no-cache");
            s.addHeader("Cache-Control", "must-revalidate");
            s.reset();
            s.setStatus(503);
        }));
        assertUnsent(handle(cached));
    }

    /** Jetty's own error page drops Vary and forbids storing. */
    private static void assertUnsentError(HttpResponse<?> r) {
        assertEquals(List.of(), r.headers().allValues("Set-Cookie"));
        assertTrue(String.join(",", r.headers().allValues("Cache-Control")).contains("no-store"));
    }

    @Test
    void onAnErrorPage() throws Exception {
        handlers.put("/error", (q, r) -> r.getWriter().print("error page"));
        HttpResponse<String> r = handle((q, s) -> {
            session(q).put("a", Json.of(1));
            s.sendError(409);
        });
        assertEquals("error page", r.body());
        assertEquals(409, r.statusCode());
        assertSent(r);
        assertEquals(1, commits.size());
        r = handle((q, s) -> {
            session(q).put("a", Json.of(1));
            throw new IllegalArgumentException("a bug");
        });
        assertEquals("error page", r.body());
        assertUnsentError(r);
        assertEquals(List.of("Cookie"), r.headers().allValues("Vary"));
    }

    @Test
    void aHandlersOwnErrorSendsNoSession() throws Exception {
        HttpResponse<String> r = handle((q, s) -> {
            session(q).put("a", Json.of(1));
            throw new UnsupportedOperationException("a bug without a page");
        });
        assertEquals(500, r.statusCode());
        assertUnsentError(r);
    }

    @Test
    void anAsynchronousRequestIsCommittedWhenTheChainReturns() throws Exception {
        HttpResponse<String> r = handle((q, s) -> {
            session(q).put("a", Json.of(1));
            s.getOutputStream().print("a");
            AsyncContext async = q.startAsync(q, s);
            async.start(() -> {
                try {
                    Thread.sleep(50);
                    async.getResponse().getOutputStream().print("b");
                } catch (IOException | InterruptedException e) {
                    throw new IllegalStateException(e);
                } finally {
                    async.complete();
                }
            });
        });
        assertSent(r);
        assertEquals("ab", r.body());
    }
}
