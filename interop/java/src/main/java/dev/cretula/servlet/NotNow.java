package dev.cretula.servlet;

/** What the filter does when a session cannot be judged now ({@link dev.cretula.Session#notNow}). */
public enum NotNow {
    /**
     * Answers 503 if the handler changed the session; a page that only reads is a guest's. A sign-on goes through where only
     * the proof of a device is missing ({@code unproven}). The default.
     */
    REFUSE_WRITES,
    /** Answers 503 as soon as the handler asks for the session. */
    REFUSE,
    /** Lets the handler write as a guest, which replaces a session that may be valid in a moment. */
    GUEST
}
