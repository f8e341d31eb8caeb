// The small shop on Jetty, with servlets.

package example;

import dev.cretula.CookieTooLargeException;
import dev.cretula.Event;
import dev.cretula.Session;
import dev.cretula.SessionCheck;
import dev.cretula.SessionCheck.Answer;
import dev.cretula.SessionCookie;
import dev.cretula.Site;
import dev.cretula.TokenCookie;
import dev.cretula.TokenException;
import dev.cretula.json.Json;
import dev.cretula.servlet.RequestSession;
import dev.cretula.servlet.SessionFilter;
import dev.cretula.servlet.TokenCookies;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

public final class Shop extends HttpServlet {
    private static final long serialVersionUID = 1;

    /** Your table: the session generation of each user. */
    private static final Map<String, Long> USERS = new ConcurrentHashMap<>(Map.of("ada", 1L));

    /** The session's data. */
    private record Data(List<String> basket) {
    }

    private static final Path KEYS = Path.of(System.getenv("KEYS"));

    // [set-up]
    private static final Site SITE = Site.watching(KEYS, "shop.example", Duration.ofSeconds(1), Event.LOG);
    /** The deny-list: a session ID, and until when to keep it. */
    private static final Map<String, Long> DENIED = new ConcurrentHashMap<>();
    private static final SessionCheck CHECK = claim -> DENIED.containsKey(claim.sid()) ? Answer.NONE.deny()
            : claim.sub().map(USERS::get).map(Answer::generation).orElse(Answer.NONE);
    private static final SessionCookie SESSIONS = SITE.sessions().check(CHECK).build();
    // [/]
    // [return-url]
    private static final TokenCookie RETURN_URL = SITE.cookie("return-url", 600);
    // [/]

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        switch (request.getRequestURI()) {
            case "/" -> {
                Session session = RequestSession.of(request).session();
                StringBuilder page = new StringBuilder();
                page.append("user: ").append(session.user().map(user -> user.sub()).orElse("guest")).append('\n');
                page.append("basket: ").append(String.join(", ", session.view(Data.class).basket())).append('\n');
                // [flash]
                for (Json message : session.takeFlash("info")) {
                    page.append("message: ").append(((Json.Str) message).value()).append('\n');
                }
                // [/]
                say(response, page.toString());
            }
            case "/account" -> {
                Session session = RequestSession.of(request).session();
                if (session.user().isPresent()) {
                    say(response, "account of " + session.user().get().sub() + "\n");
                    return;
                }
                // [return-url]
                TokenCookies.set(response, RETURN_URL, "/account".getBytes(StandardCharsets.UTF_8));
                // [/]
                seeOther(response, "/sign-on");
            }
            case "/sign-on" -> say(response, "please sign on\n");
            default -> response.sendError(HttpServletResponse.SC_NOT_FOUND);
        }
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Session session = RequestSession.of(request).session();
        String next = "/";
        switch (request.getRequestURI()) {
            case "/sign-on" -> {
                String sub = request.getParameter("sub");
                if (sub == null || !USERS.containsKey(sub)) { // the password would be looked at here
                    response.setStatus(HttpServletResponse.SC_FORBIDDEN);
                    say(response, "no such user\n");
                    return;
                }
                // [sign-on]
                session.signOn(sub, USERS.get(sub), "basket");
                // [/]
                // [flash]
                session.flash("info", Json.of("Welcome, " + sub));
                // [/]
                // [return-url]
                try {
                    String url = new String(TokenCookies.read(request, RETURN_URL).payload(), StandardCharsets.UTF_8);
                    next = url.matches("/(?![/\\\\]).*") ? url : next;
                    TokenCookies.expire(response, RETURN_URL);
                } catch (TokenException e) {
                    // there is none
                }
                // [/]
            }
            case "/basket" -> {
                session.update(Data.class, data -> {
                    List<String> basket = new ArrayList<>(data.basket());
                    basket.add(request.getParameter("item"));
                    return new Data(basket);
                });
            }
            case "/sign-off" -> {
                // [sign-on]
                session.signOff();
                // [/]
            }
            case "/sign-off-everywhere" -> {
                // [sign-on]
                session.user().ifPresent(user -> USERS.merge(user.sub(), 1L, Long::sum));
                session.signOff();
                // [/]
            }
            default -> {
                response.sendError(HttpServletResponse.SC_NOT_FOUND);
                return;
            }
        }
        seeOther(response, next);
    }

    private static void say(HttpServletResponse response, String text) throws IOException {
        response.setContentType("text/plain;charset=utf-8");
        response.getWriter().print(text);
    }

    private static void seeOther(HttpServletResponse response, String location) {
        response.setStatus(HttpServletResponse.SC_SEE_OTHER);
        response.setHeader("Location", location);
    }

    // [too-large]
    private static void page(HttpServletRequest request, HttpServletResponse response, Exception error) throws IOException {
        if (error instanceof CookieTooLargeException large) {
            response.setStatus(HttpServletResponse.SC_REQUEST_ENTITY_TOO_LARGE);
            say(response, large.largest().orElse("") + ": " + large.over() + " octets too many\n");
        } else {
            say(response, "try again in a moment\n"); // status 503 if the session cannot be told now
        }
    }
    // [/]

    public static void main(String[] args) throws Exception {
        System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "warn");
        ServletContextHandler app = new ServletContextHandler();
        // [set-up]
        SessionFilter filter = SessionFilter.builder(SESSIONS).sameSitePosts(true).onCommitFailure(Shop::page)
                .onCommit((request, response) -> response.commit().ended().forEach(old -> DENIED.put(old.sid(), old.end())))
                .build();
        app.addFilter(filter, "/*", EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC, DispatcherType.ERROR));
        // [/]
        app.addServlet(new ServletHolder(new Shop()), "/");
        Server server = new Server(new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))));
        server.setHandler(app);
        server.start();
        System.out.println("http://127.0.0.1:" + ((ServerConnector) server.getConnectors()[0]).getLocalPort());
    }
}
