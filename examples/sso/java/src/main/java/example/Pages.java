package example;

import dev.cretula.Session;
import dev.cretula.json.Json;
import dev.cretula.servlet.RequestSession;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The page, and what its forms do. */
final class Pages extends HttpServlet {
    private static final String SERVER = "java";
    private static final Pattern PLACE = Pattern.compile("\\{\\{(\\w+)}}");

    private final Database database;
    private final String page;
    private final Map<String, String> peers;

    Pages(Database database, String page, Map<String, String> peers) {
        this.database = database;
        this.page = page;
        this.peers = peers;
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (!request.getRequestURI().equals("/")) {
            say(response, HttpServletResponse.SC_NOT_FOUND, "Nothing here.");
            return;
        }
        Session session = RequestSession.of(request).session();
        boolean user = session.user().isPresent();
        Map<String, String> values = Map.of(
                "server", SERVER,
                "links", ofPeers((name, origin) -> "<a href=\"" + origin + "/\">" + name + "</a> "),
                "options", ofPeers((name, origin) -> "<option>" + name + "</option>"),
                "flash", escape(strings(session.takeFlash("notice"), " ")),
                "who", escape(session.user().map(it -> it.sub()).orElse("nobody")),
                "sid", session.sid().orElse("none"),
                "note", escape(session.data().get("note") instanceof Json.Str note ? note.value() : ""),
                "trail", escape(strings(trail(session), " → ")),
                "for_guests", user ? "hidden" : "",
                "for_users", user ? "" : "hidden");
        response.setContentType("text/html; charset=utf-8");
        response.getWriter().write(PLACE.matcher(page)
                .replaceAll(found -> Matcher.quoteReplacement(values.get(found.group(1)))));
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Session session = RequestSession.of(request).session();
        String user = session.user().map(it -> it.sub()).orElse(null);
        String next = "";
        switch (request.getRequestURI()) {
            case "/sign-on" -> {
                String name = request.getParameter("name");
                if (!Database.isName(name)) {
                    say(response, HttpServletResponse.SC_BAD_REQUEST, "One to twenty small letters.");
                    return;
                }
                session.signOn(name, database.generationOrNew(name), "note", "trail");
                step(session);
                session.flash("notice", Json.of("Signed on at " + SERVER + "."));
            }
            case "/note" -> {
                String note = request.getParameter("note");
                if (note == null || note.isEmpty()) {
                    session.remove("note");
                } else {
                    session.put("note", Json.of(note));
                }
                step(session);
                session.flash("notice", Json.of("Saved by " + SERVER + "."));
                next = peers.getOrDefault(request.getParameter("next"), "");
            }
            case "/step-up" -> { // after the password was asked for again, or a second factor
                if (user != null) {
                    session.reauthenticate(database.generationOrNew(user));
                    session.flash("notice", Json.of("Stepped up at " + SERVER + "."));
                }
            }
            case "/sign-off" -> session.signOff();
            case "/sign-off-everywhere" -> {
                if (user != null) {
                    database.countUp(user);
                    session.signOff();
                }
            }
            default -> {
                say(response, HttpServletResponse.SC_NOT_FOUND, "Nothing here.");
                return;
            }
        }
        response.setStatus(HttpServletResponse.SC_SEE_OTHER);
        response.setHeader("Location", next + "/");
    }

    /** Not sendError: Jetty's takes Vary away. */
    static void say(HttpServletResponse response, int status, String text) throws IOException {
        response.setStatus(status);
        response.setContentType("text/plain; charset=utf-8");
        response.getWriter().println(text);
    }

    private static void step(Session session) {
        List<Json> trail = new ArrayList<>(trail(session));
        trail.add(Json.of(SERVER));
        session.put("trail", new Json.Arr(trail.subList(Math.max(0, trail.size() - 10), trail.size())));
    }

    private static List<Json> trail(Session session) {
        return session.data().get("trail") instanceof Json.Arr trail ? trail.items() : List.of();
    }

    private static String strings(List<Json> values, String between) {
        return values.stream().filter(Json.Str.class::isInstance).map(it -> ((Json.Str) it).value())
                .collect(Collectors.joining(between));
    }

    private String ofPeers(BiFunction<String, String, String> show) {
        return peers.entrySet().stream().map(it -> show.apply(escape(it.getKey()), escape(it.getValue())))
                .collect(Collectors.joining());
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
