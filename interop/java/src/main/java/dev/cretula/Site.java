package dev.cretula;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The owner of a keyring, an audience and a clock. All cookies of a site are made by it: an exchange of the ring reaches
 * each of them, and cookies that clash are refused when the second is made (COOK-03). Thread-safe.
 */
public final class Site implements AutoCloseable {
    private static final Duration EVERY = Duration.ofSeconds(60);

    private final LiveKeyring ring;
    private final String audience;
    private final Clock clock;
    private final boolean development;
    private final Consumer<Event> events;
    private final List<Map.Entry<String, CookieSettings>> cookies = new ArrayList<>();
    private final Set<String> paths = new HashSet<>();
    private final Path path;
    private byte[] digest;
    private boolean unreadable;
    private ScheduledExecutorService watcher;

    private Site(Builder b) {
        new Context(b.audience, "session"); // context_invalid
        audience = b.audience;
        clock = b.clock;
        development = b.development;
        events = b.events;
        path = b.path;
        ring = path == null ? live(b.ring) : new LiveKeyring(first());
        if (path != null) {
            watcher = Executors.newSingleThreadScheduledExecutor(work -> {
                Thread thread = new Thread(work, "cretula-keyring");
                thread.setDaemon(true);
                return thread;
            });
            long every = b.every.toNanos();
            watcher.scheduleWithFixedDelay(this::reload, every, every, TimeUnit.NANOSECONDS);
        }
    }

    private static LiveKeyring live(KeyringSource ring) {
        return ring instanceof LiveKeyring live ? live : new LiveKeyring(ring.ring());
    }

    /**
     * A site with a ring, and the defaults.
     *
     * @param ring     the master keys
     * @param audience the service or group of services that share the cookies, such as {@code shop.example}
     * @return the site
     * @throws CretulaException {@code context_invalid}
     */
    public static Site of(KeyringSource ring, String audience) {
        return builder(ring, audience).build();
    }

    /**
     * A site with the keyring of a file, such as a mounted secret, that is read again every 60 seconds. A document that
     * is refused changes nothing and is logged as an error.
     *
     * @param path     the file
     * @param audience the service or group of services that share the cookies
     * @return the site; close it to stop the reading
     * @throws UncheckedIOException if the file cannot be read now
     * @throws CretulaException     if the document is refused now, or {@code context_invalid}
     */
    public static Site watching(Path path, String audience) {
        return builder(path, audience).build();
    }

    /**
     * A site with the keyring of a file.
     *
     * @param path     the file
     * @param audience the service or group of services that share the cookies
     * @param every    how often the file is read again
     * @param onEvent  hears of exchanges and refusals instead of the log
     * @return the site; close it to stop the reading
     * @throws UncheckedIOException if the file cannot be read now
     * @throws CretulaException     if the document is refused now, or {@code context_invalid}
     */
    public static Site watching(Path path, String audience, Duration every, Consumer<Event> onEvent) {
        return builder(path, audience).every(every).onEvent(onEvent).build();
    }

    /**
     * Sets up a site with a ring.
     *
     * @param ring     the master keys
     * @param audience the service or group of services that share the cookies
     * @return a builder
     */
    public static Builder builder(KeyringSource ring, String audience) {
        return new Builder(Objects.requireNonNull(ring), null, audience);
    }

    /**
     * Sets up a site with the keyring of a file.
     *
     * @param path     the file
     * @param audience the service or group of services that share the cookies
     * @return a builder
     */
    public static Builder builder(Path path, String audience) {
        return new Builder(null, Objects.requireNonNull(path), audience);
    }

    /** Settings of a site. */
    public static final class Builder {
        private final KeyringSource ring;
        private final Path path;
        private final String audience;
        private Duration every = EVERY;
        private Clock clock = Clock.systemUTC();
        private boolean development;
        private Consumer<Event> events = Event.LOG;

        private Builder(KeyringSource ring, Path path, String audience) {
            this.ring = ring;
            this.path = path;
            this.audience = audience;
        }

        /**
         * How often the file is read again.
         *
         * @param every more than nothing; 60 seconds where not set
         * @return this
         */
        public Builder every(Duration every) {
            this.every = Objects.requireNonNull(every);
            return this;
        }

        /**
         * Another clock than the system's.
         *
         * @param clock read once a call, floored to whole seconds
         * @return this
         */
        public Builder clock(Clock clock) {
            this.clock = Objects.requireNonNull(clock);
            return this;
        }

        /**
         * Whether this is a developer's machine: cookies then work on plain http. They have neither {@code Secure} nor a
         * prefix, and the audience in their name, because ports of one host share cookies.
         *
         * @param development false where not set
         * @return this
         */
        public Builder development(boolean development) {
            this.development = development;
            return this;
        }

        /**
         * Hears of everything that would be logged, instead of the log.
         *
         * @param events the hook; {@link Event#LOG} where not set, {@link Event#NONE} for silence
         * @return this
         */
        public Builder onEvent(Consumer<Event> events) {
            this.events = Objects.requireNonNull(events);
            return this;
        }

        /**
         * Makes the site.
         *
         * @return the site
         * @throws UncheckedIOException if the file cannot be read
         * @throws CretulaException     if the document is refused, or {@code context_invalid}
         */
        public Site build() {
            return new Site(this);
        }
    }

    private Keyring first() {
        try {
            byte[] octets = Files.readAllBytes(path);
            digest = Crypto.sha256(octets);
            return Keyring.named("the file " + path, () -> Keyring.parse(octets));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The file holds what it held. */
    private static final class Unchanged extends Exception {
        private static final long serialVersionUID = 1;
    }

    /**
     * Reads the file again, now. A document that is refused, or a file that cannot be read, changes nothing and is told
     * once.
     *
     * @return whether another ring is in force
     * @throws IllegalStateException if the site has no file
     */
    public synchronized boolean reload() {
        if (path == null) {
            throw new IllegalStateException("this site has no keyring file: use exchange");
        }
        try {
            boolean exchanged = ring.reload(() -> {
                byte[] octets = Files.readAllBytes(path);
                unreadable = false;
                byte[] found = Crypto.sha256(octets);
                if (MessageDigest.isEqual(found, digest)) {
                    throw new Unchanged();
                }
                digest = found;
                return octets;
            });
            if (exchanged) {
                tell(new Event(Event.Kind.KEYRING_EXCHANGED, Optional.empty(), Optional.empty()));
            }
            return exchanged;
        } catch (Unchanged e) {
            return false;
        } catch (Exception e) {
            if (e instanceof CretulaException || !unreadable) {
                tell(new Event(Event.Kind.KEYRING_REFUSED, e));
            }
            unreadable |= !(e instanceof CretulaException);
            return false;
        }
    }

    /** A hook that fails does not end the watching. */
    private void tell(Event event) {
        try {
            events.accept(event);
        } catch (RuntimeException e) {
            Event.LOG.accept(event);
        }
    }

    /**
     * Puts a new ring in the place of the old one, in everything that this site made.
     *
     * @param next the new ring
     * @return false if an exchange that began later is in force already
     */
    public boolean exchange(Keyring next) {
        return ring.exchange(next);
    }

    /**
     * Sets up the sessions of the site.
     *
     * @return a builder of the defaults: purpose {@code session}, 30 minutes idle, 24 hours in all,
     *         {@code __Host-Http-session}
     */
    public SessionsBuilder sessions() {
        return new SessionsBuilder();
    }

    /** Settings of the sessions of a site. */
    public final class SessionsBuilder {
        private String purpose = "session";
        private SessionPolicy policy = SessionPolicy.DEFAULT;
        private CookieSettings cookie;
        private SessionCheck check;
        private DeviceBinding binding;

        private SessionsBuilder() {
        }

        /**
         * Another purpose, for a second session beside the first.
         *
         * @param purpose what the session is for; used for nothing else (SESS-24)
         * @return this
         */
        public SessionsBuilder purpose(String purpose) {
            this.purpose = Objects.requireNonNull(purpose);
            return this;
        }

        /**
         * Other windows than the default ones.
         *
         * @param policy the windows
         * @return this
         */
        public SessionsBuilder policy(SessionPolicy policy) {
            this.policy = Objects.requireNonNull(policy);
            return this;
        }

        /**
         * Another cookie than the default one.
         *
         * @param cookie the cookie; it is used in development, too
         * @return this
         */
        public SessionsBuilder cookie(CookieSettings cookie) {
            this.cookie = Objects.requireNonNull(cookie);
            return this;
        }

        /**
         * The application's check, which the filter asks.
         *
         * @param check the check
         * @return this
         */
        public SessionsBuilder check(SessionCheck check) {
            this.check = Objects.requireNonNull(check);
            return this;
        }

        /**
         * Binds the sessions of users to their devices (§21), in browsers that can do it: a copied cookie is then worth
         * nothing once the proof beside it is over. The filter answers the two endpoints itself. In development without a
         * cookie of the application's own it does nothing, for browsers bind sessions on https only.
         *
         * @param binding the settings, such as {@link DeviceBinding#DEFAULT}
         * @return this
         */
        public SessionsBuilder deviceBinding(DeviceBinding binding) {
            this.binding = Objects.requireNonNull(binding);
            return this;
        }

        /**
         * Makes the sessions.
         *
         * @return the sessions in their cookie
         * @throws CretulaException {@code context_invalid}, {@code cookie_name}, {@code cookie_clash} with another cookie
         *                          of this site or its path of device binding, or with device binding
         *                          {@code cookie_attributes}
         */
        public SessionCookie build() {
            Context context = new Context(audience, purpose);
            CookieSettings settings = cookie == null ? settings(purpose) : cookie;
            Sessions sessions = Sessions.builder(ring, context).policy(policy).clock(clock).onEvent(events).build();
            boolean binds = binding != null && !(development && cookie == null);
            SessionCookie made = new SessionCookie(sessions, settings, check, binds ? binding : null);
            add(purpose, settings, binds ? binding.path() : null);
            return made;
        }
    }

    /**
     * Makes a cookie that holds a token and no session, such as a return address, named {@code __Host-Http-} and the
     * purpose.
     *
     * @param purpose what it is for; no session has this purpose (SESS-24)
     * @param ttl     how long it lives, in seconds; 1 to 34 560 000
     * @return the cookie
     * @throws CretulaException {@code context_invalid}, {@code cookie_name}, {@code max_age_range}, or
     *                          {@code cookie_clash} with another cookie of this site
     */
    public TokenCookie cookie(String purpose, long ttl) {
        return cookie(purpose, ttl, null);
    }

    /**
     * Makes a cookie that holds a token and no session.
     *
     * @param purpose what it is for; no session has this purpose (SESS-24)
     * @param ttl     how long it lives, in seconds; 1 to 34 560 000
     * @param cookie  the cookie, neither large nor with previous combinations; null for the default
     * @return the cookie
     * @throws CretulaException as {@link #cookie(String, long)}, or {@code cookie_attributes}
     */
    public TokenCookie cookie(String purpose, long ttl, CookieSettings cookie) {
        Context context = new Context(audience, purpose);
        CookieSettings settings = cookie == null ? settings(purpose) : cookie;
        TokenCookie made = new TokenCookie(ring, context, settings, ttl, Limits.LEEWAY_DEFAULT, clock);
        add(purpose, settings, null);
        return made;
    }

    private CookieSettings settings(String purpose) {
        if (!development) {
            return CookieSettings.builder().name("__Host-Http-" + purpose).build();
        }
        String application = audience.replaceAll("[^0-9A-Za-z.-]", "-");
        int room = Math.max(0, 63 - purpose.length());
        String name = application.substring(0, Math.min(room, application.length())) + "-" + purpose;
        return CookieSettings.builder().name(name).notSecure().build();
    }

    private synchronized void add(String purpose, CookieSettings settings, String path) {
        List<Map.Entry<String, CookieSettings>> all = new ArrayList<>(cookies);
        all.add(Map.entry(purpose, settings));
        CookieSettings.together(all);
        if (path != null && !paths.add(path)) {
            throw new CretulaException(Code.COOKIE_CLASH, "two sessions have the path " + path + " of device binding");
        }
        cookies.add(Map.entry(purpose, settings));
    }

    /** Stops the reading of the file. The cookies go on with the ring in force. */
    @Override
    public synchronized void close() {
        if (watcher != null) {
            watcher.shutdownNow();
        }
    }

    @Override
    public String toString() {
        return "Site[" + audience + "]";
    }
}
