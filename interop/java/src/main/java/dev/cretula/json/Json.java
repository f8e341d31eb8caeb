package dev.cretula.json;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A JSON value (RFC 8259), immutable. Objects keep the order of their names and have each once; numbers keep their
 * spelling, so that nothing is lost in a {@code double}.
 */
public sealed interface Json {
    /** The object without members. */
    Obj EMPTY = new Obj(Map.of());

    /**
     * An object.
     *
     * @param members names and values, in the order of writing
     */
    record Obj(Map<String, Json> members) implements Json {
        /**
         * Copies the members; no name and no value may be null.
         *
         * @throws IllegalArgumentException where the map has a name twice, as an IdentityHashMap can
         */
        public Obj {
            Map<String, Json> copy = new LinkedHashMap<>(members);
            if (copy.size() != members.size()) {
                throw new IllegalArgumentException("a name twice");
            }
            copy.forEach((name, value) -> {
                Objects.requireNonNull(name);
                Objects.requireNonNull(value);
            });
            members = Collections.unmodifiableMap(copy);
        }

        /**
         * The value of a member.
         *
         * @param name the member's name
         * @return its value, or null where there is no such member
         */
        public Json get(String name) {
            return members.get(name);
        }

        /**
         * This object with one member more, or another value of it.
         *
         * @param name  the member's name
         * @param value its value
         * @return a new object
         */
        public Obj with(String name, Json value) {
            Map<String, Json> copy = new LinkedHashMap<>(members);
            copy.put(name, value);
            return new Obj(copy);
        }

        /**
         * This object without a member.
         *
         * @param name the member's name
         * @return a new object, or this one
         */
        public Obj without(String name) {
            if (!members.containsKey(name)) {
                return this;
            }
            Map<String, Json> copy = new LinkedHashMap<>(members);
            copy.remove(name);
            return new Obj(copy);
        }

        /** Says how many members there are: names may be a user's own words, too. */
        @Override
        public String toString() {
            return "Obj[" + members.size() + "]";
        }
    }

    /**
     * An array.
     *
     * @param items its values, in order
     */
    record Arr(List<Json> items) implements Json {
        /** Copies the items; none may be null. */
        public Arr {
            items = List.copyOf(items);
        }

        /**
         * This array with one item more, at its end.
         *
         * @param item the item
         * @return a new array
         */
        public Arr with(Json item) {
            List<Json> copy = new ArrayList<>(items);
            copy.add(item);
            return new Arr(copy);
        }

        @Override
        public String toString() {
            return "Arr[" + items.size() + "]";
        }
    }

    /**
     * A string.
     *
     * @param value its characters, unescaped
     */
    record Str(String value) implements Json {
        /** A string is not null. */
        public Str {
            Objects.requireNonNull(value);
        }

        @Override
        public String toString() {
            return "Str";
        }
    }

    /**
     * A number, as it stands in the text.
     *
     * @param text its spelling
     */
    record Num(String text) implements Json {
        /**
         * Checks the spelling.
         *
         * @throws IllegalArgumentException where RFC 8259 allows no such number
         */
        public Num {
            if (JsonReader.numberEnd(text, 0) != text.length()) {
                throw new IllegalArgumentException("not a JSON number");
            }
        }

        /**
         * The value as a binary64 number, rounded to nearest; infinite beyond its range.
         *
         * @return the value
         */
        public double value() {
            return Double.parseDouble(text);
        }

        /**
         * The value as an integer, judged by {@link #value()}: {@code 1.0} is 1, {@code -0} is 0.
         *
         * @param least the least value allowed; at least -(2^53 - 1)
         * @param most  the greatest value allowed; at most 2^53 - 1
         * @return the integer, or null where the value is none, or out of range
         */
        public Long integer(long least, long most) {
            double d = value();
            return d == Math.rint(d) && d >= least && d <= most ? Long.valueOf((long) d) : null;
        }

        @Override
        public String toString() {
            return "Num";
        }
    }

    /**
     * {@code true} or {@code false}.
     *
     * @param value which of them
     */
    record Bool(boolean value) implements Json {
        @Override
        public String toString() {
            return "Bool";
        }
    }

    /** {@code null}. */
    record Null() implements Json {
    }

    /**
     * A string value.
     *
     * @param value its characters
     * @return the value
     */
    static Str of(String value) {
        return new Str(value);
    }

    /**
     * A string value of one character, which Java would else take for a number.
     *
     * @param value the character
     * @return the value
     */
    static Str of(char value) {
        return new Str(String.valueOf(value));
    }

    /**
     * A number value. A session carries only integers of up to 53 bits (SESS-06).
     *
     * @param value the integer
     * @return the value
     */
    static Num of(long value) {
        return new Num(Long.toString(value));
    }

    /**
     * A boolean value.
     *
     * @param value true or false
     * @return the value
     */
    static Bool of(boolean value) {
        return new Bool(value);
    }

    /**
     * Reads a JSON text, strictly: RFC 8259 and nothing more, no name twice in an object, no lone surrogate.
     *
     * @param text the text
     * @return its value
     * @throws JsonException where it is none, or nests deeper than {@value JsonReader#DEPTH}
     */
    static Json parse(String text) throws JsonException {
        return new JsonReader(text, JsonReader.DEPTH).read();
    }

    /**
     * Writes a value without white space, escaping only what must be: {@code "}, {@code \}, U+0000 to U+001F.
     *
     * @param value the value
     * @return its JSON text
     * @throws IllegalArgumentException where it nests deeper than {@value JsonReader#DEPTH}
     */
    static String write(Json value) {
        StringBuilder out = new StringBuilder();
        JsonWriter.write(value, out, JsonReader.DEPTH);
        return out.toString();
    }
}
