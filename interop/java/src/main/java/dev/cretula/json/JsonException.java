package dev.cretula.json;

/** A text that is no JSON text. Tells where, and nothing of what stands there. */
public final class JsonException extends Exception {
    private static final long serialVersionUID = 1;

    JsonException(String what, int at) {
        super("not a JSON text: " + what + " at character " + at);
    }
}
