package dev.cretula.json;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A strict reader of one JSON text. */
public final class JsonReader {
    /** How deep {@link Json#parse} reads. */
    public static final int DEPTH = 200;

    private final String text;
    private final int maxDepth;
    private int at;

    /**
     * Sets up a reader.
     *
     * @param text     the text
     * @param maxDepth how many levels of arrays and objects are read; at most a few hundred, for each takes stack
     */
    public JsonReader(String text, int maxDepth) {
        this.text = text;
        this.maxDepth = maxDepth;
    }

    /**
     * Reads the whole text.
     *
     * @return its value
     * @throws JsonException where it is not the JSON text of one value
     */
    public Json read() throws JsonException {
        at = 0;
        space();
        Json value = value(0);
        space();
        if (at != text.length()) {
            throw fail("something after the value");
        }
        return value;
    }

    private JsonException fail(String what) {
        return new JsonException(what, at);
    }

    private int peek() {
        return at < text.length() ? text.charAt(at) : -1;
    }

    private void space() {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c != ' ' && c != '\t' && c != '\n' && c != '\r') {
                return;
            }
            at++;
        }
    }

    private void want(char c) throws JsonException {
        if (peek() != c) {
            throw fail("another character expected");
        }
        at++;
    }

    private Json value(int depth) throws JsonException {
        int c = peek();
        switch (c) {
            case '{':
                return object(depth + 1);
            case '[':
                return array(depth + 1);
            case '"':
                return new Json.Str(string());
            case 't':
                return word("true", new Json.Bool(true));
            case 'f':
                return word("false", new Json.Bool(false));
            case 'n':
                return word("null", new Json.Null());
            default:
                int end = numberEnd(text, at);
                if (end < 0) {
                    throw fail("no value");
                }
                Json number = new Json.Num(text.substring(at, end));
                at = end;
                return number;
        }
    }

    private Json word(String word, Json value) throws JsonException {
        if (!text.startsWith(word, at)) {
            throw fail("no value");
        }
        at += word.length();
        return value;
    }

    private void enter(int depth) throws JsonException {
        if (depth > maxDepth) {
            throw fail("too deep");
        }
        at++;
        space();
    }

    private Json object(int depth) throws JsonException {
        enter(depth);
        Map<String, Json> members = new LinkedHashMap<>();
        if (peek() == '}') {
            at++;
            return new Json.Obj(members);
        }
        while (true) {
            String name = string();
            space();
            want(':');
            space();
            if (members.put(name, value(depth)) != null) {
                throw fail("a name twice");
            }
            space();
            if (peek() == '}') {
                at++;
                return new Json.Obj(members);
            }
            want(',');
            space();
        }
    }

    private Json array(int depth) throws JsonException {
        enter(depth);
        List<Json> items = new ArrayList<>();
        if (peek() == ']') {
            at++;
            return new Json.Arr(items);
        }
        while (true) {
            items.add(value(depth));
            space();
            if (peek() == ']') {
                at++;
                return new Json.Arr(items);
            }
            want(',');
            space();
        }
    }

    private String string() throws JsonException {
        want('"');
        int from = at;
        while (at < text.length() && isPlain(text.charAt(at))) {
            at++;
        }
        if (peek() == '"') {
            return text.substring(from, at++);
        }
        at = from;
        StringBuilder out = new StringBuilder();
        while (true) {
            int c = peek();
            if (c < 0x20) {
                throw fail("a string without an end, or a control character in one");
            }
            at++;
            if (c == '"') {
                break;
            }
            out.append(c == '\\' ? escape() : (char) c);
        }
        for (int i = 0; i < out.length(); i++) {
            char c = out.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < out.length() && Character.isLowSurrogate(out.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                throw fail("a lone surrogate");
            }
        }
        return out.toString();
    }

    /** Whether a character stands for itself in a string, whatever is beside it. */
    private static boolean isPlain(char c) {
        return c >= 0x20 && c != '"' && c != '\\' && !Character.isSurrogate(c);
    }

    private char escape() throws JsonException {
        int c = peek();
        at++;
        switch (c) {
            case '"', '\\', '/':
                return (char) c;
            case 'b':
                return '\b';
            case 'f':
                return '\f';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'u':
                int unit = 0;
                for (int i = 0; i < 4; i++) {
                    int digit = hex(peek());
                    if (digit < 0) {
                        throw fail("a bad escape");
                    }
                    unit = unit << 4 | digit;
                    at++;
                }
                return (char) unit;
            default:
                throw fail("a bad escape");
        }
    }

    /** ASCII only: Character.digit takes digits of every script. */
    private static int hex(int c) {
        return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
    }

    /** The end of the number that begins at the offset, or -1 where none does. */
    static int numberEnd(String text, int from) {
        int i = from;
        if (i < text.length() && text.charAt(i) == '-') {
            i++;
        }
        int digits = digits(text, i);
        if (digits == i || text.charAt(i) == '0' && digits > i + 1) {
            return -1;
        }
        i = digits;
        if (i < text.length() && text.charAt(i) == '.') {
            digits = digits(text, i + 1);
            if (digits == i + 1) {
                return -1;
            }
            i = digits;
        }
        if (i < text.length() && (text.charAt(i) == 'e' || text.charAt(i) == 'E')) {
            i++;
            if (i < text.length() && (text.charAt(i) == '+' || text.charAt(i) == '-')) {
                i++;
            }
            digits = digits(text, i);
            if (digits == i) {
                return -1;
            }
            i = digits;
        }
        return i;
    }

    private static int digits(String text, int i) {
        while (i < text.length() && text.charAt(i) >= '0' && text.charAt(i) <= '9') {
            i++;
        }
        return i;
    }
}
