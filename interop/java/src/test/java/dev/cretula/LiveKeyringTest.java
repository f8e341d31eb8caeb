package dev.cretula;

import static dev.cretula.TestRing.code;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Exchanges of a ring take effect in the order in which they began (RING-17). */
@Timeout(60)
class LiveKeyringTest {
    private static byte[] document(Key key) {
        return key.secretText().getBytes(StandardCharsets.US_ASCII);
    }

    private final Keyring first = Keyring.parse(document(Key.generate()));
    private final LiveKeyring live = new LiveKeyring(first);
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch mayEnd = new CountDownLatch(1);

    /** A reading that has the document, and is slow to give it. */
    private CompletableFuture<Boolean> slowReload(byte[] document) throws InterruptedException {
        CompletableFuture<Boolean> done = CompletableFuture.supplyAsync(() -> {
            try {
                return live.reload(() -> {
                    begun.countDown();
                    mayEnd.await();
                    return document;
                });
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        begun.await();
        return done;
    }

    @Test
    void aDelayedReadingDoesNotReplaceALaterOne() throws Exception {
        Key old = Key.generate();
        Key newest = Key.generate();
        CompletableFuture<Boolean> slow = slowReload(document(old));
        assertTrue(live.reload(document(newest)));
        Keyring inForce = live.ring();
        mayEnd.countDown();
        assertFalse(slow.get(30, TimeUnit.SECONDS));
        assertSame(inForce, live.ring());
        assertEquals(newest, live.ring().entries().get(0).key());
    }

    @Test
    void aDelayedReadingDoesNotReplaceALaterExchange() throws Exception {
        CompletableFuture<Boolean> slow = slowReload(document(Key.generate()));
        Keyring next = TestRing.ring(2);
        assertTrue(live.exchange(next));
        mayEnd.countDown();
        assertFalse(slow.get(30, TimeUnit.SECONDS));
        assertSame(next, live.ring());
    }

    @Test
    void aLaterOneThatWasRefusedHoldsNothingUp() throws Exception {
        Key key = Key.generate();
        CompletableFuture<Boolean> slow = slowReload(document(key));
        assertEquals(Code.KEYRING_FORMAT, code(() -> live.reload(() -> "{".getBytes(StandardCharsets.UTF_8))));
        assertThrows(IOException.class, () -> live.reload(() -> {
            throw new IOException("no file");
        }));
        assertSame(first, live.ring());
        mayEnd.countDown();
        assertTrue(slow.get(30, TimeUnit.SECONDS));
        assertEquals(key, live.ring().entries().get(0).key());
    }
}
