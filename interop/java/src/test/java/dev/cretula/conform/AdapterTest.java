package dev.cretula.conform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cretula.json.Json;
import java.io.BufferedReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The adapter as a process, as the runner starts it: with the random values of the vectors, and without. */
class AdapterTest {
    private static final List<String> DROPPED =
            List.of("spec", "since", "level", "flags", "comment", "made_from", "derived_from", "mutation", "tokens",
                    "template", "id_template", "jwts", "response_template", "result", "error", "entry", "over", "largest");

    private static Json.Obj request(String file, Json.Obj v, boolean fixed) {
        Json.Obj request = Json.EMPTY.with("type", Json.of("request")).with("class", Json.of(file));
        for (var m : v.members().entrySet()) {
            boolean random = List.of("salt", "iv", "random").contains(m.getKey());
            if (!DROPPED.contains(m.getKey()) && (fixed || !random)) {
                request = request.with(m.getKey(), m.getValue());
            }
        }
        return request;
    }

    @Test
    void everyFileThroughTheProtocol() throws Exception {
        String java = System.getProperty("java.home") + "/bin/java";
        Process adapter = new ProcessBuilder(java, "-cp", System.getProperty("java.class.path"), Adapter.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try (BufferedReader in = adapter.inputReader(StandardCharsets.UTF_8);
                Writer out = new OutputStreamWriter(adapter.getOutputStream(), StandardCharsets.UTF_8)) {
            ask(out, Json.EMPTY.with("type", Json.of("hello")).with("protocol", Json.of(2)));
            Json.Obj hello = (Json.Obj) Json.parse(in.readLine());
            assertEquals(Json.of(2), hello.get("protocol"));
            assertEquals(8, VectorFile.strings(hello, "classes").size());
            for (String file : List.of("derivation", "sealer", "unsealer", "signer", "verifier", "keyring", "session",
                    "cookie", "device")) {
                for (Json.Obj v : VectorFile.objects(VectorFile.read(file + ".json"), "vectors")) {
                    for (boolean fixed : List.of(true, false)) {
                        if (!fixed && Json.write(v).contains("\"no_randomness\":")) {
                            continue; // asked only of adapters that take fixed values
                        }
                        ask(out, request(file, v, fixed));
                        Json.Obj answer = (Json.Obj) Json.parse(in.readLine());
                        assertEquals(v.get("id"), answer.get("id"));
                        if (answer.get("skip") != null) {
                            continue;
                        }
                        assertEquals(v.get("error"), answer.get("error"), answer.get("id").toString());
                        assertEquals(v.get("result") == null, answer.get("result") == null);
                    }
                }
            }
            ask(out, Json.EMPTY.with("type", Json.of("bye")));
            assertEquals(null, in.readLine());
            assertEquals(0, adapter.waitFor());
        } finally {
            adapter.destroy();
        }
        assertTrue(!adapter.isAlive());
    }

    private static void ask(Writer out, Json.Obj message) throws Exception {
        out.write(Json.write(message) + "\n");
        out.flush();
    }
}
