package dev.cretula;

import java.util.ArrayList;
import java.util.List;

/**
 * Finds the values of a name in the Cookie fields of a request (§20.2), and the session among them (§20.3). Each
 * character of a field stands for an octet. Keeps the fields and at most a few values of 5 980 octets (COOK-05).
 */
final class CookieRequest {
    final List<String> fields;

    CookieRequest(List<String> fields) {
        this.fields = List.copyOf(fields);
    }

    /** Looks at the value in field[from..to]; false ends the search. */
    @FunctionalInterface
    interface Visitor {
        boolean visit(String field, int from, int to);
    }

    /** The values of a name, in order. Only SP and HTAB are trimmed: String.trim would take every control character. */
    void values(String name, Visitor visitor) {
        for (String field : fields) {
            int from = 0;
            while (from <= field.length()) {
                int end = field.indexOf(';', from);
                end = end < 0 ? field.length() : end;
                int nameFrom = skip(field, from, end);
                // Compared where it must stand; the "=" is looked for behind it only, so the search is linear.
                if (nameFrom + name.length() < end && field.startsWith(name, nameFrom)) {
                    int equals = skip(field, nameFrom + name.length(), end);
                    if (equals < end && field.charAt(equals) == '=') {
                        int valueFrom = skip(field, equals + 1, end);
                        int valueTo = end;
                        while (valueTo > valueFrom && isBlank(field.charAt(valueTo - 1))) {
                            valueTo--;
                        }
                        if (!visitor.visit(field, valueFrom, valueTo)) {
                            return;
                        }
                    }
                }
                from = end + 1;
            }
        }
    }

    static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }

    private static int skip(String field, int from, int end) {
        while (from < end && isBlank(field.charAt(from))) {
            from++;
        }
        return from;
    }

    boolean holds(String name) {
        boolean[] any = new boolean[1];
        values(name, (field, from, to) -> {
            any[0] = true;
            return false;
        });
        return any[0];
    }

    /** The ended mark of a session (COOK-07). */
    static String mark(String sid) {
        return Base64Url.encode(Crypto.sha256(sid.getBytes(java.nio.charset.StandardCharsets.US_ASCII))).substring(0, 22);
    }

    /** Whether an ended mark of the request is that of the session; a value holds marks between dots (COOK-07). */
    boolean ended(String name, String sid) {
        if (!holds(name + ".end")) {
            return false;
        }
        String mark = mark(sid);
        boolean[] found = new boolean[1];
        values(name + ".end", (field, from, to) -> {
            int start = from;
            while (!found[0] && start <= to) {
                int end = start;
                while (end < to && field.charAt(end) != '.') {
                    end++;
                }
                found[0] = end - start == mark.length() && field.startsWith(mark, start);
                start = end + 1;
            }
            return !found[0];
        });
        return found[0];
    }

    /** Whether the value has the shape of a token of the ring. */
    private static boolean hasShape(DerivedRing ring, String field, int from, int to, boolean parts) {
        int length = to - from;
        int start = from;
        if (parts && field.startsWith("2.", from)) {
            start = from + 11;
            if (length < 11 + 48 || length > Limits.COOKIE_PART_MAX || field.charAt(from + 10) != '.'
                    || !Base64Url.isAll(field, from + 2, from + 10)) {
                return false;
            }
        } else if (length < 114 || length > Limits.COOKIE_TOKEN_MAX) {
            return false;
        }
        if (!field.startsWith(Kind.SEALED.magicText, start)) {
            return false;
        }
        byte[] head = Base64Url.decode(field, start, start + 48);
        return head != null && ring.find(head, 3) != null;
    }

    /** What {@link #candidates} found: the first 4 candidates, the beginning of the first value, whether there are more. */
    record Found(List<String> candidates, String first, boolean tooMany) {
        @Override
        public String toString() {
            return "Found[" + candidates.size() + "]";
        }
    }

    /** With parts: a first part of a token in two cookies is one, too. */
    Found candidates(String name, DerivedRing ring, boolean parts) {
        List<String> candidates = new ArrayList<>();
        String[] first = new String[1];
        boolean[] tooMany = new boolean[1];
        values(name, (field, from, to) -> {
            if (first[0] == null) {
                // One octet over the limit is enough to tell too_long.
                first[0] = field.substring(from, Math.min(to, from + Limits.COOKIE_TOKEN_MAX + 1));
            }
            if (hasShape(ring, field, from, to, parts)
                    && candidates.stream().noneMatch(c -> c.length() == to - from && field.startsWith(c, from))) {
                tooMany[0] = candidates.size() == Limits.COOKIE_CANDIDATES_MAX;
                if (!tooMany[0]) {
                    candidates.add(field.substring(from, to));
                }
            }
            return !tooMany[0];
        });
        return new Found(candidates, first[0], tooMany[0]);
    }

    /** The candidate's token; joined, if it is a first part (COOK-14). */
    String whole(String name, String candidate) throws TokenException {
        if (!candidate.startsWith("2.")) {
            return candidate;
        }
        String start = candidate.substring(2, 11);
        String[] second = new String[1];
        boolean[] several = new boolean[1];
        values(name + ".1", (field, from, to) -> {
            int length = to - from;
            if (length > start.length() && length <= Limits.COOKIE_PART_MAX && field.startsWith(start, from)) {
                if (second[0] == null) {
                    second[0] = field.substring(from, to);
                } else {
                    several[0] = !(second[0].length() == length && field.startsWith(second[0], from));
                }
            }
            return !several[0];
        });
        if (second[0] == null || several[0]) {
            throw new TokenException(Code.CHUNKS);
        }
        return candidate.substring(11) + second[0].substring(start.length());
    }

    /** A candidate that opened, with what the caller reads in it. */
    record Chosen<T>(Opened opened, T value) {
    }

    /** Step 9 of a candidate that opened, or none. */
    @FunctionalInterface
    interface Step9<T> {
        T take(Opened opened) throws TokenException;
    }

    /** A character of a field is an octet, so the length is that of the string. */
    static Opened openValue(Opener opener, DerivedRing ring, String value, long now) throws TokenException {
        return opener.open(ring, value.length() > Limits.COOKIE_TOKEN_MAX, value, now);
    }

    /**
     * The candidates that open (§20.3), in the order received.
     *
     * @param good    of more than 4 candidates those of the first 4
     * @param refused why none is chosen, whichever opened; null where one may be
     */
    record Opening<T>(List<Chosen<T>> good, Code refused) {
    }

    <T> Opening<T> open(String name, Opener opener, Keyring used, long now, Step9<T> step9) {
        Limits.now(now);
        DerivedRing ring = opener.cache.get(used);
        Found found = candidates(name, ring, true);
        if (found.candidates.isEmpty()) {
            return new Opening<>(List.of(), codeOf(opener, ring, found.first, now));
        }
        List<Chosen<T>> good = new ArrayList<>();
        Code first = null;
        for (String candidate : found.candidates) {
            try {
                Opened opened = openValue(opener, ring, whole(name, candidate), now);
                good.add(new Chosen<>(opened, step9.take(opened)));
            } catch (TokenException e) {
                first = first == null ? e.code() : first;
            }
        }
        return new Opening<>(good, found.tooMany ? Code.AMBIGUOUS : good.isEmpty() ? first : null);
    }

    /** Why the first value, which is not of the shape, does not open. */
    private static Code codeOf(Opener opener, DerivedRing ring, String first, long now) {
        if (first == null) {
            return Code.ABSENT;
        }
        if (first.startsWith("2.")) {
            return Code.CHUNKS;
        }
        try {
            throw new IllegalStateException("a value without the shape opened: " + openValue(opener, ring, first, now));
        } catch (TokenException e) {
            return e.code();
        }
    }
}
