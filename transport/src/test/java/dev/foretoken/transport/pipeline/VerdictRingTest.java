package dev.foretoken.transport.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.lmax.disruptor.Sequence;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class VerdictRingTest {
    private static final int CAPACITY = 32;

    private final EngineCounters counters = new EngineCounters();
    private final VerdictRing ring = new VerdictRing(1, counters);
    private final Sequence consumer = new Sequence();
    private final Session session = StressSessions.session();

    VerdictRingTest() {
        ring.gateOn(consumer);
    }

    @Test
    void shouldClearWhatEveryConsumerHasPassed() {
        publish();

        consumer.set(0);
        ring.claim();

        assertThat(ring.get(0).session).isNull();
    }

    @Test
    void shouldKeepAnEventThatWaitedForRoomInAFullRing() throws Exception {
        for (int i = 0; i < CAPACITY; i++) {
            publish();
        }
        try (ExecutorService lane = Executors.newSingleThreadExecutor()) {
            Future<Long> waited = lane.submit(this::publish);
            while (counters.get(EngineCounter.VERDICT_RING_WAITS) == 0) {
                LockSupport.parkNanos(100_000);
            }
            consumer.set(0); // the consumer lags behind, and passes one event at a time

            assertThat(waited.get(10, TimeUnit.SECONDS)).isEqualTo(CAPACITY);
            consumer.set(1);
            lane.submit(this::publish).get(10, TimeUnit.SECONDS);
        }

        assertThat(ring.get(CAPACITY).session).isSameAs(session);
        assertThat(ring.get(CAPACITY + 1).session).isSameAs(session);
    }

    private long publish() {
        long sequence = ring.claim();
        ring.get(sequence).session = session;
        ring.publish(sequence);
        return sequence;
    }
}
