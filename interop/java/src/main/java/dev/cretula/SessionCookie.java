package dev.cretula;

import dev.cretula.CookieRequest.Chosen;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** The session of a browser, in a cookie (§20). Immutable and thread-safe. */
public final class SessionCookie {
    private final Sessions sessions;
    private final CookieSettings settings;

    /**
     * Binds sessions to a cookie.
     *
     * @param sessions the sessions
     * @param settings the cookie
     */
    public SessionCookie(Sessions sessions, CookieSettings settings) {
        this.sessions = Objects.requireNonNull(sessions);
        this.settings = Objects.requireNonNull(settings);
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
        try {
            Chosen<SessionState> chosen = choose(request, now);
            return new PendingSession(sessions, chosen.value(), chosen.opened(), null, now, request);
        } catch (TokenException e) {
            return new PendingSession(sessions, null, null, e.code(), now, request);
        }
    }

    /**
     * Opens the session of a request, now.
     *
     * @param fields the value of each {@code Cookie} field, in the order received
     * @return what waits for the check
     * @throws CretulaException {@code no_clock}
     */
    public PendingSession open(List<String> fields) {
        return open(fields, sessions.now());
    }

    private Chosen<SessionState> choose(CookieRequest request, long now) throws TokenException {
        List<Chosen<SessionState>> opened = request.open(settings.name(), sessions.opener(), now,
                token -> sessions.steps9(token, sid -> request.ended(settings.name(), sid), now));
        Chosen<SessionState> best = opened.get(0);
        for (Chosen<SessionState> c : opened) {
            if (!c.value().sid().equals(best.value().sid())) {
                throw new TokenException(Code.AMBIGUOUS);
            }
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
     */
    public record Response(Commit commit, List<String> setCookies, Optional<String> cacheControl, boolean large) {
        /** The value of {@code Vary} that belongs to every response for whose request opening was tried (COOK-10). */
        public static final String VARY = "Cookie";
    }

    /**
     * Commits the session with the response.
     *
     * @param session      a session that {@link #open} gave
     * @param now          seconds since the epoch, below 2^48
     * @param cacheControl the {@code Cache-Control} that the application set, or null
     * @return what to send
     * @throws CookieTooLargeException where the session does not fit the cookie
     * @throws CretulaException        as {@link Sessions#commit(Session, long)}; nothing is to be sent
     */
    public Response commit(Session session, long now, String cacheControl) {
        return commit(session, now, cacheControl, Randomness.SYSTEM);
    }

    /**
     * Commits the session, now.
     *
     * @param session      a session that {@link #open} gave
     * @param cacheControl the {@code Cache-Control} that the application set, or null
     * @return what to send
     * @throws CretulaException as {@link #commit(Session, long, String)}, or {@code no_clock}
     */
    public Response commit(Session session, String cacheControl) {
        return commit(session, sessions.now(), cacheControl);
    }

    Response commit(Session session, long now, String cacheControl, Randomness random) {
        CookieRequest request = Objects.requireNonNull(session.request(), "a session that was opened from cookies");
        Commit commit = session.commit(sessions, now, random, this::fits);
        String name = settings.name();
        boolean second = commit.wrote() != Commit.Wrote.NOTHING && request.holds(name + ".1");
        Lines lines = new Lines();
        switch (commit.wrote()) {
            case SEAL -> seal(commit.sealed().orElseThrow(), second, random, lines);
            case EXPIRE -> {
                lines.add(name, "", settings.expire(name));
                if (second) {
                    lines.add(name + ".1", "", settings.expire(name + ".1"));
                }
            }
            default -> {
            }
        }
        SessionState ended = session.authentic();
        if (session.signedOff() && ended != null && now < ended.end()) {
            String mark = CookieRequest.mark(ended.sid());
            long age = Math.min(ended.end() - now, Limits.LIFE_MAX);
            lines.add(name + ".end", mark, settings.lasting(name + ".end", mark, age));
        }
        if (!lines.lines.isEmpty()) {
            for (CookieSettings.Place place : settings.previous()) {
                lines.add(name, "", settings.expire(name, place));
                if (second) {
                    lines.add(name + ".1", "", settings.expire(name + ".1", place));
                }
            }
        }
        Optional<String> cache = !lines.lines.isEmpty() ? Optional.of("no-store")
                : cacheControl == null ? Optional.of("private") : Optional.empty();
        return new Response(commit, List.copyOf(lines.lines), cache, lines.octets > Limits.COOKIE_LARGE);
    }

    private static final class Lines {
        final List<String> lines = new ArrayList<>();
        int octets;

        void add(String name, String value, String line) {
            lines.add(line);
            octets += name.length() + value.length();
        }
    }

    private void seal(Commit.Sealed sealed, boolean second, Randomness random, Lines lines) {
        String name = settings.name();
        String token = sealed.token();
        if (name.length() + token.length() <= Limits.COOKIE_MAX) {
            lines.add(name, token, settings.line(name, token, sealed.ttl()));
            if (second) {
                lines.add(name + ".1", "", settings.expire(name + ".1"));
            }
            return;
        }
        String id = random.id();
        int cut = Limits.COOKIE_PART_MAX - 11;
        String one = "2." + id + "." + token.substring(0, cut);
        String two = id + "." + token.substring(cut);
        lines.add(name, one, settings.line(name, one, sealed.ttl()));
        lines.add(name + ".1", two, settings.line(name + ".1", two, sealed.ttl()));
    }

    /** Before anything is sealed (COOK-11). */
    private void fits(long tokenLength, SessionState sealed) {
        long one = settings.name().length() + tokenLength - Limits.COOKIE_MAX;
        long over = settings.isLarge() ? tokenLength - Limits.COOKIE_TOKEN_MAX : one;
        if (one > 0 && over > 0) {
            throw new CookieTooLargeException((int) over, sealed.largest());
        }
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
