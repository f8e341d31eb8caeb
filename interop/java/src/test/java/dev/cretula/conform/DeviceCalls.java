package dev.cretula.conform;

import static dev.cretula.conform.VectorFile.integer;
import static dev.cretula.conform.VectorFile.string;
import static dev.cretula.conform.VectorFile.strings;
import static dev.cretula.conform.VectorFile.time;

import dev.cretula.Code;
import dev.cretula.Context;
import dev.cretula.CookieSettings;
import dev.cretula.DeviceAnswer;
import dev.cretula.DeviceBinding;
import dev.cretula.SessionCheck;
import dev.cretula.SessionCookie;
import dev.cretula.Sessions;
import dev.cretula.TestRing;
import dev.cretula.TokenException;
import dev.cretula.hazmat.OnlyForVectors;
import dev.cretula.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Makes the calls of the class Device binding; gives their result. */
final class DeviceCalls {
    private DeviceCalls() {
    }

    static DeviceBinding binding(Json.Obj d) {
        DeviceBinding.Builder b = DeviceBinding.builder();
        if (d.get("path") != null) {
            b.path(string(d, "path"));
        }
        if (d.get("proof") != null) {
            b.proof(integer(d, "proof"));
        }
        if (d.get("require_after") != null) {
            b.requireAfter(integer(d, "require_after"));
        }
        return b.build();
    }

    static Json device(Json.Obj v) throws TokenException {
        switch (string(v, "op")) {
            case "setup": {
                CookieSettings settings = SessionCalls.settings((Json.Obj) v.get("cookie"));
                DeviceBinding binding = binding((Json.Obj) v.get("device"));
                Context context = new Context("shop.example", string(v, "purpose"));
                new SessionCookie(Sessions.builder(TestRing.ring(1), context).build(), settings, binding);
                // All names have the same attributes.
                return Results.object("expire", settings.name().replaceFirst("^__Host-Http-", "__Host-") + ".proof" + settings.expire().substring(settings.name().length()));
            }
            case "register", "refresh":
                return answer(v);
            default:
                return SessionCalls.cookie(v);
        }
    }

    private static Json answer(Json.Obj v) {
        SessionCookie cookie = SessionCalls.sessionCookie(v);
        SessionCheck check = SessionCalls.check(v);
        List<String> fields = strings(v, "fields");
        List<String> responses = strings(v, "responses");
        Long now = time(v, "now");
        OnlyForVectors.Fixed fixed = SessionCalls.fixed(v);
        DeviceAnswer a;
        if (string(v, "op").equals("register")) {
            a = now == null ? cookie.register(fields, responses, check)
                    : fixed == null ? cookie.register(fields, responses, check, now)
                    : OnlyForVectors.register(cookie, fields, responses, check, now, fixed);
        } else {
            List<String> ids = strings(v, "ids");
            a = now == null ? cookie.refresh(fields, ids, responses, check)
                    : fixed == null ? cookie.refresh(fields, ids, responses, check, now)
                    : OnlyForVectors.refresh(cookie, fields, ids, responses, check, now, fixed);
        }
        List<Json> headers = new ArrayList<>();
        a.headers().forEach(h -> headers.add(SessionCalls.header(h.getKey(), h.getValue())));
        String payload = a.written().flatMap(w -> w.commit().sealed())
                .map(s -> new String(s.payload(), StandardCharsets.UTF_8)).orElse(null);
        return Results.object("status", a.status(), "reason", a.reason().map(Code::text).orElse(null), "headers",
                new Json.Arr(headers), "body", a.body().isEmpty() ? null : a.body(), "payload", payload);
    }
}
