package dev.cretula.conform;

import dev.cretula.json.Json;
import java.util.List;
import java.util.Map;

/** Puts results together, with names in the order given. */
public final class Results {
    private Results() {
    }

    public static Json.Obj object(Object... namesAndValues) {
        Json.Obj o = Json.EMPTY;
        for (int i = 0; i < namesAndValues.length; i += 2) {
            if (namesAndValues[i + 1] != null) {
                o = o.with((String) namesAndValues[i], json(namesAndValues[i + 1]));
            }
        }
        return o;
    }

    private static Json json(Object value) {
        if (value instanceof Json json) {
            return json;
        } else if (value instanceof byte[] bytes) {
            return Json.of(VectorFile.hex(bytes));
        } else if (value instanceof Number number) {
            return Json.of(number.longValue());
        } else if (value instanceof Boolean bool) {
            return Json.of((boolean) bool);
        } else if (value instanceof List<?> list) {
            return new Json.Arr(list.stream().map(Results::json).toList());
        } else if (value instanceof Map<?, ?>) {
            throw new IllegalArgumentException("a map has no order");
        }
        return Json.of(value.toString());
    }
}
