package dev.cretula.json;

import java.util.Map;

/** Writes JSON values without white space, escaping only what must be (SESS-05). */
public final class JsonWriter {
    private JsonWriter() {
    }

    /**
     * Writes a value, its numbers as they are spelt.
     *
     * @param value the value
     * @param out   where to
     * @param depth how many levels of arrays and objects are allowed
     * @throws IllegalArgumentException where there are more
     */
    public static void write(Json value, StringBuilder out, int depth) {
        write(value, out, depth, false);
    }

    /**
     * Writes a value, each number by its value, in the one spelling of SESS-05. A number beyond 2^53 - 1, which no
     * session carries, keeps its own.
     *
     * @param value the value
     * @param out   where to
     * @param depth how many levels of arrays and objects are allowed
     * @throws IllegalArgumentException where there are more
     */
    public static void writeOneSpelling(Json value, StringBuilder out, int depth) {
        write(value, out, depth, true);
    }

    private static void write(Json value, StringBuilder out, int depth, boolean oneSpelling) {
        if (value instanceof Json.Str string) {
            string(string.value(), out);
        } else if (value instanceof Json.Num number) {
            out.append(oneSpelling ? Numbers.spell(number) : number.text());
        } else if (value instanceof Json.Bool bool) {
            out.append(bool.value());
        } else if (value instanceof Json.Null) {
            out.append("null");
        } else if (depth <= 0) {
            throw new IllegalArgumentException("too deep");
        } else if (value instanceof Json.Arr array) {
            out.append('[');
            String between = "";
            for (Json item : array.items()) {
                out.append(between);
                write(item, out, depth - 1, oneSpelling);
                between = ",";
            }
            out.append(']');
        } else {
            out.append('{');
            String between = "";
            for (Map.Entry<String, Json> member : ((Json.Obj) value).members().entrySet()) {
                out.append(between);
                string(member.getKey(), out);
                out.append(':');
                write(member.getValue(), out, depth - 1, oneSpelling);
                between = ",";
            }
            out.append('}');
        }
    }

    private static void string(String text, StringBuilder out) {
        out.append('"');
        int plain = 0;
        while (plain < text.length() && isPlain(text.charAt(plain))) {
            plain++;
        }
        if (plain == text.length()) {
            out.append(text).append('"');
            return;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\b' -> out.append("\\b");
                case '\t' -> out.append("\\t");
                case '\n' -> out.append("\\n");
                case '\f' -> out.append("\\f");
                case '\r' -> out.append("\\r");
                default -> {
                    if (c < 0x20) {
                        out.append("\\u00").append(c < 0x10 ? '0' : '1').append(Character.forDigit(c & 15, 16));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }

    private static boolean isPlain(char c) {
        return c >= 0x20 && c != '"' && c != '\\';
    }
}
