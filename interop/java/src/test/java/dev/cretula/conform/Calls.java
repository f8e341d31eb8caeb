package dev.cretula.conform;

import dev.cretula.Code;
import dev.cretula.CookieTooLargeException;
import dev.cretula.CretulaException;
import dev.cretula.Refusal;
import dev.cretula.json.Json;

/** Makes the call that a vector, or a request of the protocol, asks for. */
final class Calls {
    private Calls() {
    }

    private static Json run(String file, Json.Obj v) throws Exception {
        return switch (file) {
            case "derivation" -> TokenCalls.derivation(v);
            case "sealer" -> TokenCalls.make(v, true);
            case "signer" -> TokenCalls.make(v, false);
            case "unsealer" -> TokenCalls.open(v, true);
            case "verifier" -> TokenCalls.open(v, false);
            case "keyring" -> TokenCalls.keyring(v);
            case "accumulated" -> Accumulated.run(v);
            case "session" -> SessionCalls.session(v);
            case "cookie" -> SessionCalls.cookie(v);
            default -> DeviceCalls.device(v);
        };
    }

    /** What the vector gives: its result, or error and what stands with it. */
    static Json.Obj outcome(String file, Json.Obj v) throws Exception {
        try {
            return Results.object("result", run(file, v));
        } catch (SessionCalls.Coded e) {
            return error(e.code);
        } catch (Exception e) {
            if (!(e instanceof Refusal refusal)) {
                throw e;
            }
            Json.Obj error = error(refusal.code());
            if (e instanceof CookieTooLargeException large) {
                error = error.with("over", Json.of(large.over()));
                if (large.largest().isPresent()) {
                    error = error.with("largest", Json.of(large.largest().get()));
                }
            } else if (e instanceof CretulaException c && c.entry().isPresent()) {
                error = error.with("entry", Json.of(c.entry().getAsInt()));
            }
            return error;
        }
    }

    private static Json.Obj error(Code code) {
        return Results.object("error", code.text());
    }
}
