package dev.foretoken.transport.pipeline;

import com.lmax.disruptor.InsufficientCapacityException;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.Sequence;
import com.lmax.disruptor.SequenceBarrier;
import com.lmax.disruptor.Sequencer;
import java.util.concurrent.locks.LockSupport;

/** The verdict ring: one producer, the lane; drafters, tracer and streamer read it. */
final class VerdictRing {
    /** ADMITTED, READY, two VERDICTs and ENDED of every session, and room to spare. */
    private static final int EVENTS_PER_SESSION = 6;

    /** What one slot takes, the arrays of its tree, report and verdict included. */
    static final int EVENT_BYTES = 9 << 10;

    private static final long FULL_PARK_NS = 100_000;

    private final RingBuffer<VerdictEvent> ring;
    private final EngineCounters counters;
    private long cleared = Sequencer.INITIAL_CURSOR_VALUE; // producer

    VerdictRing(int sessionsMax, EngineCounters counters, Parker... consumers) {
        this.ring = RingBuffer.createSingleProducer(
                VerdictEvent::new, capacity(sessionsMax), new StageWaitStrategy(consumers));
        this.counters = counters;
    }

    private static int capacity(int sessionsMax) {
        return Integer.highestOneBit(Math.max(16, EVENTS_PER_SESSION * sessionsMax)) << 1;
    }

    /** Bytes of the ring for so many sessions. */
    static long bytes(int sessionsMax) {
        return (long) capacity(sessionsMax) * EVENT_BYTES;
    }

    /**
     * Claims the next slot; parks while the ring is full, which no consumer can cause by waiting for the lane. With several
     * drafter threads one may be that far behind the sessions of the others.
     */
    long claim() {
        long sequence = next();
        // After the claim, so that what this slot held is cleared too: the next claim would wipe the new event with it.
        clearPassed();
        return sequence;
    }

    private long next() {
        boolean counted = false;
        while (true) {
            try {
                return ring.tryNext();
            } catch (InsufficientCapacityException full) {
                if (!counted) {
                    counters.increment(EngineCounter.VERDICT_RING_WAITS);
                    counted = true;
                }
                LockSupport.parkNanos(FULL_PARK_NS);
            }
        }
    }

    /** Clears the slots that every consumer has passed since the last time. */
    private void clearPassed() {
        for (long passed = ring.getMinimumGatingSequence(); cleared < passed; ) {
            ring.get(++cleared).clear();
        }
    }

    VerdictEvent get(long sequence) {
        return ring.get(sequence);
    }

    void publish(long sequence) {
        ring.publish(sequence);
    }

    SequenceBarrier newBarrier(Sequence... dependencies) {
        return ring.newBarrier(dependencies);
    }

    void gateOn(Sequence... sequences) {
        ring.addGatingSequences(sequences);
    }
}
