package dev.cretula.conform;

import static dev.cretula.conform.VectorFile.bool;
import static dev.cretula.conform.VectorFile.context;
import static dev.cretula.conform.VectorFile.hex;
import static dev.cretula.conform.VectorFile.integer;
import static dev.cretula.conform.VectorFile.objects;
import static dev.cretula.conform.VectorFile.ring;
import static dev.cretula.conform.VectorFile.string;
import static dev.cretula.conform.VectorFile.strings;
import static dev.cretula.conform.VectorFile.time;

import dev.cretula.Code;
import dev.cretula.Commit;
import dev.cretula.CookieSettings;
import dev.cretula.KeyringSource;
import dev.cretula.LiveKeyring;
import dev.cretula.Opened;
import dev.cretula.PendingSession;
import dev.cretula.Session;
import dev.cretula.SessionCheck;
import dev.cretula.SessionCookie;
import dev.cretula.SessionPolicy;
import dev.cretula.Sessions;
import dev.cretula.TokenCookie;
import dev.cretula.TokenException;
import dev.cretula.hazmat.OnlyForVectors;
import dev.cretula.json.Json;
import dev.cretula.json.JsonException;
import dev.cretula.json.JsonReader;
import dev.cretula.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;

/** Makes the calls of a vector or of a request of the protocol, of sessions and cookies; gives their result. */
final class SessionCalls {
    /** How deep the texts of actions are read and written. */
    private static final int DEPTH = 200;

    private SessionCalls() {
    }

    /** A code that the library gives as a value, or that counts as one. */
    static final class Coded extends RuntimeException {
        private static final long serialVersionUID = 1;
        final transient Code code;

        Coded(Code code) {
            this.code = code;
        }
    }

    private static Sessions sessions(Json.Obj v, KeyringSource ring) {
        Json.Obj p = (Json.Obj) v.get("policy");
        SessionPolicy policy = new SessionPolicy(integer(p, "idle"), integer(p, "absolute"), integer(p, "leeway"),
                p.get("recheck") == null ? 0 : integer(p, "recheck"));
        return Sessions.builder(ring, context(v)).policy(policy).clock(TokenCalls.NO_CLOCK).build();
    }

    private static Session check(Json.Obj v, PendingSession pending) {
        SessionCheck check = check(v);
        return check == null ? pending.unchecked() : pending.check(check);
    }

    /** The application's check; null where it wants none. */
    static SessionCheck check(Json.Obj v) {
        return !(v.get("check") instanceof Json.Obj check) ? null : claim -> new SessionCheck.Answer(
                check.get("gen") == null ? OptionalLong.empty() : OptionalLong.of(integer(check, "gen")),
                bool(check, "denied"));
    }

    private static Json result(Session session) {
        session.refused().ifPresent(code -> {
            throw new Coded(code);
        });
        return Results.object("payload", OnlyForVectors.payload(session), "expires_at", session.expiresAt(), "last",
                session.last());
    }

    private static PendingSession open(Sessions sessions, String token, boolean ended, Long now) {
        return now == null ? sessions.open(token) : sessions.open(token, sid -> ended, now);
    }

    static Json session(Json.Obj v) {
        LiveKeyring ring = new LiveKeyring(ring(v));
        Sessions sessions = sessions(v, ring);
        if (string(v, "op").equals("open")) {
            return result(check(v, open(sessions, string(v, "token"), bool(v, "ended"), time(v, "now"))));
        }
        String token = string(v, "token");
        List<Json> results = new ArrayList<>();
        for (Json.Obj request : objects(v, "requests")) {
            if (request.get("keyring") != null) {
                ring.exchange(ring(request));
            }
            Session s = check(request.get("check") == null ? v : request, open(sessions, token, false, time(request, "now")));
            List<Json> answers = new ArrayList<>();
            act(s, null, request, "actions", answers);
            if (request.get("exchange") != null) {
                ring.exchange(VectorFile.ring(request, "exchange"));
            }
            Commit commit = commit(by(v, request, sessions, ring), s, request);
            if (request.get("commits") != null) {
                commit(sessions, s, request);
            }
            act(s, null, request, "after", answers);
            Json.Obj r = opening(s, "new").with("wrote", Json.of(commit.wrote().name().toLowerCase(Locale.ROOT)));
            if (commit.sealed().isPresent()) {
                Commit.Sealed sealed = commit.sealed().get();
                r = r.with("payload", Json.of(text(sealed.payload()))).with("ttl", Json.of(sealed.ttl())).with("token",
                        Json.of(sealed.token()));
                token = sealed.token();
            } else if (commit.wrote() == Commit.Wrote.EXPIRE) {
                token = null;
            }
            results.add(ended(answers.isEmpty() ? r : r.with("answers", new Json.Arr(answers)), commit));
        }
        return Results.object("requests", results);
    }

    /** The sessions that commit: those that opened, or others that differ in what the request says. */
    private static Sessions by(Json.Obj v, Json.Obj request, Sessions sessions, KeyringSource ring) {
        if (!(request.get("commit_as") instanceof Json.Obj other)) {
            return sessions;
        }
        Json.Obj changed = v;
        for (Map.Entry<String, Json> m : other.members().entrySet()) {
            changed = changed.with(m.getKey(), m.getValue());
        }
        return sessions(changed, ring);
    }

    private static Commit commit(Sessions sessions, Session s, Json.Obj request) {
        Long at = time(request, "commit");
        OnlyForVectors.Fixed fixed = fixed(request);
        return at == null ? sessions.commit(s) : fixed == null ? sessions.commit(s, at)
                : OnlyForVectors.commit(sessions, s, at, fixed);
    }

    /** What the open came to: a word where there was no token, "opened", or the code. */
    private static Json.Obj opening(Session s, String absent) {
        String open = s.refused().map(c -> c == Code.ABSENT ? absent : c.text()).orElse("opened");
        return Results.object("open", open, "not_now", s.notNow() ? true : null);
    }

    private static Json.Obj ended(Json.Obj r, Commit commit) {
        List<Json.Obj> ended = commit.ended().stream().map(e -> Results.object("sid", e.sid(), "end", e.end())).toList();
        return ended.isEmpty() ? r : r.with("ended", new Json.Arr(List.copyOf(ended)));
    }

    private static String text(byte[] payload) {
        return new String(payload, StandardCharsets.UTF_8);
    }

    /** What is drawn; null where the implementation draws its own. */
    static OnlyForVectors.Fixed fixed(Json.Obj request) {
        if (bool(request, "no_randomness")) {
            return OnlyForVectors.Fixed.NO_RANDOMNESS;
        }
        return request.get("random") instanceof Json.Obj r ? drawn(r) : null;
    }

    private static OnlyForVectors.Fixed drawn(Json.Obj r) {
        Map<String, OnlyForVectors.Fixed> tokens = new HashMap<>();
        r.members().forEach((name, value) -> {
            if (value instanceof Json.Obj token) {
                tokens.put(name, drawn(token));
            }
        });
        return new OnlyForVectors.Fixed(string(r, "sid"), hex(r, "salt"), hex(r, "iv"), string(r, "id"), tokens);
    }

    /**
     * The value of an action's text. What is no JSON, or holds a number beyond binary64, is refused at the action; what
     * nests deeper than a session may is left to the commit.
     */
    private static Json parse(String text) {
        try {
            Json value = new JsonReader(text, DEPTH).read();
            if (isFinite(value)) {
                return value;
            }
        } catch (JsonException e) {
            // The same code.
        }
        throw new Coded(Code.PAYLOAD_UNSERIALIZABLE);
    }

    private static boolean isFinite(Json value) {
        if (value instanceof Json.Obj object) {
            return object.members().values().stream().allMatch(SessionCalls::isFinite);
        } else if (value instanceof Json.Arr array) {
            return array.items().stream().allMatch(SessionCalls::isFinite);
        }
        return !(value instanceof Json.Num number) || Double.isFinite(number.value());
    }

    private static Json jsonText(Json value) {
        StringBuilder out = new StringBuilder();
        JsonWriter.write(value, out, DEPTH);
        return Json.of(out.toString());
    }

    /** Does the actions of a request, and puts the answers of those that have one to the others. */
    private static void act(Session s, SessionCookie cookie, Json.Obj request, String actions, List<Json> answers) {
        objects(request, actions).forEach(action -> act(s, cookie, action, answers));
    }

    /** The value with another one at the path: JSON values are immutable, so each level is made anew. */
    private static Json changed(Json in, List<Json> path, Json value) {
        if (path.isEmpty()) {
            return value;
        }
        List<Json> rest = path.subList(1, path.size());
        if (in instanceof Json.Obj object) {
            String name = ((Json.Str) path.get(0)).value();
            return object.with(name, changed(object.get(name), rest, value));
        }
        List<Json> items = new ArrayList<>(((Json.Arr) in).items());
        int index = Integer.parseInt(((Json.Num) path.get(0)).text());
        items.set(index, changed(items.get(index), rest, value));
        return new Json.Arr(items);
    }

    private static void act(Session s, SessionCookie cookie, Json.Obj action, List<Json> answers) {
        Map.Entry<String, Json> only = action.members().entrySet().iterator().next();
        Json.Obj o = only.getValue() instanceof Json.Obj object ? object : Json.EMPTY;
        switch (only.getKey()) {
            case "set_data" -> {
                // The type says that data is an object; what is none counts as the code.
                if (!(parse(((Json.Str) only.getValue()).value()) instanceof Json.Obj data)) {
                    throw new Coded(Code.PAYLOAD_UNSERIALIZABLE);
                }
                s.setData(data);
            }
            case "change" -> {
                List<Json> path = ((Json.Arr) o.get("path")).items();
                String name = ((Json.Str) path.get(0)).value();
                Json value = parse(string(o, "value"));
                s.put(name, changed(s.data().get(name), path.subList(1, path.size()), value));
            }
            case "excess" -> {
                Long at = time(o, "now");
                answers.add(Json.of(at == null ? cookie.excess(s) : cookie.excess(s, at)));
            }
            case "sign_on" -> {
                String[] keep = strings(o, "keep").toArray(String[]::new);
                if (o.get("auth_time") == null) {
                    s.signOn(string(o, "sub"), integer(o, "gen"), keep);
                } else {
                    s.signOnByEarlierProof(string(o, "sub"), integer(o, "gen"), integer(o, "auth_time"), keep);
                }
            }
            case "reauthenticate" -> s.reauthenticate(integer(o, "gen"));
            case "sign_off" -> s.signOff();
            case "flash" -> s.flash(string(o, "name"), parse(string(o, "message")));
            case "take_flash" -> answers.add(new Json.Arr(
                    s.takeFlash(string(o, "name")).stream().map(SessionCalls::jsonText).toList()));
            case "send" -> s.send();
            case "reauth_within" -> answers.add(Json.of(s.reauthWithin(integer(o, "seconds"))));
            default -> throw new AssertionError("an unknown action");
        }
    }

    private static CookieSettings.Place place(Json.Obj c) {
        return new CookieSettings.Place(c.get("path") == null ? "/" : string(c, "path"), string(c, "domain"),
                bool(c, "partitioned"));
    }

    static CookieSettings settings(Json.Obj c) {
        CookieSettings.Builder b = CookieSettings.builder();
        if (c.get("name") != null) {
            b.name(string(c, "name"));
        }
        CookieSettings.Place place = place(c);
        b.path(place.path()).domain(place.domain());
        if (place.partitioned()) {
            b.partitioned();
        }
        if (c.get("secure") != null && !bool(c, "secure")) {
            b.notSecure();
        }
        if (c.get("same_site") != null) {
            b.sameSite(string(c, "same_site"));
        }
        if (bool(c, "browser_session")) {
            b.browserSession();
        }
        if (bool(c, "large")) {
            b.large();
        }
        objects(c, "previous").forEach(p -> b.previous(place(p)));
        return b.build();
    }

    static Json cookie(Json.Obj v) throws TokenException {
        switch (string(v, "op")) {
            case "setup": {
                List<Map.Entry<String, CookieSettings>> all = new ArrayList<>();
                for (Json.Obj c : objects(v, "cookies")) {
                    all.add(Map.entry(string(c, "purpose"), settings((Json.Obj) c.get("cookie"))));
                }
                CookieSettings.together(all);
                return Results.object("expire", all.stream().map(c -> c.getValue().expire()).toList());
            }
            case "read_token": {
                TokenCookie cookie = new TokenCookie(ring(v), context(v), settings((Json.Obj) v.get("cookie")),
                        integer(v, "max_age"), integer(v, "leeway"), TokenCalls.NO_CLOCK);
                Long now = time(v, "now");
                List<String> fields = strings(v, "fields");
                Opened opened = now == null ? cookie.read(fields) : cookie.read(fields, now);
                return Results.object("payload", text(opened.payload()));
            }
            default: {
                SessionCookie cookie = sessionCookie(v);
                Long now = time(v, "now");
                List<String> fields = strings(v, "fields");
                Session s = check(v, now == null ? cookie.open(fields) : cookie.open(fields, now));
                return string(v, "op").equals("read") ? result(s) : write(v, cookie, s);
            }
        }
    }

    /** The cookie of a vector, with device binding where it has that. */
    static SessionCookie sessionCookie(Json.Obj v) {
        Sessions sessions = sessions(v, ring(v));
        CookieSettings settings = settings((Json.Obj) v.get("cookie"));
        return v.get("device") instanceof Json.Obj device
                ? new SessionCookie(sessions, settings, DeviceCalls.binding(device)) : new SessionCookie(sessions, settings);
    }

    private static Json write(Json.Obj v, SessionCookie cookie, Session s) {
        List<Json> answers = new ArrayList<>();
        act(s, cookie, v, "actions", answers);
        Long at = time(v, "commit");
        String cache = string(v, "cache_control");
        OnlyForVectors.Fixed fixed = fixed(v);
        SessionCookie.Response r = at == null ? cookie.commit(s, cache) : fixed == null ? cookie.commit(s, at, cache)
                : OnlyForVectors.commit(cookie, s, at, cache, fixed);
        List<Json> headers = new ArrayList<>();
        r.setCookies().forEach(line -> headers.add(header("Set-Cookie", line)));
        headers.add(header("Vary", SessionCookie.Response.VARY));
        r.cacheControl().ifPresent(value -> headers.add(header("Cache-Control", value)));
        r.registration().ifPresent(value -> headers.add(header(SessionCookie.Response.REGISTRATION, value)));
        Json.Obj result = opening(s, Code.ABSENT.text()).with("headers", new Json.Arr(headers)).with("large", Json.of(r.large()));
        if (r.commit().sealed().isPresent()) {
            result = result.with("payload", Json.of(text(r.commit().sealed().get().payload())));
        }
        return ended(answers.isEmpty() ? result : result.with("answers", new Json.Arr(answers)), r.commit());
    }

    static Json header(String name, String value) {
        return new Json.Arr(List.of(Json.of(name), Json.of(value)));
    }
}
