package example;

import dev.cretula.Context;
import dev.cretula.CookieSettings;
import dev.cretula.CretulaException;
import dev.cretula.Keyring;
import dev.cretula.LiveKeyring;
import dev.cretula.SessionCheck.Answer;
import dev.cretula.SessionCheck.Claim;
import dev.cretula.SessionCookie;
import dev.cretula.SessionPolicy;
import dev.cretula.Sessions;
import dev.cretula.servlet.RequestSession;
import dev.cretula.servlet.SessionFilter;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/** One of five servers that share a session: Jetty with Cretula's servlet filter. */
public final class Main {
    private final Database database = new Database(Path.of(System.getenv("DATA")));
    private final Path keys = Path.of(System.getenv("KEYS"));
    private byte[] document = Files.readAllBytes(keys);
    private final LiveKeyring ring = new LiveKeyring(Keyring.parse(document)); // a refused ring stops the server here
    private String origin;

    private Main() throws IOException {
    }

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
        for (Filter filter : new Filter[] {sameOrigin(), glue(), logged()}) {
            handler.addFilter(new FilterHolder(filter), "/*", EnumSet.of(DispatcherType.REQUEST));
        }
        handler.addServlet(new ServletHolder(new Pages(database, page, peers)), "/");
        Server server = new Server(new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))));
        server.setHandler(handler);
        server.start();
        origin = "http://localhost:" + ((ServerConnector) server.getConnectors()[0]).getLocalPort();
        Executors.newSingleThreadScheduledExecutor().scheduleWithFixedDelay(this::follow, 1, 1, TimeUnit.SECONDS);
        System.out.println(origin);
    }

    private SessionFilter glue() {
        Sessions sessions = Sessions.builder(ring, new Context("sso.example", "session"))
                .policy(new SessionPolicy(1_800, 86_400, 60))
                .build();
        return SessionFilter.builder(new SessionCookie(sessions, CookieSettings.builder().name("__Host-sso").build()))
                .check(this::check)
                .onCommit((request, response) -> response.commit().ended().forEach(ended -> {
                    try {
                        database.deny(ended.sid(), ended.end());
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }))
                .onCommitFailure((request, response, error) -> {
                    log("session not written: " + (error instanceof CretulaException e ? e.code().text() : error));
                    response.reset();
                    Pages.say(response, HttpServletResponse.SC_INTERNAL_SERVER_ERROR, "This could not be saved.");
                })
                .build();
    }

    /** The application's check (§19.5). */
    private Answer check(Claim claim) {
        Answer answer = claim.sub().map(database::generation).map(found -> new Answer(found, false)).orElse(Answer.NONE);
        return database.isDenied(claim.sid()) ? answer.deny() : answer;
    }

    /** Reads the keyring document again every second. A refused one leaves the old ring in force. */
    private void follow() {
        try {
            byte[] found = Files.readAllBytes(keys);
            if (Arrays.equals(found, document)) {
                return;
            }
            document = found;
            ring.reload(found);
            log("keyring exchanged");
        } catch (CretulaException e) {
            log("keyring refused: " + e.code().text());
        } catch (IOException e) {
            log("keyring not read: " + e);
        }
    }

    /** Ports are one site: SameSite does not keep the pages of another port from posting here. */
    private Filter sameOrigin() {
        return (request, response, chain) -> {
            HttpServletRequest http = (HttpServletRequest) request;
            if (http.getMethod().equals("POST") && !origin.equals(http.getHeader("Origin"))) {
                log("post refused: origin");
                Pages.say((HttpServletResponse) response, HttpServletResponse.SC_FORBIDDEN,
                        "This did not come from a page of this server.");
                return;
            }
            chain.doFilter(request, response);
        };
    }

    private static Filter logged() {
        return (request, response, chain) -> {
            RequestSession.of(request).session().refused().map(code -> code.text())
                    .filter(code -> !code.equals("absent"))
                    .ifPresent(code -> log("session refused: " + code));
            chain.doFilter(request, response);
        };
    }

    private static void log(String line) {
        System.err.println(line);
    }
}
