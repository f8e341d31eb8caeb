package dev.cretula;

import dev.cretula.json.Json;
import dev.cretula.json.JsonException;
import dev.cretula.json.JsonReader;
import dev.cretula.json.JsonWriter;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A session's payload (§19.1). Immutable. The sid is null until one is drawn at the commit; user, checked and jkt are null
 * where there is none.
 */
record SessionState(String sid, long start, long end, long rev, User user, Long checked, String jkt, Json.Obj data,
        Json.Obj flash) {
    private static final Set<String> NAMES =
            Set.of("sid", "start", "end", "rev", "sub", "gen", "auth_time", "checked", "jkt", "data", "flash");
    static final SessionState GUEST = new SessionState(null, 0, 0, 0, null, null, null, Json.EMPTY, Json.EMPTY);

    /** The session in a payload (SESS-01 to SESS-04). */
    static SessionState read(byte[] payload) throws TokenException {
        Json.Obj object = object(payload);
        SessionState state = object == null ? null : read(object);
        if (state == null) {
            throw new TokenException(Code.PAYLOAD_INVALID);
        }
        return state;
    }

    /** The JSON object in the bytes, or null where SESS-01, SESS-03 or SESS-06 refuse it. */
    static Json.Obj object(byte[] payload) {
        String text = Utf8.decode(payload);
        try {
            return text != null && new JsonReader(text, Limits.NESTING_MAX).read() instanceof Json.Obj object
                    && fault(object, Limits.NESTING_MAX) == null ? object : null;
        } catch (JsonException e) {
            // The same refusal, without what the reader knows of the payload (OPEN-12).
            return null;
        }
    }

    /** The value of a member that is a text of so many base64url characters (SESS-04), or null. */
    static String characters(Json.Obj o, String name, int count) {
        return o.get(name) instanceof Json.Str s && s.value().length() == count && Base64Url.isAll(s.value(), 0, count)
                ? s.value() : null;
    }

    private static SessionState read(Json.Obj o) {
        Long start = integer(o, "start", 0, Limits.TIME_END - 1);
        Long end = integer(o, "end", 0, Limits.TIME_END - 1);
        Long rev = integer(o, "rev", 1, Limits.INTEGER_MAX);
        if (!NAMES.containsAll(o.members().keySet()) || start == null || end == null || rev == null || start >= end
                || characters(o, "sid", 22) == null) {
            return null;
        }
        User user = null;
        if (o.get("sub") != null || o.get("gen") != null || o.get("auth_time") != null) {
            Long gen = integer(o, "gen", 0, Limits.INTEGER_MAX);
            Long authTime = integer(o, "auth_time", 0, Limits.TIME_END - 1);
            if (!(o.get("sub") instanceof Json.Str sub) || gen == null || authTime == null
                    || sub.value().isEmpty() || Utf8.length(sub.value()) > 255) {
                return null;
            }
            user = new User(sub.value(), gen, authTime);
        }
        Long checked = integer(o, "checked", 0, Limits.TIME_END - 1);
        String jkt = characters(o, "jkt", Limits.JKT_CHARACTERS);
        if (o.get("checked") != null && checked == null || o.get("jkt") != null && (jkt == null || user == null)) {
            return null;
        }
        Json data = o.get("data") == null ? Json.EMPTY : o.get("data");
        Json flash = o.get("flash") == null ? Json.EMPTY : o.get("flash");
        if (!(data instanceof Json.Obj d) || !(flash instanceof Json.Obj f)
                || !f.members().values().stream().allMatch(v -> v instanceof Json.Arr)) {
            return null;
        }
        return new SessionState(characters(o, "sid", 22), start, end, rev, user, checked, jkt, d, f);
    }

    private static Long integer(Json.Obj o, String name, long least, long most) {
        return o.get(name) instanceof Json.Num number ? number.integer(least, most) : null;
    }

    /**
     * What SESS-06 does not allow in a value, and the way to it, such as {@code [3].price: …}; null where all is allowed.
     *
     * @param levels how many levels of arrays and objects are allowed, which bounds the recursion
     */
    private static String fault(Json value, int levels) {
        if (value instanceof Json.Str string) {
            return Utf8.hasLoneSurrogate(string.value()) ? ": a lone surrogate" : null;
        } else if (value instanceof Json.Num number) {
            double d = number.value();
            boolean good = Double.isFinite(d) && (d != Math.rint(d) || Math.abs(d) <= Limits.INTEGER_MAX);
            return good ? null : ": an integer beyond 2^53 - 1";
        } else if ((value instanceof Json.Arr || value instanceof Json.Obj) && levels <= 0) {
            return ": nests deeper than 16 levels";
        } else if (value instanceof Json.Arr array) {
            for (int i = 0; i < array.items().size(); i++) {
                String fault = fault(array.items().get(i), levels - 1);
                if (fault != null) {
                    return "[" + i + "]" + fault;
                }
            }
        } else if (value instanceof Json.Obj object) {
            for (Map.Entry<String, Json> m : object.members().entrySet()) {
                String fault = m.getKey().equals("__proto__") ? ": a name that no session carries"
                        : Utf8.hasLoneSurrogate(m.getKey()) ? ": a lone surrogate in the name"
                        : fault(m.getValue(), levels - 1);
                if (fault != null) {
                    return "." + shown(m.getKey()) + fault;
                }
            }
        }
        return null;
    }

    /** A name for an error's text: a name that a user chose neither floods nor breaks a line of the log. */
    static String shown(String name) {
        StringBuilder out = new StringBuilder();
        name.chars().limit(64).forEach(c -> out.append(c >= 0x20 && c < 0x7f ? (char) c : '?'));
        return out.append(name.length() > 64 ? "…" : "").toString();
    }

    /** Refuses data that no session carries (SESS-06). */
    void checkData() {
        check("data", data);
    }

    private static void check(String name, Json value) {
        String fault = fault(value, Limits.NESTING_MAX - 1);
        if (fault != null) {
            throw new CretulaException(Code.PAYLOAD_UNSERIALIZABLE, name + fault);
        }
    }

    /** The payload's text (SESS-05), or {@code payload_unserializable} (SESS-06). */
    String write() {
        checkData();
        check("flash", messages());
        return form();
    }

    /** Whether another state is the same by value, rev and checked left out (SESS-11). No deeper than this one nests. */
    boolean same(SessionState other) {
        return Objects.equals(sid, other.sid) && start == other.start && end == other.end
                && Objects.equals(user, other.user) && Objects.equals(jkt, other.jkt)
                && same(data, other.data) && same(messages(), other.messages());
    }

    /** Whether two values are the same (SESS-11). */
    static boolean same(Json a, Json b) {
        if (a == b) {
            return true;
        } else if (a instanceof Json.Num x && b instanceof Json.Num y) {
            return x.value() == y.value(); // as primitives: -0.0 == 0.0
        } else if (a instanceof Json.Arr x && b instanceof Json.Arr y) {
            return x.items().size() == y.items().size()
                    && IntStream.range(0, x.items().size()).allMatch(i -> same(x.items().get(i), y.items().get(i)));
        } else if (a instanceof Json.Obj x && b instanceof Json.Obj y) {
            return x.members().size() == y.members().size()
                    && x.members().entrySet().stream().allMatch(m -> same(m.getValue(), y.get(m.getKey())));
        }
        return !(a instanceof Json.Arr || a instanceof Json.Obj) && a.equals(b);
    }

    /** The flash that is written: without empty arrays (SESS-05). */
    private Json.Obj messages() {
        Json.Obj messages = flash;
        for (Map.Entry<String, Json> m : flash.members().entrySet()) {
            if (((Json.Arr) m.getValue()).items().isEmpty()) {
                messages = messages.without(m.getKey());
            }
        }
        return messages;
    }

    private String form() {
        StringBuilder out = new StringBuilder();
        out.append("{\"sid\":\"").append(sid).append("\",\"start\":").append(start).append(",\"end\":").append(end);
        out.append(",\"rev\":").append(rev);
        if (user != null) {
            out.append(",\"sub\":");
            JsonWriter.writeOneSpelling(Json.of(user.sub()), out, 0);
            out.append(",\"gen\":").append(user.gen()).append(",\"auth_time\":").append(user.authTime());
        }
        if (checked != null) {
            out.append(",\"checked\":").append((long) checked);
        }
        if (jkt != null) {
            out.append(",\"jkt\":\"").append(jkt).append('"');
        }
        if (!data.members().isEmpty()) {
            out.append(",\"data\":");
            JsonWriter.writeOneSpelling(data, out, Limits.NESTING_MAX - 1);
        }
        Json.Obj messages = messages();
        if (!messages.members().isEmpty()) {
            out.append(",\"flash\":");
            JsonWriter.writeOneSpelling(messages, out, Limits.NESTING_MAX - 1);
        }
        return out.append('}').toString();
    }

    /** The member of data with the longest serialised value, in octets; or null (COOK-11). */
    String largest() {
        String name = null;
        long most = -1;
        for (Map.Entry<String, Json> member : data.members().entrySet()) {
            StringBuilder out = new StringBuilder();
            JsonWriter.writeOneSpelling(member.getValue(), out, Limits.NESTING_MAX);
            long octets = Utf8.length(out);
            if (octets > most || octets == most && Utf8.compare(member.getKey(), name) < 0) {
                most = octets;
                name = member.getKey();
            }
        }
        return name;
    }

    SessionState with(Json.Obj newData, Json.Obj newFlash) {
        return new SessionState(sid, start, end, rev, user, checked, jkt, newData, newFlash);
    }

    SessionState withSid(String newSid) {
        return new SessionState(newSid, start, end, rev, user, checked, jkt, data, flash);
    }

    SessionState withUser(User newUser) {
        return new SessionState(sid, start, end, rev, newUser, checked, jkt, data, flash);
    }

    SessionState withChecked(long time) {
        return new SessionState(sid, start, end, rev, user, time, jkt, data, flash);
    }

    SessionState withJkt(String newJkt) {
        return new SessionState(sid, start, end, rev, user, checked, newJkt, data, flash);
    }

    boolean isNew() {
        return start == 0 && end == 0;
    }

    @Override
    public String toString() {
        return "SessionState[secret]";
    }
}
