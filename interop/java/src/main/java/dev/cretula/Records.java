package dev.cretula;

import dev.cretula.json.Json;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Session data as records of the application's, see {@link Session#view} and {@link Session#update}. */
final class Records {
    /** The types of one value that is no enum. */
    private static final Set<Class<?>> PLAIN = Set.of(int.class, Integer.class, long.class, Long.class, double.class,
            Double.class, boolean.class, Boolean.class, String.class);

    /** The types that were looked through, by {@link #check(Type, String, Set)}. */
    private static final ClassValue<Boolean> CHECKED = new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
            check(type, type.getSimpleName(), new HashSet<>());
            return true;
        }
    };

    /** A component of a record: its name, its type, and how it is read. */
    private record Part(String name, Type type, Method accessor) {
    }

    /** What reflection tells of a record's class. It copies what it tells, so each class is asked once. */
    private record Shape(List<Part> parts, Constructor<?> constructor) {
        static Shape of(Class<?> type) {
            RecordComponent[] components = type.getRecordComponents();
            Class<?>[] types = Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
            try {
                return new Shape(Arrays.stream(components)
                        .map(c -> new Part(c.getName(), c.getGenericType(), c.getAccessor())).toList(),
                        type.getDeclaredConstructor(types));
            } catch (ReflectiveOperationException e) {
                throw new IllegalArgumentException(type.getTypeName(), e);
            }
        }
    }

    private static final ClassValue<Shape> SHAPES = new ClassValue<>() {
        @Override
        protected Shape computeValue(Class<?> type) {
            return Shape.of(type);
        }
    };

    private Records() {
    }

    /** The data as a record, or {@code payload_invalid}, which names the member that has another type. */
    static <R extends Record> R read(Class<R> type, Json.Obj data) {
        CHECKED.get(type);
        return type.cast(record(type, data, "data"));
    }

    /** The members of a record. A component that is null, or an empty {@code Optional}, gives none. */
    static Json.Obj write(Record record) {
        return members(record, "data", 1);
    }

    /** Refuses a type that has no JSON form, also where it is inside another one. */
    private static void check(Type type, String place, Set<Type> seen) {
        if (!seen.add(type)) {
            return;
        }
        Class<?> raw = raw(type);
        if (raw == List.class && type instanceof ParameterizedType
                || raw == Optional.class && type instanceof ParameterizedType
                || raw == Map.class && type instanceof ParameterizedType p && p.getActualTypeArguments()[0] == String.class) {
            check(last(type), place, seen);
        } else if (raw.isRecord() && type == raw) {
            for (RecordComponent c : raw.getRecordComponents()) {
                check(c.getGenericType(), raw.getSimpleName() + "." + c.getName(), seen);
            }
        } else if (!PLAIN.contains(raw) && !Json.class.isAssignableFrom(raw) && !raw.isEnum()) {
            throw new IllegalArgumentException(place + ": no JSON form of " + type.getTypeName());
        }
    }

    private static Class<?> raw(Type type) {
        return type instanceof Class<?> c ? c : type instanceof ParameterizedType p ? (Class<?>) p.getRawType() : void.class;
    }

    /** Of {@code List<T>}, {@code Optional<T>} and {@code Map<String, T>}, the T. */
    private static Type last(Type type) {
        Type[] arguments = ((ParameterizedType) type).getActualTypeArguments();
        return arguments[arguments.length - 1];
    }

    private static Object record(Class<?> type, Json.Obj object, String place) {
        Shape shape = SHAPES.get(type);
        Object[] values = new Object[shape.parts.size()];
        for (int i = 0; i < values.length; i++) {
            Part part = shape.parts.get(i);
            Json member = object.get(part.name);
            values[i] = member == null ? absent(part.type) : value(part.type, member, place + "." + part.name);
        }
        try {
            shape.constructor.setAccessible(true);
            return shape.constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            throw own(e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(type.getTypeName(), e);
        }
    }

    private static Object absent(Type type) {
        Class<?> raw = raw(type);
        return raw == Optional.class ? Optional.empty() : raw == List.class ? List.of() : raw == Map.class ? Map.of()
                : raw == boolean.class ? (Object) false : raw == int.class ? (Object) 0 : raw == long.class ? (Object) 0L
                : raw == double.class ? (Object) 0.0 : null;
    }

    private static Object value(Type type, Json json, String place) {
        Class<?> raw = raw(type);
        if (raw == Optional.class) {
            return json instanceof Json.Null ? Optional.empty() : Optional.of(value(last(type), json, place));
        } else if (Json.class.isAssignableFrom(raw) && raw.isInstance(json)) {
            return json;
        } else if (Json.class.isAssignableFrom(raw)) {
            throw another(json, raw, place);
        } else if (json instanceof Json.Null && !raw.isPrimitive()) {
            return null;
        } else if (json instanceof Json.Num n && (raw == int.class || raw == Integer.class)) {
            Long integer = n.integer(Integer.MIN_VALUE, Integer.MAX_VALUE);
            if (integer != null) {
                return integer.intValue();
            }
        } else if (json instanceof Json.Num n && (raw == long.class || raw == Long.class)) {
            Long integer = n.integer(-Limits.INTEGER_MAX, Limits.INTEGER_MAX);
            if (integer != null) {
                return integer;
            }
        } else if (json instanceof Json.Num n && (raw == double.class || raw == Double.class)) {
            return n.value();
        } else if (json instanceof Json.Bool b && (raw == boolean.class || raw == Boolean.class)) {
            return b.value();
        } else if (json instanceof Json.Str s && raw == String.class) {
            return s.value();
        } else if (json instanceof Json.Str s && raw.isEnum()) {
            for (Object constant : raw.getEnumConstants()) {
                if (((Enum<?>) constant).name().equals(s.value())) {
                    return constant;
                }
            }
        } else if (json instanceof Json.Obj o && raw.isRecord()) {
            return record(raw, o, place);
        } else if (json instanceof Json.Arr a && raw == List.class) {
            List<Object> list = new ArrayList<>();
            for (Json item : a.items()) {
                list.add(value(last(type), item, place + "[" + list.size() + "]"));
            }
            return Collections.unmodifiableList(list);
        } else if (json instanceof Json.Obj o && raw == Map.class) {
            Map<String, Object> map = new LinkedHashMap<>();
            o.members().forEach((name, v) -> map.put(name, value(last(type), v, place + "." + SessionState.shown(name))));
            return Collections.unmodifiableMap(map);
        }
        throw another(json, raw, place);
    }

    private static CretulaException another(Json json, Class<?> wanted, String place) {
        String form = json instanceof Json.Str ? "a string" : json instanceof Json.Num ? "a number"
                : json instanceof Json.Bool ? "a boolean" : json instanceof Json.Null ? "null"
                : json instanceof Json.Arr ? "an array" : "an object";
        return new CretulaException(Code.PAYLOAD_INVALID, place + ": " + form + ", not " + wanted.getSimpleName());
    }

    private static Json.Obj members(Record record, String place, int level) {
        Map<String, Json> members = new LinkedHashMap<>();
        for (Part part : SHAPES.get(record.getClass()).parts) {
            Object value;
            try {
                part.accessor.setAccessible(true);
                value = part.accessor.invoke(record);
            } catch (InvocationTargetException e) {
                throw own(e);
            } catch (ReflectiveOperationException e) {
                throw new IllegalArgumentException(record.getClass().getTypeName(), e);
            }
            if (value != null && !Optional.empty().equals(value)) {
                members.put(part.name, json(value, place + "." + part.name, level + 1));
            }
        }
        return new Json.Obj(members);
    }

    private static Json json(Object value, String place, int level) {
        if (level > Limits.NESTING_MAX) {
            throw new CretulaException(Code.PAYLOAD_UNSERIALIZABLE, place + ": nests deeper than 16 levels");
        } else if (value == null) {
            return new Json.Null();
        } else if (value instanceof Json json) {
            return json;
        } else if (value instanceof Optional<?> optional) {
            return json(optional.orElse(null), place, level);
        } else if (value instanceof Integer || value instanceof Long) {
            return Json.of(((Number) value).longValue());
        } else if (value instanceof Double d) {
            if (!Double.isFinite(d)) {
                throw new CretulaException(Code.PAYLOAD_UNSERIALIZABLE, place + ": " + d);
            }
            return new Json.Num(d.toString());
        } else if (value instanceof Boolean b) {
            return Json.of(b);
        } else if (value instanceof Enum<?> constant) {
            return Json.of(constant.name());
        } else if (value instanceof Record record) {
            return members(record, place, level);
        } else if (value instanceof List<?> list) {
            List<Json> items = new ArrayList<>();
            for (Object item : list) {
                items.add(json(item, place + "[" + items.size() + "]", level + 1));
            }
            return new Json.Arr(items);
        } else if (value instanceof Map<?, ?> map) {
            Map<String, Json> members = new LinkedHashMap<>();
            map.forEach((name, v) ->
                    members.put((String) name, json(v, place + "." + SessionState.shown((String) name), level + 1)));
            return new Json.Obj(members);
        }
        return Json.of((String) value);
    }

    /** What the application's own constructor or accessor threw. */
    private static RuntimeException own(InvocationTargetException e) {
        if (e.getCause() instanceof Error error) {
            throw error;
        }
        return e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
    }

    /**
     * Puts a change into what came (SESS-12): {@code before} and {@code after} are what a record made of it and makes
     * now. What the record does not know stays.
     */
    static Json.Obj changed(Json.Obj came, Json.Obj before, Json.Obj after, String place) {
        Map<String, Json> members = new LinkedHashMap<>(came.members());
        members.keySet().removeIf(name -> before.get(name) != null && after.get(name) == null);
        after.members().forEach((name, now) -> {
            Json then = before.get(name);
            Json old = came.get(name);
            if (then == null || !SessionState.same(then, now)) {
                boolean merges = then != null && old != null;
                members.put(name, merges ? changed(old, then, now, place + "." + SessionState.shown(name)) : now);
            }
        });
        return new Json.Obj(members);
    }

    private static Json changed(Json came, Json before, Json after, String place) {
        if (SessionState.same(before, after)) {
            return came;
        } else if (SessionState.same(came, before)) {
            return after;
        } else if (came instanceof Json.Obj c && before instanceof Json.Obj b && after instanceof Json.Obj a) {
            return changed(c, b, a, place);
        } else if (came instanceof Json.Arr c && before instanceof Json.Arr b && after instanceof Json.Arr a
                && c.items().size() == b.items().size()) {
            int[] origins = origins(b.items(), a.items(), place);
            List<Json> items = new ArrayList<>();
            for (int i = 0; i < origins.length; i++) {
                int from = origins[i];
                Json item = a.items().get(i);
                items.add(from < 0 ? item : changed(c.items().get(from), b.items().get(from), item, place + "[" + i + "]"));
            }
            return new Json.Arr(items);
        }
        return after;
    }

    /**
     * For each item of {@code after} the place that it had in {@code before}: that of an equal one, else the same place,
     * else -1. Fails where the array got shorter and an item was altered: nobody can tell which.
     */
    private static int[] origins(List<Json> before, List<Json> after, String place) {
        int[] origins = new int[after.size()];
        boolean[] taken = new boolean[before.size()];
        for (int i = 0; i < origins.length; i++) {
            origins[i] = i < taken.length && SessionState.same(before.get(i), after.get(i)) ? i : -1;
            if (origins[i] >= 0) {
                taken[i] = true;
            }
        }
        for (int i = 0; i < origins.length; i++) {
            for (int j = 0; j < taken.length && origins[i] < 0; j++) {
                if (!taken[j] && SessionState.same(before.get(j), after.get(i))) {
                    origins[i] = j;
                    taken[j] = true;
                }
            }
        }
        for (int i = 0; i < origins.length; i++) {
            if (origins[i] < 0 && after.size() < before.size()) {
                throw new CretulaException(Code.PAYLOAD_UNSERIALIZABLE, place
                        + ": an array with members that the record does not know got shorter, and an item of it was altered");
            } else if (origins[i] < 0 && i < taken.length && !taken[i]) {
                origins[i] = i;
                taken[i] = true;
            }
        }
        return origins;
    }
}
