package dev.cretula;

/** What is drawn at random. Another than the system's is reachable only through dev.cretula.hazmat (SEAL-06). */
interface Randomness {
    Randomness SYSTEM = new Randomness() {
    };

    /** What another token of the same response draws: the challenge, device or proof of §21.2. */
    default Randomness of(String token) {
        return this;
    }

    default byte[] salt() {
        return SystemRandom.bytes(12);
    }

    default byte[] iv() {
        return SystemRandom.bytes(12);
    }

    /** 22 characters (SESS-04). */
    default String sid() {
        return Base64Url.encode(SystemRandom.bytes(16));
    }

    /** The id of two cookies, 8 characters (§20.5). */
    default String id() {
        return Base64Url.encode(SystemRandom.bytes(6));
    }
}
