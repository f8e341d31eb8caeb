package dev.cretula;

import static dev.cretula.TestRing.CONTEXT;
import static dev.cretula.TestRing.NOW;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** One sealer and one unsealer for all threads, while the ring is exchanged. */
class ConcurrencyTest {
    @Test
    void manyThreadsAndANewRing() throws Exception {
        LiveKeyring live = new LiveKeyring(TestRing.ring(1, 2));
        Sealer sealer = Sealer.of(live, CONTEXT);
        Unsealer unsealer = Unsealer.of(live, CONTEXT);
        Set<String> tokens = ConcurrentHashMap.newKeySet();
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Callable<Void>> work = new ArrayList<>();
            for (int t = 0; t < 8; t++) {
                int number = t;
                work.add(() -> {
                    for (int i = 0; i < 500; i++) {
                        if (number == 0) {
                            live.exchange(i % 2 == 0 ? TestRing.ring(2, 1) : TestRing.ring(1, 2));
                        }
                        byte[] payload = {(byte) number, (byte) i};
                        String token = sealer.seal(payload, 600, NOW);
                        tokens.add(token);
                        assertArrayEquals(payload, unsealer.unseal(token, NOW).payload());
                    }
                    return null;
                });
            }
            for (Future<Void> done : threads.invokeAll(work)) {
                done.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertEquals(4_000, tokens.size(), "no token twice");
    }
}
