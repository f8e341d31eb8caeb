package dev.cretula;

import java.util.Objects;
import java.util.OptionalLong;

/** Settings of device binding (§21.1): browsers that can do it prove every few minutes that they hold a key. Immutable. */
public final class DeviceBinding {
    /** The endpoints under {@code /device-binding}, proofs of 10 minutes, and binding left to the browser. */
    public static final DeviceBinding DEFAULT = builder().build();

    private final String path;
    private final long proof;
    private final OptionalLong requireAfter;

    private DeviceBinding(Builder b) {
        path = b.path;
        proof = Limits.in(b.proof, 1, Limits.PROOF_MAX, Code.DEVICE_SETTINGS, "proof");
        requireAfter = b.requireAfter;
        requireAfter.ifPresent(n -> Limits.in(n, 0, Limits.LIFE_MAX, Code.DEVICE_SETTINGS, "require_after"));
        if (!path(path)) {
            throw new CretulaException(Code.DEVICE_SETTINGS, "path is not / and 1 to 100 characters of a path, the last not /");
        }
    }

    private static boolean path(String path) {
        boolean good = path.startsWith("/") && path.length() >= 2 && path.length() <= 101 && !path.endsWith("/");
        for (int i = 0; good && i < path.length(); i++) {
            char c = path.charAt(i);
            good = Base64Url.is(c) || c == '/' || c == '.' || c == '~';
        }
        return good;
    }

    /**
     * Sets device binding up.
     *
     * @return a builder of the defaults
     */
    public static Builder builder() {
        return new Builder();
    }

    /** Settings of device binding. */
    public static final class Builder {
        private String path = "/device-binding";
        private long proof = Limits.PROOF_DEFAULT;
        private OptionalLong requireAfter = OptionalLong.empty();

        private Builder() {
        }

        /**
         * Where the two endpoints are: at this path, followed by {@code /start} and {@code /refresh}.
         *
         * @param path from the root of the host, {@code /} and 1 to 100 ASCII letters, digits, {@code / - . _ ~}, the last
         *             not {@code /}; {@code /device-binding} where not set
         * @return this
         */
        public Builder path(String path) {
            this.path = Objects.requireNonNull(path);
            return this;
        }

        /**
         * How long a proof lives, and a copy of all cookies with it. With 120 seconds or less a browser refreshes it at
         * every request.
         *
         * @param seconds 1 to 3 600; 600 where not set
         * @return this
         */
        public Builder proof(long seconds) {
            proof = seconds;
            return this;
        }

        /**
         * From when a user's session must be bound. This shuts out browsers without device binding.
         *
         * @param seconds after the start of the session, 0 to 34 560 000; sessions need not be bound where not set
         * @return this
         */
        public Builder requireAfter(long seconds) {
            requireAfter = OptionalLong.of(seconds);
            return this;
        }

        /**
         * Checks and makes it.
         *
         * @return the settings
         * @throws CretulaException {@code device_settings} (DEV-01)
         */
        public DeviceBinding build() {
            return new DeviceBinding(this);
        }
    }

    /** What device binding asks of the session's cookie and purpose, after the settings themselves (DEV-01). */
    static void check(CookieSettings cookie, String purpose) {
        if (!cookie.isHost() || cookie.place().partitioned()) {
            throw new CretulaException(Code.COOKIE_ATTRIBUTES, "device binding needs a __Host- cookie without Partitioned");
        }
        if (purpose.length() > 245) {
            throw new CretulaException(Code.CONTEXT_INVALID, "with device binding a purpose has at most 245 characters");
        }
    }

    /**
     * Where the two endpoints are.
     *
     * @return the path before {@code /start} and {@code /refresh}
     */
    public String path() {
        return path;
    }

    /**
     * How long a proof lives.
     *
     * @return seconds
     */
    public long proof() {
        return proof;
    }

    /**
     * From when a user's session must be bound.
     *
     * @return seconds after its start; empty where it need not be
     */
    public OptionalLong requireAfter() {
        return requireAfter;
    }

    @Override
    public String toString() {
        return "DeviceBinding[" + path + "]";
    }
}
