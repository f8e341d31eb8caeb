package dev.cretula;

import java.util.ArrayList;
import java.util.List;
import java.util.HashSet;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;

/** The master keys of a server, with the times at which each seals and is accepted (§11). Immutable. */
public final class Keyring implements KeyringSource {
    /** "No end". */
    private static final long NEVER = Long.MAX_VALUE;

    private final List<Entry> entries;

    private Keyring(List<Entry> entries) {
        this.entries = entries;
    }

    /**
     * An entry of a ring (§11.1).
     *
     * @param key         the master key
     * @param sealFrom    from when it may seal; seconds since the epoch, 0 where absent
     * @param acceptUntil the first second at which it is not accepted any more; empty: no end
     */
    public record Entry(Key key, long sealFrom, OptionalLong acceptUntil) {
        /** Nothing is null; the times are checked when the ring is made, which knows the position. */
        public Entry {
            Objects.requireNonNull(key);
            Objects.requireNonNull(acceptUntil);
        }

        /**
         * An entry without times.
         *
         * @param key the master key
         */
        public Entry(Key key) {
            this(key, 0, OptionalLong.empty());
        }

        /**
         * Whether tokens of this key are opened (§11.2).
         *
         * @param now seconds since the epoch
         * @return {@code now < acceptUntil}
         * @throws CretulaException {@code CLOCK_RANGE} for a time out of range (§8)
         */
        public boolean accepted(long now) {
            return Limits.now(now) < end();
        }

        long end() {
            return acceptUntil.orElse(NEVER);
        }
    }

    /**
     * Makes a ring of entries.
     *
     * @param entries the entries, in order
     * @return the ring
     * @throws CretulaException {@code keyring_empty}, or with the position of the first offending entry
     *                          {@code keyring_time}, {@code keyring_window} or {@code key_duplicate}
     */
    public static Keyring of(List<Entry> entries) {
        RingBuilder ring = new RingBuilder();
        entries.forEach(ring::add);
        return ring.build();
    }

    /**
     * Reads a ring in either form, told apart by the first octet that is not ASCII white space (RING-15).
     *
     * @param octets the list of key texts, or the document in UTF-8
     * @return the ring
     * @throws CretulaException with a code of a key or of a ring
     */
    public static Keyring parse(byte[] octets) {
        return RingText.parse(octets, false);
    }

    /**
     * Reads a ring in either form, such as the value of an environment variable.
     *
     * @param text the list of key texts, or the document
     * @return the ring
     * @throws CretulaException with a code of a key or of a ring
     */
    public static Keyring parse(String text) {
        return RingText.parse(text, false);
    }

    /**
     * Reads a ring, in either form, from an environment variable.
     *
     * @param variable its name, such as {@code CRETULA_KEYS}
     * @return the ring
     * @throws CretulaException with a code of a key or of a ring, {@code keyring_empty} without the variable; its text
     *                          names the variable, and nothing of what it holds
     */
    public static Keyring fromEnv(String variable) {
        return fromEnv(variable, System.getenv(variable));
    }

    static Keyring fromEnv(String variable, String value) {
        if (value == null) {
            throw new CretulaException(Code.KEYRING_EMPTY, "the environment variable " + variable + " is not set");
        }
        return named("the environment variable " + variable, () -> parse(value));
    }

    /** Names where a ring that is refused came from. */
    static Keyring named(String where, Supplier<Keyring> parsing) {
        try {
            return parsing.get();
        } catch (CretulaException e) {
            String what = e.getMessage().substring(e.code().text().length() + 2);
            int entry = e.entry().orElse(-1);
            String bare = entry < 0 ? what : what.substring(0, what.lastIndexOf(" (entry "));
            throw new CretulaException(e.code(), "in " + where + ": " + bare, entry);
        }
    }

    /** Checks entries one after the other, in the order of RING-06. */
    static final class RingBuilder {
        private final List<Entry> entries = new ArrayList<>();
        private final Set<Key> keys = new HashSet<>();

        int position() {
            return entries.size();
        }

        CretulaException fault(Code code, String what) {
            return new CretulaException(code, what, position());
        }

        void add(Entry entry) {
            if (entry.sealFrom < 0 || entry.sealFrom >= Limits.TIME_END) {
                throw fault(Code.KEYRING_TIME, "seal_from is out of range");
            }
            long end = entry.end();
            if (entry.acceptUntil.isPresent() && (end < 0 || end >= Limits.TIME_END)) {
                throw fault(Code.KEYRING_TIME, "accept_until is out of range");
            }
            if (entry.sealFrom >= end) {
                throw fault(Code.KEYRING_WINDOW, "ends before it begins");
            }
            if (!keys.add(entry.key)) {
                throw fault(Code.KEY_DUPLICATE, "the same key twice");
            }
            entries.add(entry);
        }

        Keyring build() {
            if (entries.isEmpty()) {
                throw new CretulaException(Code.KEYRING_EMPTY, "a ring without a key");
            }
            return new Keyring(List.copyOf(entries));
        }
    }

    /** This ring, always. */
    @Override
    public Keyring ring() {
        return this;
    }

    /**
     * The entries.
     *
     * @return an immutable list, in ring order
     */
    public List<Entry> entries() {
        return entries;
    }

    /**
     * Which entry seals (§11.2): that of the greatest {@code seal_from} that has come, the first of equals; no
     * fall-back when it has ended.
     *
     * @param now seconds since the epoch
     * @return its position; empty where none may seal
     * @throws CretulaException {@code clock_range}
     */
    public OptionalInt sealing(long now) {
        Limits.now(now);
        int best = -1;
        for (int i = 0; i < entries.size(); i++) {
            long from = entries.get(i).sealFrom;
            if (from <= now && (best < 0 || from > entries.get(best).sealFrom)) {
                best = i;
            }
        }
        return best < 0 || !entries.get(best).accepted(now) ? OptionalInt.empty() : OptionalInt.of(best);
    }

    Entry sealingEntry(long now) {
        OptionalInt index = sealing(now);
        if (index.isEmpty()) {
            throw new CretulaException(Code.NO_SEALING_KEY, "no key of the ring may seal now");
        }
        return entries.get(index.getAsInt());
    }

    /** What {@link #warnings} finds (RING-18). */
    public enum Warning {
        /** The entry ends before the tokens that were sealed with it. */
        ENDS_BEFORE_ITS_TOKENS,
        /** The entry takes over before every server has read it. */
        TAKES_OVER_TOO_SOON,
        /** A time of the entry is more than 100 years ahead: probably milliseconds. */
        FAR_IN_FUTURE;

        @Override
        public String toString() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /**
     * A warning of an entry.
     *
     * @param entry its position, from 0
     * @param code  what is wrong
     */
    public record Finding(int entry, Warning code) {
    }

    /**
     * What to warn of before a ring is published (RING-18).
     *
     * @param now         seconds since the epoch
     * @param longestTtl  the longest ttl of any token under the ring, in seconds; 1 to 34 560 000
     * @param reloadGrace the longest time until a server has read a new ring, and what its clock may be slow, in
     *                    seconds; 0 to 34 560 000
     * @param leeway      the leeway in use, in seconds; 0 to 300
     * @return the warnings, by entry; those of one entry in the order of {@link Warning}
     * @throws CretulaException {@code leeway_range}, {@code clock_range}, {@code ttl_range} or {@code grace_range}, the
     *                          first of this order
     */
    public List<Finding> warnings(long now, long longestTtl, long reloadGrace, long leeway) {
        Limits.leeway(leeway);
        Limits.now(now);
        Limits.ttl(longestTtl);
        Limits.grace(reloadGrace);
        long far = now + Limits.FAR_FUTURE;
        boolean seals = sealing(now).isPresent();
        List<Finding> found = new ArrayList<>();
        for (int i = 0; i < entries.size(); i++) {
            Entry e = entries.get(i);
            OptionalLong successor = entries.stream().mapToLong(Entry::sealFrom).filter(t -> t > e.sealFrom).min();
            if (e.accepted(now) && successor.isPresent() && e.end() < successor.getAsLong() + longestTtl + reloadGrace) {
                found.add(new Finding(i, Warning.ENDS_BEFORE_ITS_TOKENS));
            }
            if (seals && now < e.sealFrom && e.sealFrom < now + reloadGrace + leeway) {
                found.add(new Finding(i, Warning.TAKES_OVER_TOO_SOON));
            }
            if (e.sealFrom > far || e.acceptUntil.orElse(0) > far) {
                found.add(new Finding(i, Warning.FAR_IN_FUTURE));
            }
        }
        return List.copyOf(found);
    }

    @Override
    public String toString() {
        return "Keyring[" + entries.size() + " keys]";
    }
}
