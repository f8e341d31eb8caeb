package dev.cretula;

/**
 * An opener refused a token (§10). Checked, for it is an ordinary outcome: anybody can send a bad token. To whoever
 * sent it, every code is to look the same; the code is for logs and metrics. Holds nothing of the token's content.
 */
public final class TokenException extends Exception implements Refusal {
    private static final long serialVersionUID = 1;

    private final Code code;

    TokenException(Code code) {
        super("token refused: " + code, null, false, true);
        this.code = code;
    }

    @Override
    public Code code() {
        return code;
    }
}
