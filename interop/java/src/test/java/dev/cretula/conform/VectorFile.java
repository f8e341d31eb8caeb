package dev.cretula.conform;

import dev.cretula.Context;
import dev.cretula.Keyring;
import dev.cretula.hazmat.OnlyForVectors;
import dev.cretula.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;

/** Reads vector files, and the inputs that several of them share. */
public final class VectorFile {
    public static final Path FOLDER = Path.of(System.getProperty("cretula.vectors", "../../test-vectors/v1"));

    private VectorFile() {
    }

    public static byte[] octets(String file) {
        try {
            return Files.readAllBytes(FOLDER.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static Json.Obj read(String file) {
        try {
            return (Json.Obj) Json.parse(new String(octets(file), java.nio.charset.StandardCharsets.UTF_8));
        } catch (dev.cretula.json.JsonException e) {
            throw new IllegalStateException(file, e);
        }
    }

    public static List<Json.Obj> objects(Json.Obj o, String name) {
        Json array = o.get(name);
        return array == null ? List.of() : ((Json.Arr) array).items().stream().map(v -> (Json.Obj) v).toList();
    }

    public static List<String> strings(Json.Obj o, String name) {
        return ((Json.Arr) o.get(name)).items().stream().map(v -> ((Json.Str) v).value()).toList();
    }

    public static String string(Json.Obj o, String name) {
        return o.get(name) == null ? null : ((Json.Str) o.get(name)).value();
    }

    public static byte[] hex(Json.Obj o, String name) {
        return o.get(name) == null ? null : HexFormat.of().parseHex(string(o, name));
    }

    public static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    public static long integer(Json.Obj o, String name) {
        return Long.parseLong(((Json.Num) o.get(name)).text());
    }

    /** The time of a member; null where the call is made without one, and its clock fails. */
    public static Long time(Json.Obj o, String name) {
        return o.get(name) instanceof Json.Null ? null : (Long) integer(o, name);
    }

    public static boolean bool(Json.Obj o, String name) {
        return o.get(name) instanceof Json.Bool b && b.value();
    }

    public static Context context(Json.Obj v) {
        return new Context(string(v, "audience"), string(v, "purpose"));
    }

    public static Keyring ring(Json.Obj v) {
        return ring(v, "keyring");
    }

    public static Keyring ring(Json.Obj v, String name) {
        List<Keyring.Entry> entries = new ArrayList<>();
        for (Json.Obj e : objects(v, name)) {
            entries.add(new Keyring.Entry(OnlyForVectors.key(hex(e, "key")),
                    e.get("seal_from") == null ? 0 : integer(e, "seal_from"),
                    e.get("accept_until") == null ? OptionalLong.empty() : OptionalLong.of(integer(e, "accept_until"))));
        }
        return Keyring.of(entries);
    }
}
