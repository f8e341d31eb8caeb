import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.cretula.DeviceAnswer;
import dev.cretula.DeviceBinding;
import dev.cretula.Event;
import dev.cretula.Keyring;
import dev.cretula.Session;
import dev.cretula.SessionCheck;
import dev.cretula.SessionCookie;
import dev.cretula.Site;
import dev.cretula.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The site in Java, without a servlet container. */
public final class Server {
    private final SessionCookie cookie;
    private final SessionCheck check = claim -> SessionCheck.Answer.generation(Long.parseLong(state("gen")));

    private Server() {
        Clock clock = new Clock() {
            @Override
            public Instant instant() {
                return Instant.now().plusSeconds(Long.parseLong(state("ahead")));
            }

            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }
        };
        Site site = Site.builder(Keyring.parse(state("keys")), "shop.example").clock(clock).onEvent(Event.NONE).build();
        cookie = site.sessions().deviceBinding(DeviceBinding.builder().proof(600).build()).build();
    }

    private static String state(String name) {
        try {
            String text = Files.readString(Path.of(System.getenv("STATE")));
            Matcher found = Pattern.compile('"' + name + "\":\"?([^\"}]*?)(?:\"|,\"|})").matcher(text);
            if (!found.find()) {
                throw new IllegalStateException(name);
            }
            return found.group(1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> values(HttpExchange exchange, String name) {
        return exchange.getRequestHeaders().getOrDefault(name, List.of());
    }

    private void handle(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        List<String> fields = values(exchange, "Cookie");
        List<String> responses = values(exchange, "Secure-Session-Response");
        switch (exchange.getRequestMethod() + " " + path) {
            case "POST /device-binding/start" -> answer(exchange, cookie.register(fields, responses, check));
            case "POST /device-binding/refresh" -> answer(exchange,
                    cookie.refresh(fields, values(exchange, "Sec-Secure-Session-Id"), responses, check));
            default -> page(exchange, path, cookie.open(fields).check(check));
        }
    }

    private static void answer(HttpExchange exchange, DeviceAnswer answer) throws IOException {
        answer.headers().forEach(field -> exchange.getResponseHeaders().add(field.getKey(), field.getValue()));
        send(exchange, answer.status(), answer.body());
    }

    private void page(HttpExchange exchange, String path, Session session) throws IOException {
        switch (path) {
            case "/sign-on" -> session.signOn("ada", Long.parseLong(state("gen")));
            case "/sign-off" -> session.signOff();
            case "/visit" -> session.put("visits", Json.of(System.nanoTime() % 1_000_000));
            default -> { }
        }
        String sub = session.user().map(user -> '"' + user.sub() + '"').orElse("null");
        String reason = session.refused().map(code -> '"' + code.name().toLowerCase() + '"').orElse("null");
        String body = "{\"sub\":" + sub + ",\"bound\":" + session.isBound() + ",\"reason\":" + reason + "}";
        SessionCookie.Response committed = cookie.commit(session, null);
        Headers headers = exchange.getResponseHeaders();
        committed.setCookies().forEach(line -> headers.add("Set-Cookie", line));
        committed.registration().ifPresent(offer -> headers.add(SessionCookie.Response.REGISTRATION, offer));
        committed.cacheControl().ifPresent(value -> headers.add("Cache-Control", value));
        headers.add("Vary", SessionCookie.Response.VARY);
        headers.add("Content-Type", "application/json");
        send(exchange, 200, body);
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] octets = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, octets.length == 0 ? -1 : octets.length);
        exchange.getResponseBody().write(octets);
        exchange.close();
    }

    public static void main(String[] arguments) throws IOException {
        Server site = new Server();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", site::handle);
        server.start();
        System.out.println(server.getAddress().getPort());
    }
}
