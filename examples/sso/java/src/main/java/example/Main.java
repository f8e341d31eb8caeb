package example;

import dev.cretula.Commit;
import dev.cretula.CookieSettings;
import dev.cretula.Event;
import dev.cretula.SessionCheck.Answer;
import dev.cretula.SessionCheck.Claim;
import dev.cretula.SessionCookie;
import dev.cretula.SessionPolicy;
import dev.cretula.Site;
import dev.cretula.servlet.RequestSession;
import dev.cretula.servlet.SessionFilter;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/** One of five servers that share a session: Jetty with Cretula's servlet filter. */
public final class Main {
    private final Database database = new Database(Path.of(System.getenv("DATA")));
    public static void main(String[] args) throws Exception {
        System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "warn");
        new Main().serve();
    }

    private void serve() throws Exception {
        Map<String, String> peers = new LinkedHashMap<>();
        for (String peer : System.getenv("PEERS").split(" ")) {
            peers.put(peer.substring(0, peer.indexOf('=')), peer.substring(peer.indexOf('=') + 1));
        }
        String page = Files.readString(Path.of(System.getenv("PAGE")));
        ServletContextHandler handler = new ServletContextHandler();
        for (Filter filter : new Filter[] {glue(), asked()}) {
            handler.addFilter(filter, "/*", EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC, DispatcherType.ERROR));
        }
        handler.addServlet(new ServletHolder(new Pages(database, page, peers)), "/");
        Server server = new Server(new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))));
        server.setHandler(handler);
        server.start();
        System.out.println("http://localhost:" + ((ServerConnector) server.getConnectors()[0]).getLocalPort());
    }

    private SessionFilter glue() {
        // A refused ring stops the server here; later it leaves the old one in force.
        Site site = Site.watching(Path.of(System.getenv("KEYS")), "sso.example", Duration.ofSeconds(1), Main::log);
        SessionCookie sessions = site.sessions()
                .policy(new SessionPolicy(1_800, 86_400, 60))
                .cookie(CookieSettings.builder().name("__Host-sso").build())
                .check(this::check)
                .build();
        return SessionFilter.builder(sessions)
                .sameSitePosts(true) // ports are one site: SameSite does not keep the pages of another port from posting here
                .onCommit((request, response) -> {
                    for (Commit.Ended ended : response.commit().ended()) {
                        database.deny(ended.sid(), ended.end());
                    }
                })
                .onCommitFailure((request, response, error) -> Pages.say(response, response.getStatus(),
                        response.getStatus() == 503 ? "Not now. Try again in a moment." : "This could not be saved."))
                .build();
    }

    /** The application's check (§19.5). */
    private Answer check(Claim claim) {
        Answer answer = claim.sub().map(database::generation).map(found -> new Answer(found, false)).orElse(Answer.NONE);
        return database.isDenied(claim.sid()) ? answer.deny() : answer;
    }

    /** Every page shows who is signed on. */
    private static Filter asked() {
        return (request, response, chain) -> {
            RequestSession.of(request).session();
            chain.doFilter(request, response);
        };
    }

    private static void log(Event event) {
        System.err.println(event.kind() == Event.Kind.CROSS_SITE_REFUSED ? "post refused: origin" : event.toString());
    }
}
