package dev.cretula.conform;

import static dev.cretula.conform.VectorFile.bool;
import static dev.cretula.conform.VectorFile.context;
import static dev.cretula.conform.VectorFile.hex;
import static dev.cretula.conform.VectorFile.integer;
import static dev.cretula.conform.VectorFile.objects;
import static dev.cretula.conform.VectorFile.ring;
import static dev.cretula.conform.VectorFile.string;
import static dev.cretula.conform.VectorFile.strings;

import dev.cretula.Code;
import dev.cretula.Commit;
import dev.cretula.CookieSettings;
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
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;

/** Makes the calls of a vector or of a request of the protocol, of sessions and cookies; gives their result. */
final class SessionCalls {
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

    private static Sessions sessions(Json.Obj v) {
        Json.Obj p = (Json.Obj) v.get("policy");
        SessionPolicy policy = new SessionPolicy(integer(p, "idle"), integer(p, "absolute"), integer(p, "leeway"));
        return Sessions.builder(ring(v), context(v)).policy(policy).build();
    }

    private static Session check(Json.Obj v, PendingSession pending) {
        if (!(v.get("check") instanceof Json.Obj check)) {
            return pending.unchecked();
        }
        return pending.check(claim -> new SessionCheck.Answer(
                check.get("gen") == null ? OptionalLong.empty() : OptionalLong.of(integer(check, "gen")),
                bool(check, "denied")));
    }

    private static Json result(Session session) {
        session.refused().ifPresent(code -> {
            throw new Coded(code);
        });
        return Results.object("payload", OnlyForVectors.payload(session), "expires_at", session.expiresAt(), "last",
                session.last());
    }

    static Json session(Json.Obj v) {
        Sessions sessions = sessions(v);
        if (string(v, "op").equals("open")) {
            boolean ended = bool(v, "ended");
            return result(check(v, sessions.open(string(v, "token"), sid -> ended, integer(v, "now"))));
        }
        String token = string(v, "token");
        List<Json> results = new ArrayList<>();
        for (Json.Obj request : objects(v, "requests")) {
            Session s = check(v, sessions.open(token, sid -> false, integer(request, "now")));
            List<Json> answers = act(s, request);
            long at = integer(request, "commit");
            Commit commit = request.get("random") == null ? sessions.commit(s, at)
                    : OnlyForVectors.commit(sessions, s, at, fixed(request));
            String open = s.refused().map(c -> c == Code.ABSENT ? "new" : c.text()).orElse("opened");
            Json.Obj r = Results.object("open", open, "wrote", commit.wrote().name().toLowerCase(Locale.ROOT));
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

    private static Json.Obj ended(Json.Obj r, Commit commit) {
        return commit.ended().map(e -> r.with("ended", Results.object("sid", e.sid(), "end", e.end()))).orElse(r);
    }

    private static String text(byte[] payload) {
        return new String(payload, StandardCharsets.UTF_8);
    }

    private static OnlyForVectors.Fixed fixed(Json.Obj request) {
        Json.Obj r = (Json.Obj) request.get("random");
        return new OnlyForVectors.Fixed(string(r, "sid"), hex(r, "salt"), hex(r, "iv"), string(r, "id"));
    }

    private static Json parse(String text) {
        try {
            return Json.parse(text);
        } catch (JsonException e) {
            throw new Coded(Code.PAYLOAD_UNSERIALIZABLE);
        }
    }

    /** Does the actions of a request; gives the answers of those that have one. */
    private static List<Json> act(Session s, Json.Obj request) {
        List<Json> answers = new ArrayList<>();
        objects(request, "actions").forEach(action -> act(s, action, answers));
        return answers;
    }

    private static void act(Session s, Json.Obj action, List<Json> answers) {
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
                    s.takeFlash(string(o, "name")).stream().map(m -> (Json) Json.of(Json.write(m))).toList()));
            case "send" -> s.send();
            case "reauth_within" -> answers.add(Json.of(s.reauthWithin(integer(o, "seconds"))));
            default -> throw new AssertionError("an unknown action");
        }
    }

    private static CookieSettings.Place place(Json.Obj c) {
        return new CookieSettings.Place(c.get("path") == null ? "/" : string(c, "path"), string(c, "domain"),
                bool(c, "partitioned"));
    }

    private static CookieSettings settings(Json.Obj c) {
        CookieSettings.Builder b = CookieSettings.builder().name(string(c, "name"));
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
                        integer(v, "max_age"), integer(v, "leeway"));
                Opened opened = cookie.read(strings(v, "fields"), integer(v, "now"));
                return Results.object("payload", text(opened.payload()));
            }
            default: {
                SessionCookie cookie = new SessionCookie(sessions(v), settings((Json.Obj) v.get("cookie")));
                Session s = check(v, cookie.open(strings(v, "fields"), integer(v, "now")));
                return string(v, "op").equals("read") ? result(s) : write(v, cookie, s);
            }
        }
    }

    private static Json write(Json.Obj v, SessionCookie cookie, Session s) {
        List<Json> answers = act(s, v);
        long at = integer(v, "commit");
        String cache = string(v, "cache_control");
        SessionCookie.Response r = v.get("random") == null ? cookie.commit(s, at, cache)
                : OnlyForVectors.commit(cookie, s, at, cache, fixed(v));
        List<Json> headers = new ArrayList<>();
        r.setCookies().forEach(line -> headers.add(header("Set-Cookie", line)));
        headers.add(header("Vary", SessionCookie.Response.VARY));
        r.cacheControl().ifPresent(value -> headers.add(header("Cache-Control", value)));
        Json.Obj result = Results.object("open", s.refused().map(Code::text).orElse("opened"), "headers", headers, "large",
                r.large(), "payload", r.commit().sealed().map(x -> text(x.payload())).orElse(null));
        return ended(answers.isEmpty() ? result : result.with("answers", new Json.Arr(answers)), r.commit());
    }

    private static Json header(String name, String value) {
        return new Json.Arr(List.of(Json.of(name), Json.of(value)));
    }
}
