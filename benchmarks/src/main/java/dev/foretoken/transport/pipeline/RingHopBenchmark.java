package dev.foretoken.transport.pipeline;

import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.SequenceBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One hop of an event through a ring to another thread, with the stages' own waiting. {@link #wake}: the stage sleeps, so a
 * hop is a publication and a wake-up (half of a ping-pong). {@link #stream}: events as fast as one thread publishes them, time
 * per event; a stage that keeps up sleeps between them, and then the publisher pays for waking it.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Benchmark)
public class RingHopBenchmark {
    private static final int EVENTS = 1 << 12;

    private final Parker parker = new Parker();
    private final RingBuffer<long[]> ring =
            RingBuffer.createSingleProducer(() -> new long[1], EVENTS, new StageWaitStrategy(parker));
    private final Echo echo = new Echo(ring.newBarrier(), parker);
    private final Thread thread = new Thread(echo, "echo");
    private long published;

    /** Says when it has taken an event. */
    private static final class Echo extends RingStage {
        private volatile long taken;
        private volatile @Nullable Thread waiting;

        Echo(SequenceBarrier barrier, Parker parker) {
            super(barrier, parker);
        }

        @Override
        void onEvent(long sequenceNumber) {
            taken = sequenceNumber + 1;
            Thread sleeper = waiting;
            if (sleeper != null) {
                LockSupport.unpark(sleeper);
            }
        }
    }

    @Setup(Level.Trial)
    public void start() {
        ring.addGatingSequences(echo.sequence());
        thread.setDaemon(true);
        thread.start();
    }

    @TearDown(Level.Trial)
    public void stop() throws InterruptedException {
        echo.halt();
        thread.join();
    }

    @Benchmark
    @OperationsPerInvocation(2)
    public long wake() {
        echo.waiting = Thread.currentThread();
        publish();
        while (echo.taken < published) {
            LockSupport.park(this);
        }
        return echo.taken;
    }

    @Benchmark
    @OperationsPerInvocation(EVENTS)
    public long stream() {
        echo.waiting = null;
        for (int i = 0; i < EVENTS; i++) {
            publish();
        }
        while (echo.taken < published) {
            Thread.onSpinWait();
        }
        return echo.taken;
    }

    private void publish() {
        long sequence = ring.next();
        ring.get(sequence)[0] = sequence;
        ring.publish(sequence);
        published = sequence + 1;
    }
}
