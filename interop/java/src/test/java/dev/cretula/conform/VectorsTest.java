package dev.cretula.conform;

import static dev.cretula.conform.VectorFile.integer;
import static dev.cretula.conform.VectorFile.string;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import dev.cretula.json.Json;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every vector of every file, with the exact codes. */
class VectorsTest {
    private static Json.Obj expected(Json.Obj v) {
        Json.Obj expected = Json.EMPTY;
        for (String name : List.of("result", "error", "over", "largest", "entry")) {
            if (v.get(name) != null && !(name.equals("entry") && v.get("error") == null)) {
                expected = expected.with(name, v.get(name));
            }
        }
        if (v.get("result") != null && v.get("actions") != null) {
            return expected.with("result", answered((Json.Obj) v.get("result"), v));
        } else if (v.get("result") != null && v.get("requests") != null) {
            List<Json.Obj> results = VectorFile.objects((Json.Obj) v.get("result"), "requests");
            List<Json.Obj> requests = VectorFile.objects(v, "requests");
            List<Json.Obj> answered = new ArrayList<>();
            for (int i = 0; i < results.size(); i++) {
                answered.add(answered(results.get(i), requests.get(i)));
            }
            return expected.with("result", Results.object("requests", answered));
        }
        return expected;
    }

    /** With what the actions are to answer, which the vectors tell with the actions. */
    private static Json.Obj answered(Json.Obj result, Json.Obj request) {
        List<Json> answers = new ArrayList<>();
        for (Json.Obj action : VectorFile.objects(request, "actions")) {
            if (action.get("take_flash") instanceof Json.Obj take) {
                answers.add(take.get("messages"));
            } else if (action.get("reauth_within") instanceof Json.Obj guard) {
                answers.add(guard.get("holds"));
            } else if (action.get("excess") instanceof Json.Obj excess) {
                answers.add(excess.get("over"));
            }
        }
        return answers.isEmpty() ? result : result.with("answers", new Json.Arr(answers));
    }

    @ParameterizedTest
    @ValueSource(strings = {"derivation", "sealer", "unsealer", "signer", "verifier", "keyring", "session", "cookie", "device",
        "accumulated"})
    void everyVector(String file) {
        List<String> wrong = new ArrayList<>();
        List<Json.Obj> vectors = VectorFile.objects(VectorFile.read(file + ".json"), "vectors");
        for (Json.Obj v : vectors) {
            Json.Obj expected = expected(v);
            Object got;
            try {
                got = Calls.outcome(file, v);
            } catch (UnsupportedOperationException e) {
                System.out.println(string(v, "id") + ": " + e.getMessage());
                continue;
            } catch (Exception | Error e) {
                got = e;
            }
            if (!expected.equals(got)) {
                wrong.add(string(v, "id") + "\n    expected " + Json.write(expected) + "\n    got      "
                        + (got instanceof Json json ? Json.write(json) : got));
            }
        }
        System.out.println(file + ": " + (vectors.size() - wrong.size()) + " of " + vectors.size());
        long count = VectorFile.objects(VectorFile.read("manifest.json"), "files").stream()
                .filter(f -> string(f, "file").equals(file + ".json")).mapToLong(f -> integer(f, "vectors")).sum();
        assertEquals(count, vectors.size());
        if (!wrong.isEmpty()) {
            fail(wrong.size() + " wrong:\n" + String.join("\n", wrong));
        }
    }

    @Test
    void filesAreThoseOfTheManifest() throws Exception {
        List<Json.Obj> files = VectorFile.objects(VectorFile.read("manifest.json"), "files");
        assertEquals(10, files.size());
        for (Json.Obj f : files) {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(VectorFile.octets(string(f, "file")));
            assertEquals(string(f, "sha256"), VectorFile.hex(digest), string(f, "file"));
        }
    }
}
