package dev.cretula;

import dev.cretula.SessionCookie.Choice;
import dev.cretula.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Answers the two endpoints of device binding (§21.6, §21.7). Headers and cookies are anyone's. */
final class Device {
    final DeviceBinding settings;
    final DeviceTokens tokens;
    private final SessionCookie cookie;

    Device(SessionCookie cookie, DeviceBinding settings) {
        P256.require();
        DeviceBinding.check(cookie.settings(), cookie.sessions().context().purpose());
        this.cookie = cookie;
        this.settings = settings;
        this.tokens = new DeviceTokens(cookie.sessions(), settings);
    }

    /** The name of the cookie that holds a proof. */
    String proofName() {
        return proofName(cookie.settings().name());
    }

    /** The name of the cookie of a session's proofs (§21.2). */
    static String proofName(String name) {
        String http = "__Host-Http-";
        return (name.startsWith(http) ? "__Host-" + name.substring(http.length()) : name) + ".proof";
    }

    /** The field of the offer (DEV-05). */
    String offer(String sid, Keyring ring, long now, Randomness random) {
        String challenge = tokens.registration(sid, ring, now, random);
        return "(ES256);path=\"" + settings.path() + "/start\";challenge=\"" + challenge + "\"";
    }

    /** The octets of a field without SP and HTAB at both ends, and without quotation marks around them. */
    private static String value(String field) {
        int from = 0;
        int to = field.length();
        while (from < to && CookieRequest.isBlank(field.charAt(from))) {
            from++;
        }
        while (to > from && CookieRequest.isBlank(field.charAt(to - 1))) {
            to--;
        }
        boolean quoted = to - from >= 2 && field.charAt(from) == '"' && field.charAt(to - 1) == '"';
        return quoted ? field.substring(from + 1, to - 1) : field.substring(from, to);
    }

    /**
     * The steps of §21.6, in their order.
     *
     * @param check the application's check; null if it wants none
     * @param now   null without a clock
     */
    DeviceAnswer register(List<String> fields, List<String> responses, SessionCheck check, Long now, Randomness random) {
        if (responses.size() != 1) {
            return refused(Code.JWT_FORMAT);
        }
        if (now == null) {
            return refused(Code.NO_CLOCK);
        }
        Keyring ring = cookie.sessions().ring().ring();
        CookieRequest request = new CookieRequest(fields);
        Choice chosen = cookie.choose(request, ring, now);
        if (chosen.refused() != null) {
            return refused(chosen.refused());
        }
        SessionState s = chosen.state();
        DeviceKey key;
        try {
            Jwt jwt = Jwt.read(value(responses.get(0)), null);
            key = jwt.key();
            // A guest's session is never offered a challenge, and has no jkt.
            if (!tokens.registers(jwt.jti(), s.sid(), ring, now) || s.user() == null) {
                throw new TokenException(Code.CHALLENGE_INVALID);
            }
        } catch (TokenException e) {
            return refused(e.code());
        }
        String jkt = key.thumbprint();
        if (s.jkt() != null && !s.jkt().equals(jkt)) {
            return refused(Code.DEVICE_MISMATCH);
        }
        Session session = checked(chosen, check, now, request);
        if (session.refused().isPresent()) {
            return refused(session.refused().get());
        }
        session.bind(jkt);
        SessionCookie.Response written = cookie.commit(session, () -> now, null, ring, random);
        String device = tokens.device(s.sid(), key, Math.min(s.end() - now, Limits.LIFE_MAX), ring, now, random);
        String body = "{\"session_identifier\":\"" + device + "\",\"refresh_url\":\"" + settings.path()
                + "/refresh\",\"scope\":{\"include_site\":false,\"scope_specification\":[]},\"credentials\":[{\"type\":\"cookie\","
                + "\"name\":" + Json.write(Json.of(proofName())) + ",\"attributes\":\"Path=/; Secure; HttpOnly; SameSite="
                + cookie.settings().sameSite() + "\"}]}";
        return answer(200, null, bound(session, jkt, written, Limits.PROOF_FIRST, ring, now, random), "Content-Type", "application/json", body, written);
    }

    /**
     * The steps of §21.7, in their order.
     *
     * @param check the application's check; null if it wants none
     * @param now   null without a clock
     */
    DeviceAnswer refresh(List<String> fields, List<String> ids, List<String> responses, SessionCheck check, Long now,
            Randomness random) {
        if (ids.size() != 1) {
            return refused(Code.ABSENT);
        }
        if (now == null) {
            return refused(Code.NO_CLOCK);
        }
        Keyring ring = cookie.sessions().ring().ring();
        String id = value(ids.get(0));
        DeviceTokens.Device device;
        try {
            device = tokens.device(id, ring, now);
        } catch (TokenException e) {
            return refused(e.code());
        }
        String jkt = device.key().thumbprint();
        CookieRequest request = new CookieRequest(fields);
        Choice chosen = cookie.choose(request, ring, now);
        if (chosen.refused() != null) {
            return over(id, chosen.refused());
        }
        SessionState s = chosen.state();
        // A guest's session has no jkt, and none is put into it.
        if (s.jkt() != null ? !s.jkt().equals(jkt) : !s.sid().equals(device.sid()) || s.user() == null) {
            return over(id, Code.DEVICE_MISMATCH);
        }
        if (responses.isEmpty()) {
            return challenge(id, jkt, null, ring, now, random);
        }
        if (responses.size() > 1) {
            return refused(Code.JWT_FORMAT);
        }
        String jti;
        try {
            // The sealed key: one that the JWT brings is nobody's.
            jti = Jwt.read(value(responses.get(0)), device.key()).jti();
        } catch (TokenException e) {
            return refused(e.code());
        }
        if (!tokens.refreshes(jti, jkt, ring, now)) {
            return challenge(id, jkt, Code.CHALLENGE_INVALID, ring, now, random);
        }
        Session session = checked(chosen, check, now, request);
        if (session.refused().isPresent()) {
            return over(id, session.refused().get());
        }
        SessionCookie.Response written = null;
        if (s.jkt() == null) {
            // A slow response had overwritten the bound session (§21.8).
            session.bind(jkt);
            written = cookie.commit(session, () -> now, null, ring, random);
        }
        return answer(200, null, bound(session, jkt, written, Limits.PROOF_MAX, ring, now, random), null, null, "", written);
    }

    /** Step 9f, also where the check is not due. */
    private Session checked(Choice chosen, SessionCheck check, long now, CookieRequest request) {
        PendingSession pending = PendingSession.opened(cookie.sessions(), chosen.state(), chosen.opened(), now, true, request);
        return check == null ? pending.unchecked() : pending.check(check);
    }

    /**
     * The lines of a proof and of the session, if that was written. A proof has its Max-Age in a browser session as well:
     * by the loss of the cookie the browser knows when to refresh.
     */
    private List<String> bound(Session session, String jkt, SessionCookie.Response written, long most, Keyring ring, long now,
            Randomness random) {
        long ttl = Math.min(Math.min(settings.proof(), most), session.last() - now);
        List<String> lines = new ArrayList<>();
        String proof = tokens.proof(session.sid().orElseThrow(), jkt, ttl, ring, now, random);
        lines.add(cookie.settings().lasting(proofName(), proof, ttl));
        if (written != null) {
            lines.addAll(written.setCookies());
        }
        return lines;
    }

    private DeviceAnswer refused(Code code) {
        return answer(code.notNow() ? 503 : 401, code, List.of(), null, null, "", null);
    }

    /** The browser then ends its device session; not after a not now, after which it asks again (DEV-09). */
    private DeviceAnswer over(String id, Code code) {
        return code.notNow() ? refused(code) : answer(200, code, List.of(), "Content-Type", "application/json",
                "{\"session_identifier\":\"" + id + "\",\"continue\":false}", null);
    }

    private DeviceAnswer challenge(String id, String jkt, Code code, Keyring ring, long now, Randomness random) {
        String value = "\"" + tokens.refresh(jkt, ring, now, random) + "\";id=\"" + id + "\"";
        return answer(403, code, List.of(), "Secure-Session-Challenge", value, "", null);
    }

    private DeviceAnswer answer(int status, Code reason, List<String> lines, String name, String value, String body,
            SessionCookie.Response written) {
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        lines.forEach(line -> headers.add(Map.entry("Set-Cookie", line)));
        headers.add(Map.entry("Vary", SessionCookie.Response.VARY));
        headers.add(Map.entry("Cache-Control", "no-store"));
        if (name != null) {
            headers.add(Map.entry(name, value));
        }
        if (reason != null) {
            cookie.sessions().tell(new Event(Event.Kind.DEVICE_REFUSED, Optional.of(reason), Optional.empty()));
        }
        return new DeviceAnswer(status, Optional.ofNullable(reason), List.copyOf(headers), body, Optional.ofNullable(written));
    }
}
