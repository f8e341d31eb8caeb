package dev.cretula;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** A cookie's name and attributes (§20.1). Immutable. {@code HttpOnly} is always there. */
public final class CookieSettings {
    private static final String HOST = "__Host-";
    private static final String HTTP = "__Http-";
    private static final String SECURE = "__Secure-";
    private static final List<String> PREFIXES = List.of("__Host-Http-", HOST, HTTP, SECURE);

    /** {@code __Host-Http-session}, and every other default. */
    public static final CookieSettings DEFAULT = builder().build();

    private final String name;
    private final boolean secure;
    private final Place place;
    private final String sameSite;
    private final boolean browserSession;
    private final boolean large;
    private final List<Place> previous;

    /**
     * What with the name tells one cookie from another in the browser.
     *
     * @param path        {@code /} and then visible ASCII without {@code ;}, up to 1 024 characters
     * @param domain      labels of letters, digits and {@code -}, joined by {@code .}, up to 253 characters; null: none
     * @param partitioned whether it has {@code Partitioned}
     */
    public record Place(String path, String domain, boolean partitioned) {
        /** {@code Path=/}, no domain, not partitioned. */
        public static final Place DEFAULT = new Place("/", null, false);

        private Place folded() {
            return domain == null ? this : new Place(path, domain.toLowerCase(Locale.ROOT), partitioned);
        }
    }

    private CookieSettings(Builder b) {
        name = b.name;
        secure = b.secure;
        place = new Place(b.path, b.domain, b.partitioned);
        sameSite = b.sameSite;
        browserSession = b.browserSession;
        large = b.large;
        previous = List.copyOf(b.previous);
        checkName();
        check(place);
        if (!Set.of("Strict", "Lax", "None").contains(sameSite) || sameSite.equals("None") && !secure
                || large && !name.startsWith(HOST)) {
            throw attributes("SameSite or large");
        }
        Set<Place> seen = new HashSet<>();
        seen.add(place.folded());
        for (Place p : previous) {
            check(p);
            if (!seen.add(p.folded())) {
                throw attributes("a previous combination stands twice, or is the present one");
            }
        }
    }

    /**
     * Sets a cookie up.
     *
     * @return a builder of the defaults
     */
    public static Builder builder() {
        return new Builder();
    }

    /** Settings of a cookie. */
    public static final class Builder {
        private String name = "__Host-Http-session";
        private boolean secure = true;
        private String path = "/";
        private String domain;
        private boolean partitioned;
        private String sameSite = "Lax";
        private boolean browserSession;
        private boolean large;
        private final List<Place> previous = new ArrayList<>();

        private Builder() {
        }

        /**
         * The cookie's name.
         *
         * @param name 1 to 64 token characters of RFC 9110; {@code __Host-Http-session} where not set
         * @return this
         */
        public Builder name(String name) {
            this.name = Objects.requireNonNull(name);
            return this;
        }

        /**
         * Leaves {@code Secure} out; then the name has no prefix. For development only.
         *
         * @return this
         */
        public Builder notSecure() {
            secure = false;
            return this;
        }

        /**
         * The {@code Path}.
         *
         * @param path as {@link Place#path}
         * @return this
         */
        public Builder path(String path) {
            this.path = Objects.requireNonNull(path);
            return this;
        }

        /**
         * The {@code Domain}; the name then begins with {@code __Secure-} or {@code __Http-}.
         *
         * @param domain as {@link Place#domain}
         * @return this
         */
        public Builder domain(String domain) {
            this.domain = domain;
            return this;
        }

        /**
         * The {@code SameSite}.
         *
         * @param sameSite {@code Strict}, {@code Lax} or {@code None}
         * @return this
         */
        public Builder sameSite(String sameSite) {
            this.sameSite = Objects.requireNonNull(sameSite);
            return this;
        }

        /**
         * Sets {@code Partitioned}.
         *
         * @return this
         */
        public Builder partitioned() {
            partitioned = true;
            return this;
        }

        /**
         * No {@code Max-Age}: the browser forgets the cookie when it closes.
         *
         * @return this
         */
        public Builder browserSession() {
            browserSession = true;
            return this;
        }

        /**
         * Writes two cookies where one does not hold the token (§20.5).
         *
         * @return this
         */
        public Builder large() {
            large = true;
            return this;
        }

        /**
         * A combination that the name had before; it is taken away when the cookie is written.
         *
         * @param place the combination
         * @return this
         */
        public Builder previous(Place place) {
            previous.add(Objects.requireNonNull(place));
            return this;
        }

        /**
         * Checks and makes it.
         *
         * @return the settings
         * @throws CretulaException {@code cookie_name}, then {@code cookie_attributes} (COOK-01, COOK-02)
         */
        public CookieSettings build() {
            return new CookieSettings(this);
        }
    }

    private void checkName() {
        boolean good = !name.isEmpty() && name.length() <= 64;
        for (int i = 0; good && i < name.length(); i++) {
            char c = name.charAt(i);
            good = c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
        }
        if (!good || PREFIXES.stream().anyMatch(this::variant)) {
            throw new CretulaException(Code.COOKIE_NAME, "not a cookie name");
        }
    }

    /** A case variant of the prefix, other than itself; the name is ASCII by now. */
    private boolean variant(String prefix) {
        return !name.startsWith(prefix) && name.toLowerCase(Locale.ROOT).startsWith(prefix.toLowerCase(Locale.ROOT));
    }

    private void check(Place p) {
        boolean host = name.startsWith(HOST);
        boolean good = path(p.path) && (p.domain == null || domain(p.domain))
                && (!host || secure && p.domain == null && p.path.equals("/"))
                && (!name.startsWith(HTTP) && !name.startsWith(SECURE) || secure)
                && (p.domain == null || name.startsWith(HTTP) || name.startsWith(SECURE))
                && (!p.partitioned || secure);
        if (!good) {
            throw attributes("a combination that browsers drop");
        }
    }

    private static boolean path(String path) {
        boolean good = path != null && path.startsWith("/") && path.length() <= 1_024;
        for (int i = 0; good && i < path.length(); i++) {
            char c = path.charAt(i);
            good = c > 0x20 && c < 0x7f && c != ';';
        }
        return good;
    }

    private static boolean domain(String domain) {
        boolean good = !domain.isEmpty() && domain.length() <= 253 && !domain.startsWith(".") && !domain.endsWith(".")
                && !domain.contains("..");
        for (int i = 0; good && i < domain.length(); i++) {
            char c = domain.charAt(i);
            good = c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-' || c == '.';
        }
        return good;
    }

    private static CretulaException attributes(String what) {
        return new CretulaException(Code.COOKIE_ATTRIBUTES, what);
    }

    /**
     * Checks cookies that are set up together (COOK-03).
     *
     * @param cookies the cookies, each with the purpose of its context
     * @throws CretulaException {@code cookie_clash}: two of a purpose, or names that overwrite each other, or a purpose or
     *                          name that device binding uses beside another one's
     */
    public static void together(List<Map.Entry<String, CookieSettings>> cookies) {
        Set<String> purposes = new HashSet<>();
        Map<String, Integer> names = new HashMap<>();
        boolean clash = false;
        for (Map.Entry<String, CookieSettings> c : cookies) {
            clash |= !purposes.add(c.getKey());
            clash |= names.merge(c.getValue().name, 1, Integer::sum) > 1;
        }
        for (String purpose : purposes) {
            clash |= DeviceTokens.SUFFIXES.stream().anyMatch(suffix -> purposes.contains(purpose + suffix));
        }
        Set<String> proofs = new HashSet<>();
        for (String name : names.keySet()) {
            clash |= names.containsKey(name + ".1") || names.containsKey(name + ".end") || names.containsKey(Device.proofName(name));
            clash |= !proofs.add(Device.proofName(name));
        }
        if (clash) {
            throw new CretulaException(Code.COOKIE_CLASH, "two cookies of a purpose, or of a name, or of those beside a session's");
        }
    }

    /**
     * The cookie's name.
     *
     * @return 1 to 64 ASCII characters
     */
    public String name() {
        return name;
    }

    /**
     * Whether a token too long for one cookie is written in two.
     *
     * @return whether it is
     */
    public boolean isLarge() {
        return large;
    }

    /**
     * Whether browsers keep it on https only.
     *
     * @return whether it has {@code Secure}
     */
    public boolean isSecure() {
        return secure;
    }

    List<Place> previous() {
        return previous;
    }

    String sameSite() {
        return sameSite;
    }

    boolean isHost() {
        return name.startsWith(HOST);
    }

    Place place() {
        return place;
    }

    /** A line of a token that was sealed. */
    String line(String lineName, String value, long ttl) {
        return line(lineName, value, browserSession ? null : ttl, place);
    }

    String line(String lineName, String value, Long maxAge, Place p) {
        return lineName + "=" + value + "; Path=" + p.path + (p.domain == null ? "" : "; Domain=" + p.domain)
                + (maxAge == null ? "" : "; Max-Age=" + maxAge) + (secure ? "; Secure" : "") + "; HttpOnly; SameSite="
                + sameSite + (p.partitioned ? "; Partitioned" : "");
    }

    /** A line whose Max-Age always stands. */
    String lasting(String lineName, String value, long maxAge) {
        return line(lineName, value, maxAge, place);
    }

    /**
     * The line that takes the cookie away (§20.4).
     *
     * @return a {@code Set-Cookie} value
     */
    public String expire() {
        return expire(name, place);
    }

    String expire(String lineName, Place p) {
        return line(lineName, "", 0L, p);
    }

    @Override
    public String toString() {
        return "CookieSettings[" + name + "]";
    }
}
