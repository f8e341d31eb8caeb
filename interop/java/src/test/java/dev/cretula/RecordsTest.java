package dev.cretula;

import static dev.cretula.TestRing.CONTEXT;
import static dev.cretula.TestRing.NOW;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cretula.json.Json;
import dev.cretula.json.JsonException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Data as records: what a record does not know stays (SESS-12), and a member of another type is named. */
class RecordsTest {
    enum Size { S, M }

    record Item(String sku, long amount, Optional<Size> size) {
        Item(String sku, long amount) {
            this(sku, amount, Optional.empty());
        }
    }

    record Shop(List<Item> items, Map<String, Integer> seen, Item gift, Optional<String> coupon, boolean member,
            double rate, Json free) {
        Shop with(List<Item> newItems) {
            return new Shop(newItems, seen, gift, coupon, member, rate, free);
        }
    }

    record Boxes(Integer i, Long l, Double d, Boolean b, List<Optional<String>> maybe, int number) {
    }

    record Node(String name, List<Node> children) {
    }

    private static Session of(String data) {
        Session session = Sessions.builder(TestRing.ring(1), CONTEXT).build().open(null, sid -> false, NOW).unchecked();
        session.setData(object(data));
        return session;
    }

    private static Json.Obj object(String text) {
        try {
            return (Json.Obj) Json.parse(text);
        } catch (JsonException e) {
            throw new AssertionError(text, e);
        }
    }

    private static void refused(Code code, String place, Runnable call) {
        CretulaException e = assertThrows(CretulaException.class, call::run);
        assertEquals(code, e.code());
        assertTrue(e.getMessage().startsWith(code + ": " + place), e.getMessage());
    }

    @Test
    void everyTypeIsReadAndWritten() {
        Shop full = new Shop(List.of(new Item("a", -(1L << 53) + 1), new Item("b", 2, Optional.of(Size.M))),
                Map.of("ä", 3), new Item("g", 0), Optional.of("c"), true, 1.5e-7, Json.of("any"));
        Session s = of("{}");
        assertEquals(full, s.update(Shop.class, none -> full));
        assertEquals(full, s.view(Shop.class));
        assertEquals("{\"items\":[{\"sku\":\"a\",\"amount\":-9007199254740991},{\"sku\":\"b\",\"amount\":2,\"size\":\"M\"}],"
                + "\"seen\":{\"ä\":3},\"gift\":{\"sku\":\"g\",\"amount\":0},\"coupon\":\"c\",\"member\":true,\"rate\":1.5E-7,"
                + "\"free\":\"any\"}", Json.write(s.data()));
        Boxes boxes = new Boxes(1, 2L, 3.0, false, List.of(Optional.of("x"), Optional.empty()), 7);
        Session t = of("{\"i\":1.0,\"l\":2e0,\"d\":3,\"b\":false,\"maybe\":[\"x\",null],\"number\":7}");
        assertEquals(boxes, t.view(Boxes.class));
        t.update(Boxes.class, UnaryOperator.identity());
        assertEquals("{\"i\":1.0,\"l\":2e0,\"d\":3,\"b\":false,\"maybe\":[\"x\",null],\"number\":7}", Json.write(t.data()));
    }

    @Test
    void absentMembers() {
        assertEquals(new Shop(List.of(), Map.of(), null, Optional.empty(), false, 0, null), of("{}").view(Shop.class));
        assertEquals(new Boxes(null, null, null, null, List.of(), 0), of("{}").view(Boxes.class));
        assertEquals(new Boxes(null, null, null, null, null, 0),
                of("{\"i\":null,\"l\":null,\"d\":null,\"b\":null,\"maybe\":null}").view(Boxes.class));
    }

    @Test
    void whatIsAbsentOrNullAndNotChangedIsNotWritten() {
        Session s = of("{\"gift\":null,\"x\":1}");
        s.update(Shop.class, shop -> shop.with(List.of(new Item("a", 1))));
        assertEquals("{\"gift\":null,\"x\":1,\"items\":[{\"sku\":\"a\",\"amount\":1}]}", Json.write(s.data()));
    }

    @Test
    void aNullDropsTheMember() {
        Session s = of("{\"coupon\":\"c\",\"gift\":{\"sku\":\"g\",\"amount\":1,\"x\":1},\"y\":2}");
        s.update(Shop.class, shop -> new Shop(shop.items(), shop.seen(), null, Optional.empty(), false, 0, null));
        assertEquals("{\"y\":2}", Json.write(s.data()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{\"items\":{}}                                 | data.items: an object, not List",
        "{\"items\":[1]}                                | data.items[0]: a number, not Item",
        "{\"items\":[{},{\"amount\":\"1\"}]}            | data.items[1].amount: a string, not long",
        "{\"items\":[{\"amount\":1.5}]}                 | data.items[0].amount: a number, not long",
        "{\"items\":[{\"amount\":null}]}                | data.items[0].amount: null, not long",
        "{\"items\":[{\"size\":\"XXL\"}]}               | data.items[0].size: a string, not Size",
        "{\"seen\":{\"a\":2147483648}}                  | data.seen.a: a number, not Integer",
        "{\"seen\":{\"a\\nb\":true}}                    | data.seen.a?b: a boolean, not Integer",
        "{\"gift\":[]}                                  | data.gift: an array, not Item",
        "{\"coupon\":7}                                 | data.coupon: a number, not String",
        "{\"member\":0}                                 | data.member: a number, not boolean",
        "{\"rate\":\"1\"}                               | data.rate: a string, not double"})
    void aMemberOfAnotherTypeIsNamed(String data, String message) {
        Session s = of(data);
        refused(Code.PAYLOAD_INVALID, message, () -> s.view(Shop.class));
        refused(Code.PAYLOAD_INVALID, message, () -> s.update(Shop.class, shop -> shop));
        assertEquals(object(data), s.data());
    }

    record AnObject(Json.Obj any) {
    }

    @Test
    void aJsonOfAnotherForm() {
        assertEquals(object("{\"a\":[]}"), of("{\"any\":{\"a\":[]}}").view(AnObject.class).any());
        refused(Code.PAYLOAD_INVALID, "data.any: a string, not Obj", () -> of("{\"any\":\"x\"}").view(AnObject.class));
        refused(Code.PAYLOAD_INVALID, "data.any: null, not Obj", () -> of("{\"any\":null}").view(AnObject.class));
    }

    @Test
    void unknownMembersStayAtAnyDepth() {
        Session s = of("{\"x\":1.50,\"gift\":{\"y\":[null],\"sku\":\"g\"},\"items\":[{\"sku\":\"a\",\"z\":-0},{\"sku\":\"b\"}]}");
        s.update(Shop.class, shop -> new Shop(List.of(new Item("a", 9), new Item("b", 0), new Item("c", 1)), shop.seen(),
                new Item("h", 0), shop.coupon(), true, 0, null));
        assertEquals("{\"x\":1.50,\"gift\":{\"y\":[null],\"sku\":\"h\"},\"items\":[{\"sku\":\"a\",\"z\":-0,\"amount\":9},"
                + "{\"sku\":\"b\"},{\"sku\":\"c\",\"amount\":1}],\"member\":true}", Json.write(s.data()));
    }

    @Test
    void itemsKeepTheirUnknownMembers() {
        String three = "{\"items\":[{\"sku\":\"a\",\"x\":1},{\"sku\":\"b\",\"x\":2},{\"sku\":\"c\",\"x\":3}]}";
        Item a = new Item("a", 0);
        Item b = new Item("b", 0);
        Item c = new Item("c", 0);
        assertItems(three, List.of(c, a, b), "[{\"sku\":\"c\",\"x\":3},{\"sku\":\"a\",\"x\":1},{\"sku\":\"b\",\"x\":2}]");
        assertItems(three, List.of(c), "[{\"sku\":\"c\",\"x\":3}]");
        assertItems(three, List.of(a, a, b, c),
                "[{\"sku\":\"a\",\"x\":1},{\"sku\":\"a\",\"amount\":0},{\"sku\":\"b\",\"x\":2},{\"sku\":\"c\",\"x\":3}]");
        assertItems(three, List.of(a, new Item("b", 5), c),
                "[{\"sku\":\"a\",\"x\":1},{\"sku\":\"b\",\"x\":2,\"amount\":5},{\"sku\":\"c\",\"x\":3}]");
        assertItems(three, List.of(), "[]");
        Session s = of(three);
        refused(Code.PAYLOAD_UNSERIALIZABLE, "data.items: an array with members that the record does not know",
                () -> s.update(Shop.class, shop -> shop.with(List.of(a, new Item("c", 5)))));
        assertEquals(object(three), s.data());
        assertItems("{\"items\":[{\"sku\":\"a\",\"amount\":1},{\"sku\":\"b\",\"amount\":2}]}", List.of(new Item("b", 5)),
                "[{\"sku\":\"b\",\"amount\":5}]");
    }

    private static void assertItems(String data, List<Item> items, String expected) {
        Session s = of(data);
        s.update(Shop.class, shop -> shop.with(items));
        assertEquals(expected, Json.write(s.data().get("items")));
    }

    record Lower(String k) {
    }

    @Test
    void namesThatDifferInCaseAreTwo() {
        Session s = of("{\"K\":2,\"\u212a\":3}");
        s.update(Lower.class, lower -> new Lower(lower.k() == null ? "new" : "found"));
        assertEquals("{\"K\":2,\"\u212a\":3,\"k\":\"new\"}", Json.write(s.data()));
    }

    record Date(List<Instant> when) {
    }

    record Any(Object x) {
    }

    record Pair<T>(T one) {
    }

    record OfPair(Pair<String> pair) {
    }

    record Keys(Map<Size, String> map) {
    }

    @Test
    @SuppressWarnings({"unchecked", "rawtypes"})
    void aTypeWithoutAJsonFormIsRefusedBeforeThereIsData() {
        for (Class<? extends Record> type : List.of(Date.class, Any.class, Pair.class, OfPair.class, Keys.class)) {
            Session s = of("{}");
            assertTrue(assertThrows(IllegalArgumentException.class, () -> s.view((Class) type)).getMessage()
                    .contains(": no JSON form of "), type.getName());
        }
    }

    @Test
    void recordsOfRecords() {
        Session s = of("{\"name\":\"a\",\"children\":[{\"name\":\"b\",\"x\":1}]}");
        s.update(Node.class, n -> new Node("c", n.children()));
        assertEquals("{\"name\":\"c\",\"children\":[{\"name\":\"b\",\"x\":1}]}", Json.write(s.data()));
        List<Node> endless = new ArrayList<>();
        endless.add(new Node("a", endless));
        refused(Code.PAYLOAD_UNSERIALIZABLE, "data.children[0].children[0]", () -> s.update(Node.class, n -> endless.get(0)));
        // Nobody else reads that deep: the commit's own refusal comes first (SESS-06).
        Json deep = Json.EMPTY;
        for (int i = 0; i < 100_000; i++) {
            deep = new Json.Obj(Map.of("children", new Json.Arr(List.of(deep))));
        }
        Session d = of("{}");
        d.setData((Json.Obj) deep);
        refused(Code.PAYLOAD_UNSERIALIZABLE, "data.children[0]", () -> d.view(Node.class));
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY})
    void numbersThatJsonHasNot(double rate) {
        Session s = of("{\"rate\":1}");
        refused(Code.PAYLOAD_UNSERIALIZABLE, "data.rate: " + rate, () ->
                s.update(Shop.class, shop -> new Shop(List.of(), Map.of(), null, Optional.empty(), false, rate, null)));
        assertEquals("{\"rate\":1}", Json.write(s.data()));
    }

    record Positive(int n) {
        Positive {
            if (n < 0) {
                throw new IllegalStateException("negative");
            }
        }
    }

    @Test
    void whatTheApplicationThrowsIsNotSwallowed() {
        Session s = of("{\"n\":-1}");
        assertEquals("negative", assertThrows(IllegalStateException.class, () -> s.view(Positive.class)).getMessage());
        Session t = of("{}");
        assertThrows(ArithmeticException.class, () -> t.update(Positive.class, p -> new Positive(1 / p.n())));
        assertEquals(Json.EMPTY, t.data());
    }

    @Test
    void nullsInLists() {
        Session s = of("{\"maybe\":[null]}");
        assertEquals(Arrays.asList(Optional.empty()), s.view(Boxes.class).maybe());
        Session t = of("{\"items\":[null,{\"x\":1}]}");
        t.update(Shop.class, shop -> shop.with(Arrays.asList(shop.items().get(1), null)));
        assertEquals("{\"items\":[{\"x\":1},null]}", Json.write(t.data()));
        assertThrows(UnsupportedOperationException.class, () -> t.view(Shop.class).items().clear());
        assertThrows(UnsupportedOperationException.class, () -> t.view(Shop.class).seen().putAll(Collections.singletonMap("a", 1)));
    }

    @Test
    void afterTheCommit() {
        Sessions sessions = Sessions.builder(TestRing.ring(1), CONTEXT).build();
        Session s = sessions.open(null, sid -> false, NOW).unchecked();
        s.update(Positive.class, p -> new Positive(2));
        sessions.commit(s, NOW);
        assertEquals(2, s.view(Positive.class).n());
        refused(Code.COMMITTED, "", () -> s.update(Positive.class, p -> new Positive(3)));
    }

    @Test
    void noChangeOfAnotherThreadIsLost() throws Exception {
        Session s = of("{}");
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            threads.add(new Thread(() -> {
                for (int k = 0; k < 500; k++) {
                    s.update(Positive.class, p -> new Positive(p.n() + 1));
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(4000, s.view(Positive.class).n());
    }
}
