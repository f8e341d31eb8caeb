package dev.cretula;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** A ring's working keys and key ids for one kind and context, derived once (§6). */
final class DerivedRing {
    /** What was derived of one entry. */
    record Derived(Keyring.Entry entry, byte[] workingKey, byte[] keyId) {
        @Override
        public String toString() {
            return "Derived[secret]";
        }
    }

    final Keyring ring;
    private final Map<Keyring.Entry, Derived> byEntry = new HashMap<>();
    private final Map<ByteBuffer, Derived> byKeyId = new HashMap<>();

    private DerivedRing(Keyring ring, Kind kind, Context context) {
        this.ring = ring;
        byte[] info = context.info(kind);
        for (Keyring.Entry entry : ring.entries()) {
            byte[] okm = Crypto.okm(entry.key().bytes(), info);
            Derived d = new Derived(entry, Arrays.copyOf(okm, 32), Arrays.copyOfRange(okm, 32, 64));
            Arrays.fill(okm, (byte) 0);
            byEntry.put(entry, d);
            byKeyId.put(ByteBuffer.wrap(d.keyId), d);
        }
    }

    Derived of(Keyring.Entry entry) {
        return byEntry.get(entry);
    }

    /** The entry whose key id equals the 32 bytes at the offset, all of them (OPEN-06), or null. */
    Derived find(byte[] bytes, int at) {
        return byKeyId.get(ByteBuffer.wrap(bytes, at, 32));
    }

    /** Keeps the derived ring until the source has another one. */
    static final class Cache {
        private final KeyringSource source;
        private final Kind kind;
        private final Context context;
        private volatile DerivedRing derived;

        Cache(KeyringSource source, Kind kind, Context context) {
            this.source = source;
            this.kind = kind;
            this.context = context;
            get();
        }

        DerivedRing get() {
            return get(ring());
        }

        /** The ring now in force. */
        Keyring ring() {
            return source.ring();
        }

        /** Of a ring that a call uses throughout (RING-17). */
        DerivedRing get(Keyring ring) {
            DerivedRing d = derived;
            if (d == null || d.ring != ring) {
                d = new DerivedRing(ring, kind, context);
                derived = d;
            }
            return d;
        }
    }
}
