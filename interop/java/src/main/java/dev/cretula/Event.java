package dev.cretula;

import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Something that a log is to know. Holds no token, payload or key; an error of the application's check is the
 * application's own.
 *
 * @param kind  what happened
 * @param code  the reason, of a refusal
 * @param error what was thrown
 */
public record Event(Kind kind, Optional<Code> code, Optional<Throwable> error) {
    /** What happened. */
    public enum Kind {
        /** The request brought a session that was refused; never told of {@code absent}. */
        SESSION_REFUSED,
        /** The application's check threw; the session was closed as {@code unchecked}. */
        CHECK_FAILED,
        /** The session of a response could not be written. */
        NOT_WRITTEN,
        /** A keyring file was exchanged. */
        KEYRING_EXCHANGED,
        /** A keyring file was refused, or could not be read; the old ring stays in force. */
        KEYRING_REFUSED,
        /** A Secure cookie was set on plain http and did not come back. Told once. */
        SECURE_COOKIE_LOST,
        /** An unsafe request of another site was refused. */
        CROSS_SITE_REFUSED,
        /** A registration or refresh of device binding was refused. */
        DEVICE_REFUSED
    }

    /**
     * Writes events to the {@link System.Logger} named {@code dev.cretula}: failed checks, sessions that could not be
     * written and refused keyrings as errors, refusals other than {@code expired} for debugging. The default.
     */
    public static final Consumer<Event> LOG = Event::log;

    /** Switches the log off. */
    public static final Consumer<Event> NONE = event -> { };

    /** Nothing is null. */
    public Event {
        Objects.requireNonNull(kind);
        Objects.requireNonNull(code);
        Objects.requireNonNull(error);
    }

    /**
     * An event of a thrown error; the code is that of the error, if it has one.
     *
     * @param kind  what happened
     * @param error what was thrown
     */
    public Event(Kind kind, Throwable error) {
        this(kind, error instanceof Refusal refusal ? Optional.of(refusal.code()) : Optional.empty(), Optional.of(error));
    }

    private void log() {
        System.Logger.Level level = switch (kind) {
            case SESSION_REFUSED, CROSS_SITE_REFUSED, DEVICE_REFUSED -> System.Logger.Level.DEBUG;
            case KEYRING_EXCHANGED -> System.Logger.Level.INFO;
            case SECURE_COOKIE_LOST -> System.Logger.Level.WARNING;
            case NOT_WRITTEN -> code.map(Code::notNow).orElse(false) ? System.Logger.Level.WARNING : System.Logger.Level.ERROR;
            default -> System.Logger.Level.ERROR;
        };
        if (code.orElse(null) != Code.EXPIRED) {
            // A code and its text say all; where an error of the application's came from is in its trace.
            String text = error.filter(Refusal.class::isInstance).map(e -> what() + ": " + e.getMessage()).orElse(toString());
            System.getLogger("dev.cretula").log(level, text, error.filter(e -> !(e instanceof Refusal)).orElse(null));
        }
    }

    /** One line, such as {@code session refused: revoked}. */
    @Override
    public String toString() {
        return code.map(c -> what() + ": " + c).orElseGet(() -> error.map(e -> what() + ": " + e).orElse(what()));
    }

    private String what() {
        return switch (kind) {
            case SESSION_REFUSED -> "session refused";
            case CHECK_FAILED -> "session check failed";
            case NOT_WRITTEN -> "session not written";
            case KEYRING_EXCHANGED -> "keyring exchanged";
            case KEYRING_REFUSED -> "keyring refused";
            case SECURE_COOKIE_LOST -> "a Secure cookie set on plain http did not come back; in development use development(true)";
            case CROSS_SITE_REFUSED -> "a request of another site was refused";
            case DEVICE_REFUSED -> "device binding refused";
        };
    }
}
