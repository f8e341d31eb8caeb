package dev.cretula;

import dev.cretula.hazmat.OnlyForVectors;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/** Test keys and rings. */
public final class TestRing {
    public static final long NOW = 1_790_000_000;
    public static final Context CONTEXT = new Context("shop.example", "session");

    private TestRing() {
    }

    public static Key key(int number) {
        byte[] bytes = Arrays.copyOf("cretula-test-key".getBytes(StandardCharsets.US_ASCII), 32);
        bytes[31] = (byte) number;
        return OnlyForVectors.key(bytes);
    }

    public static Keyring ring(int... numbers) {
        return Keyring.of(Arrays.stream(numbers).mapToObj(n -> new Keyring.Entry(key(n))).toList());
    }

    static Keyring ending(long until) {
        return Keyring.of(List.of(new Keyring.Entry(key(1), 0, OptionalLong.of(until))));
    }

    /** The code with which the call is refused. */
    public static Code code(Call call) {
        try {
            call.run();
        } catch (Exception e) {
            if (e instanceof Refusal refusal) {
                return refusal.code();
            }
            throw new AssertionError(e);
        }
        throw new AssertionError("not refused");
    }

    /** A call that may throw. */
    @FunctionalInterface
    public interface Call {
        void run() throws Exception;
    }
}
