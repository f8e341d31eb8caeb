package dev.cretula;

import dev.cretula.CookieRequest.Chosen;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/** The session of a browser, in a cookie (§20). Immutable and thread-safe. */
public final class SessionCookie {
    private final Sessions sessions;
    private final CookieSettings settings;
    private final SessionCheck check;
    private final Device device;

    /**
     * Binds sessions to a cookie.
     *
     * @param sessions the sessions
     * @param settings the cookie
     */
    public SessionCookie(Sessions sessions, CookieSettings settings) {
        this(sessions, settings, null, null);
    }

    /**
     * Binds sessions to a cookie, and to devices (§21).
     *
     * @param sessions the sessions
     * @param settings the cookie
     * @param binding  the settings of device binding
     * @throws CretulaException {@code cookie_attributes}, for a cookie that is not {@code __Host-} or is
     *                          {@code Partitioned}; then {@code context_invalid}, for a purpose of more than 245 characters
     */
    public SessionCookie(Sessions sessions, CookieSettings settings, DeviceBinding binding) {
        this(sessions, settings, null, Objects.requireNonNull(binding));
    }

    SessionCookie(Sessions sessions, CookieSettings settings, SessionCheck check, DeviceBinding binding) {
        this.check = check;
        this.sessions = Objects.requireNonNull(sessions);
        this.settings = Objects.requireNonNull(settings);
        this.device = binding == null ? null : new Device(this, binding);
    }

    /**
     * Opens the session of a request, up to the application's check.
     *
     * @param fields the value of each {@code Cookie} field, in the order received; each character stands for an octet
     * @param now    seconds since the epoch, below 2^48
     * @return what waits for the check
     * @throws CretulaException {@code clock_range}
     */
    public PendingSession open(List<String> fields, long now) {
        CookieRequest request = new CookieRequest(fields);
        Choice chosen = choose(request, sessions.ring().ring(), now);
        if (chosen.refused != null) {
            return PendingSession.none(sessions, chosen.refused, chosen.authentic, now, request);
        }
        // Step 9e.
        SessionState s = chosen.state;
        Long proved = device == null || s.jkt() == null ? null
                : device.tokens.proved(request, device.proofName(), s.sid(), s.jkt(), chosen.ring, now);
        boolean unproven = s.jkt() != null ? proved == null : device != null && s.user() != null
                && device.settings.requireAfter().isPresent() && now >= s.start() + device.settings.requireAfter().getAsLong();
        return unproven ? PendingSession.none(sessions, Code.UNPROVEN, chosen.authentic, now, request)
                : PendingSession.opened(sessions, s, chosen.opened, now,
                        sessions.isDue(s, proved == null ? DeviceTokens.NEVER : proved, now), request);
    }

    /**
     * What a request's session is after the steps 1 to 9d (§20.3).
     *
     * @param state     the session, or null
     * @param refused   why there is none; null where there is one
     * @param authentic the authentic sessions of the request, by sid once each
     * @param ring      the ring that was used
     */
    record Choice(SessionState state, Opened opened, Code refused, List<SessionState> authentic, Keyring ring) {
    }

    Choice choose(CookieRequest request, Keyring ring, long now) {
        CookieRequest.Opening<SessionState> opening = request.open(settings.name(), sessions.opener(), ring, now,
                token -> sessions.steps9(token, sid -> request.ended(settings.name(), sid), now));
        Map<String, SessionState> authentic = new LinkedHashMap<>();
        opening.good().forEach(c -> authentic.putIfAbsent(c.value().sid(), c.value()));
        if (opening.refused() != null || authentic.size() > 1) {
            Code code = opening.refused() != null ? opening.refused() : Code.AMBIGUOUS;
            return new Choice(null, null, code, List.copyOf(authentic.values()), ring);
        }
        Chosen<SessionState> best = best(opening.good());
        return new Choice(best.value(), best.opened(), null, List.of(best.value()), ring);
    }

    /**
     * Opens the session of a request, now. Without a clock it is a new guest's, with the reason {@code no_clock}
     * (SESS-27).
     *
     * @param fields the value of each {@code Cookie} field, in the order received
     * @return what waits for the check
     */
    public PendingSession open(List<String> fields) {
        long now;
        try {
            now = sessions.now();
        } catch (CretulaException e) {
            return PendingSession.none(sessions, e.code(), List.of(), Session.NO_TIME, new CookieRequest(fields));
        }
        return open(fields, now);
    }

    /** Of the greatest rev; of these the greatest issued_at; of these the first. */
    private static Chosen<SessionState> best(List<Chosen<SessionState>> opened) {
        Chosen<SessionState> best = opened.get(0);
        for (Chosen<SessionState> c : opened) {
            if (c.value().rev() > best.value().rev()
                    || c.value().rev() == best.value().rev() && c.opened().issuedAt() > best.opened().issuedAt()) {
                best = c;
            }
        }
        return best;
    }

    /**
     * What the response to a request is to carry.
     *
     * @param commit       what was decided
     * @param setCookies   complete {@code Set-Cookie} values, in order; they are added to those of others
     * @param cacheControl what {@code Cache-Control} is to be instead of what the application set; empty: leave it
     * @param large        whether the lines are so long that some proxies refuse the response (COOK-12)
     * @param registration the value of {@link #REGISTRATION}, which offers to bind the session to the device (DEV-05);
     *                     mostly empty
     */
    public record Response(Commit commit, List<String> setCookies, Optional<String> cacheControl, boolean large,
            Optional<String> registration) {
        /** The field that offers to bind a session to the browser's device. */
        public static final String REGISTRATION = "Secure-Session-Registration";

        /** The value of {@code Vary} that belongs to every response for whose request opening was tried (COOK-10). */
        public static final String VARY = "Cookie";

        /** Shows no line, for a line holds the token. */
        @Override
        public String toString() {
            return "Response[" + commit.wrote() + ", " + setCookies.size() + " lines]";
        }
    }

    /**
     * Commits the session with the response.
     *
     * @param session      a session that {@link #open} gave
     * @param now          seconds since the epoch, below 2^48
     * @param cacheControl the {@code Cache-Control} that the application set, or null
     * @return what to send
     * @throws CookieTooLargeException where the session does not fit the cookie; comes after
     *                                 {@code payload_unserializable}
     * @throws CretulaException        as {@link Sessions#commit(Session, long)}; nothing is to be sent
     */
    public Response commit(Session session, long now, String cacheControl) {
        return commit(session, () -> Limits.now(now), cacheControl, Randomness.SYSTEM);
    }

    /**
     * Commits the session, now.
     *
     * @param session      a session that {@link #open} gave
     * @param cacheControl the {@code Cache-Control} that the application set, or null
     * @return what to send
     * @throws CretulaException as {@link #commit(Session, long, String)}, with {@code no_clock} in the place of
     *                          {@code clock_range}
     */
    public Response commit(Session session, String cacheControl) {
        return commit(session, sessions::now, cacheControl, Randomness.SYSTEM);
    }

    /**
     * By how many octets the session, if it were sealed at a time, would not fit its cookie (COOK-17). Draws and changes
     * nothing.
     *
     * @param session a session that {@link #open} gave
     * @param now     seconds since the epoch, below 2^48
     * @return octets; 0 if it fits
     * @throws CretulaException {@code context_invalid}, {@code committed}, {@code clock_range} or
     *                          {@code payload_unserializable}, as the commit
     */
    public int excess(Session session, long now) {
        return excess(session.tokenLength(sessions, () -> Limits.now(now)));
    }

    /**
     * By how many octets the session, if it were sealed now, would not fit its cookie (COOK-17).
     *
     * @param session a session that {@link #open} gave
     * @return octets; 0 if it fits
     * @throws CretulaException as {@link #excess(Session, long)}, with {@code no_clock} in the place of
     *                          {@code clock_range}
     */
    public int excess(Session session) {
        return excess(session.tokenLength(sessions, sessions::now));
    }

    private boolean fitsOne(long tokenLength) {
        return settings.name().length() + tokenLength <= Limits.COOKIE_MAX;
    }

    private int excess(long tokenLength) {
        if (fitsOne(tokenLength)) {
            return 0;
        }
        long most = settings.isLarge() ? Limits.COOKIE_TOKEN_MAX : Limits.COOKIE_MAX - settings.name().length();
        return (int) Math.max(0, tokenLength - most);
    }

    Response commit(Session session, LongSupplier clock, String cacheControl, Randomness random) {
        return commit(session, clock, cacheControl, null, random);
    }

    /** With a ring; null is the one in force. */
    Response commit(Session session, LongSupplier clock, String cacheControl, Keyring ring, Randomness random) {
        Objects.requireNonNull(session.request(), "a session that was opened from cookies");
        Carried carried = new Carried();
        carried.ring = ring;
        Commit commit = session.commit(sessions, () -> carried.now = clock.getAsLong(), random, carried);
        Lines lines = new Lines();
        if (commit.wrote() != Commit.Wrote.NOTHING) {
            addLines(lines, session, commit, carried);
        }
        Optional<String> cache = commit.wrote() != Commit.Wrote.NOTHING ? Optional.of("no-store")
                : cacheControl == null ? Optional.of("private") : Optional.empty();
        return new Response(commit, List.copyOf(lines.lines), cache, lines.octets > Limits.COOKIE_LARGE,
                Optional.ofNullable(carried.offer));
    }

    private static final class Lines {
        final List<String> lines = new ArrayList<>();
        int octets;

        void add(String name, String value, String line) {
            lines.add(line);
            octets += name.length() + value.length();
        }
    }

    /** The cookie as the place of a token. Keeps the time of the commit, the id of two cookies and the offer. */
    private final class Carried implements Session.Carrier {
        Keyring ring;
        long now;
        String id;
        String offer;

        @Override
        public Keyring ring(KeyringSource source) {
            return ring == null ? source.ring() : ring;
        }

        /** Before anything is sealed (COOK-11). */
        @Override
        public void check(long tokenLength, SessionState sealed) {
            int over = excess(tokenLength);
            if (over > 0) {
                throw new CookieTooLargeException(over, sealed.largest());
            }
        }

        @Override
        public void draw(long tokenLength, Randomness random) {
            id = fitsOne(tokenLength) ? null : random.id();
        }

        @Override
        public void sealed(SessionState sealed, boolean began, Keyring under, long at, Randomness random) {
            offer = device != null && began && sealed.user() != null && sealed.jkt() == null
                    ? device.offer(sealed.sid(), under, at, random) : null;
        }
    }

    /** set_cookies of a commit that writes: the line of the cookie's own name comes last (COOK-09). */
    private void addLines(Lines lines, Session session, Commit commit, Carried carried) {
        String name = settings.name();
        boolean gone = commit.wrote() == Commit.Wrote.EXPIRE || session.signedOff();
        if (device != null && gone && session.request().holds(device.proofName())) {
            lines.add(device.proofName(), "", settings.expire(device.proofName(), settings.place()));
        }
        boolean second = session.request().holds(name + ".1");
        for (CookieSettings.Place place : settings.previous()) {
            lines.add(name, "", settings.expire(name, place));
            if (second) {
                lines.add(name + ".1", "", settings.expire(name + ".1", place));
            }
        }
        long ttl = commit.sealed().map(Commit.Sealed::ttl).orElse(0L);
        String value = commit.sealed().map(Commit.Sealed::token).orElse("");
        if (carried.id != null && commit.sealed().isPresent()) {
            int cut = Limits.COOKIE_PART_MAX - 11;
            String rest = carried.id + "." + value.substring(cut);
            value = "2." + carried.id + "." + value.substring(0, cut);
            lines.add(name + ".1", rest, settings.line(name + ".1", rest, ttl));
        } else if (second) {
            lines.add(name + ".1", "", settings.expire(name + ".1", settings.place()));
        }
        if (session.signedOff()) {
            addMark(lines, session.authentic(), carried.now);
        }
        lines.add(name, value, commit.sealed().isPresent() ? settings.line(name, value, ttl) : settings.expire());
    }

    /** The marks of the sessions that were signed off and whose end is still to come (COOK-09). */
    private void addMark(Lines lines, List<SessionState> authentic, long now) {
        List<SessionState> ended = authentic.stream().filter(s -> now < s.end()).toList();
        if (!ended.isEmpty()) {
            String name = settings.name() + ".end";
            String marks = ended.stream().map(s -> CookieRequest.mark(s.sid())).collect(Collectors.joining("."));
            long life = ended.stream().mapToLong(s -> Math.min(s.end() - now, Limits.LIFE_MAX)).max().getAsLong();
            lines.add(name, marks, settings.lasting(name, marks, life));
        }
    }

    /**
     * Answers {@code POST <path>/start}, where a browser registers the key of its device (§21.6). The body of the request
     * is not read.
     *
     * @param fields    the value of each {@code Cookie} field, in the order received; each character stands for an octet
     * @param responses the value of each {@code Secure-Session-Response} field
     * @param check     the application's check, which is always asked; null if it wants none
     * @param now       seconds since the epoch, below 2^48
     * @return the whole answer
     * @throws CretulaException      as {@link #commit(Session, long, String)}; nothing is to be sent
     * @throws IllegalStateException if device binding is not set up
     */
    public DeviceAnswer register(List<String> fields, List<String> responses, SessionCheck check, long now) {
        return device().register(fields, responses, check, Limits.now(now), Randomness.SYSTEM);
    }

    /**
     * Answers {@code POST <path>/start}, now.
     *
     * @param fields    the value of each {@code Cookie} field, in the order received
     * @param responses the value of each {@code Secure-Session-Response} field
     * @param check     the application's check, which is always asked; null if it wants none
     * @return the whole answer; 503 without a clock
     * @throws CretulaException      as {@link #commit(Session, long, String)}; nothing is to be sent
     * @throws IllegalStateException if device binding is not set up
     */
    public DeviceAnswer register(List<String> fields, List<String> responses, SessionCheck check) {
        return device().register(fields, responses, check, nowOrNull(), Randomness.SYSTEM);
    }

    /**
     * Answers {@code POST <path>/refresh}, where a browser proves the key of its device (§21.7). The body of the request
     * is not read.
     *
     * @param fields    the value of each {@code Cookie} field, in the order received; each character stands for an octet
     * @param ids       the value of each {@code Sec-Secure-Session-Id} field
     * @param responses the value of each {@code Secure-Session-Response} field
     * @param check     the application's check, which is always asked; null if it wants none
     * @param now       seconds since the epoch, below 2^48
     * @return the whole answer
     * @throws CretulaException      as {@link #commit(Session, long, String)}; nothing is to be sent
     * @throws IllegalStateException if device binding is not set up
     */
    public DeviceAnswer refresh(List<String> fields, List<String> ids, List<String> responses, SessionCheck check, long now) {
        return device().refresh(fields, ids, responses, check, Limits.now(now), Randomness.SYSTEM);
    }

    /**
     * Answers {@code POST <path>/refresh}, now.
     *
     * @param fields    the value of each {@code Cookie} field, in the order received
     * @param ids       the value of each {@code Sec-Secure-Session-Id} field
     * @param responses the value of each {@code Secure-Session-Response} field
     * @param check     the application's check, which is always asked; null if it wants none
     * @return the whole answer; 503 without a clock
     * @throws CretulaException      as {@link #commit(Session, long, String)}; nothing is to be sent
     * @throws IllegalStateException if device binding is not set up
     */
    public DeviceAnswer refresh(List<String> fields, List<String> ids, List<String> responses, SessionCheck check) {
        return device().refresh(fields, ids, responses, check, nowOrNull(), Randomness.SYSTEM);
    }

    private Long nowOrNull() {
        try {
            return sessions.now();
        } catch (CretulaException e) {
            return null;
        }
    }

    Device device() {
        if (device == null) {
            throw new IllegalStateException("device binding is not set up");
        }
        return device;
    }

    /**
     * The settings of device binding.
     *
     * @return the settings; empty where it is not set up
     */
    public Optional<DeviceBinding> deviceBinding() {
        return device == null ? Optional.empty() : Optional.of(device.settings);
    }

    Sessions sessions() {
        return sessions;
    }

    /**
     * The application's check that the site was given with the sessions.
     *
     * @return the check; empty where none was given
     */
    public Optional<SessionCheck> check() {
        return Optional.ofNullable(check);
    }

    /**
     * The cookie's settings.
     *
     * @return the settings
     */
    public CookieSettings settings() {
        return settings;
    }
}
