package dev.cretula.conform;

import dev.cretula.json.Json;
import dev.cretula.json.JsonException;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The adapter of {@code cretula conform}: reads requests from standard input, writes answers to standard output. */
public final class Adapter {
    private static final Json.Obj HELLO = Results.object("type", "hello", "protocol", 2, "name", "cretula-java", "version",
            "0.1.0", "platform", "java" + System.getProperty("java.version"), "classes",
            List.of("unsealer", "sealer", "signer", "verifier", "keyring", "session", "cookie", "device"), "fixed", true);

    private Adapter() {
    }

    /**
     * Answers until bye, or the end of the input.
     *
     * @param args none
     * @throws Exception where the library fails otherwise than by a code: the runner sees a crash
     */
    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        // Nothing else that prints gets to the answers.
        OutputStream out = new FileOutputStream(FileDescriptor.out);
        System.setOut(System.err);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            Json.Obj message = message(line);
            switch (VectorFile.string(message, "type")) {
                case "hello" -> answer(out, HELLO);
                case "request" -> answer(out, request(message));
                default -> {
                    return;
                }
            }
        }
    }

    private static Json.Obj message(String line) throws JsonException {
        return (Json.Obj) Json.parse(line);
    }

    private static void answer(OutputStream out, Json.Obj answer) throws IOException {
        out.write((Json.write(answer) + "\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    private static Json.Obj request(Json.Obj message) throws Exception {
        Json.Obj answer = Results.object("id", message.get("id"));
        try {
            Json.Obj outcome = Calls.outcome(VectorFile.string(message, "class"), message);
            for (var member : outcome.members().entrySet()) {
                answer = answer.with(member.getKey(), member.getValue());
            }
            return answer;
        } catch (NumberFormatException e) {
            return answer.with("skip", Json.of("a long holds no such number"));
        } catch (UnsupportedOperationException e) {
            return answer.with("skip", Json.of(e.getMessage()));
        }
    }
}
