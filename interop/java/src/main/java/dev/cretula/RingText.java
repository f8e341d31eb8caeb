package dev.cretula;

import dev.cretula.Keyring.Entry;
import dev.cretula.Keyring.RingBuilder;
import dev.cretula.json.Json;
import dev.cretula.json.JsonException;
import dev.cretula.json.JsonReader;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import java.util.Set;

/** Reads rings: the list form (§11.3) and the document form (§11.4). */
final class RingText {
    /** No document that is one nests deeper; what does is refused all the same. */
    private static final int DEPTH = 8;
    private static final Set<String> MEMBERS = Set.of("key", "seal_from", "accept_until");

    private RingText() {
    }

    static Keyring parse(byte[] octets, boolean testKeys) {
        int i = 0;
        while (i < octets.length && isSpace((char) (octets[i] & 0xff))) {
            i++;
        }
        if (i < octets.length && octets[i] == '{') {
            String text = Utf8.decode(octets);
            if (text == null) {
                throw format("not UTF-8");
            }
            return document(text, testKeys);
        }
        // Octet by octet: what is not ASCII stays so, and is key_format.
        return list(new String(octets, StandardCharsets.ISO_8859_1), testKeys);
    }

    static Keyring parse(String text, boolean testKeys) {
        int i = 0;
        while (i < text.length() && isSpace(text.charAt(i))) {
            i++;
        }
        boolean document = i < text.length() && text.charAt(i) == '{';
        return document ? document(text, testKeys) : list(text, testKeys);
    }

    private static boolean isSpace(char c) {
        return c == '\t' || c == '\n' || c == '\f' || c == '\r' || c == ' ';
    }

    private static Keyring list(String text, boolean testKeys) {
        RingBuilder ring = new RingBuilder();
        int from = 0;
        for (int i = 0; i <= text.length(); i++) {
            if (i == text.length() || text.charAt(i) == ',' || isSpace(text.charAt(i))) {
                if (i > from) {
                    ring.add(new Entry(key(text.substring(from, i), testKeys, ring)));
                }
                from = i + 1;
            }
        }
        return ring.build();
    }

    private static Key key(String text, boolean testKeys, RingBuilder ring) {
        try {
            return Key.parse(text, testKeys);
        } catch (CretulaException e) {
            throw ring.fault(e.code(), "a key is refused");
        }
    }

    private static CretulaException format(String what) {
        return new CretulaException(Code.KEYRING_FORMAT, what);
    }

    private static Keyring document(String text, boolean testKeys) {
        Json json;
        try {
            if (Utf8.hasLoneSurrogate(text)) {
                throw format("an unpaired surrogate");
            }
            json = new JsonReader(text, DEPTH).read();
        } catch (JsonException e) {
            throw format("not a JSON text");
        }
        if (!(json instanceof Json.Obj document) || !document.members().keySet().equals(Set.of("cretula", "keys"))
                || !(document.get("cretula") instanceof Json.Str version) || !version.value().equals("keyring-v1")
                || !(document.get("keys") instanceof Json.Arr keys)) {
            throw format("not a keyring-v1 document");
        }
        for (Json item : keys.items()) {
            if (!(item instanceof Json.Obj entry) || entry.get("key") == null
                    || !MEMBERS.containsAll(entry.members().keySet())
                    || entry.members().values().stream().anyMatch(v -> v instanceof Json.Obj || v instanceof Json.Arr)) {
                throw format("an entry of another form");
            }
        }
        RingBuilder ring = new RingBuilder();
        for (Json item : keys.items()) {
            Json.Obj entry = (Json.Obj) item;
            if (!(entry.get("key") instanceof Json.Str keyText)) {
                throw ring.fault(Code.KEY_FORMAT, "a key that is no string");
            }
            Key key = key(keyText.value(), testKeys, ring);
            Json from = entry.get("seal_from");
            Json until = entry.get("accept_until");
            long sealFrom = from == null ? 0 : time(from, ring);
            ring.add(new Entry(key, sealFrom, until == null ? OptionalLong.empty() : OptionalLong.of(time(until, ring))));
        }
        return ring.build();
    }

    private static long time(Json value, RingBuilder ring) {
        Long time = value instanceof Json.Num number ? number.integer(0, Limits.TIME_END - 1) : null;
        if (time == null) {
            throw ring.fault(Code.KEYRING_TIME, "a time that is no integer in range");
        }
        return time;
    }
}
