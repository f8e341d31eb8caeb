package example;

// snippet:begin
import dev.cretula.CookieTooLargeException;
import dev.cretula.Keyring;
import dev.cretula.Session;
import dev.cretula.SessionCheck;
import dev.cretula.SessionCheck.Answer;
import dev.cretula.SessionCookie;
import dev.cretula.Site;
import dev.cretula.json.Json;
import dev.cretula.servlet.RequestSession;
import dev.cretula.servlet.SessionFilter;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.EnumSet;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;

public class ShopServer {
    /** For each user a number; 1 more at each change of password and at "sign off everywhere". */
    static final Map<String, Long> GENERATIONS = new ConcurrentHashMap<>(Map.of("ada", 7L));

    /** The sessions that were ended, and until when copies of them could live. */
    static final Map<String, Long> DENIED = new ConcurrentHashMap<>();

    /** May ask a database: an exception is logged, and the session counts as not judged. */
    static final SessionCheck CHECK = claim -> {
        Answer answer = claim.sub().map(GENERATIONS::get).map(Answer::generation).orElse(Answer.NONE);
        return DENIED.containsKey(claim.sid()) ? answer.deny() : answer;
    };

    public static Server start(Keyring ring, int port) throws Exception {
        Site site = Site.of(ring, "shop.example");
        SessionCookie sessions = site.sessions().check(CHECK).build();
        SessionFilter filter = SessionFilter.builder(sessions)
                .sameSitePosts(true)
                .onCommit((request, response) -> response.commit().ended().forEach(old -> DENIED.put(old.sid(), old.end())))
                .onCommitFailure((request, response, error) -> {
                    if (error instanceof CookieTooLargeException large) {
                        response.setStatus(HttpServletResponse.SC_REQUEST_ENTITY_TOO_LARGE);
                        response.getWriter().println(large.largest().orElse("") + ": " + large.over() + " octets too many");
                    } else {
                        response.getWriter().println("Not saved. Try again in a moment."); // 500 or 503
                    }
                })
                .build();

        ServletContextHandler context = new ServletContextHandler();
        context.addFilter(filter, "/*", EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC, DispatcherType.ERROR));
        context.addServlet(new ServletHolder(new Shop()), "/*");
        Server server = new Server(new InetSocketAddress("127.0.0.1", port));
        server.setHandler(context);
        server.start();
        return server;
    }

    static class Shop extends HttpServlet {
        private static final long serialVersionUID = 1;

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            Session session = RequestSession.of(request).session();
            String who = session.user().map(user -> user.sub()).orElse("guest");
            response.setContentType("text/plain;charset=utf-8");
            response.getWriter().println(who + " " + Json.write(session.data()));
        }

        @Override
        protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
            Session session = RequestSession.of(request).session();
            switch (request.getPathInfo()) {
                case "/sign-on" -> session.signOn("ada", GENERATIONS.get("ada"), "basket"); // after the password
                case "/sign-off" -> session.signOff();
                case "/basket" -> session.put("basket", Json.of(request.getParameter("item")));
                default -> {
                    response.sendError(HttpServletResponse.SC_NOT_FOUND);
                    return;
                }
            }
            response.sendRedirect("/");
        }
    }

    public static void main(String[] args) throws Exception {
        start(Keyring.fromEnv("CRETULA_KEYS"), 8080).join();
    }
}
// snippet:end
