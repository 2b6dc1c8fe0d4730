package dev.foretoken.engine.kernel;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One calling thread and {@code threads - 1} workers that run regions of chunks together.
 *
 * <p>A region is {@link #run}: chunks are claimed one by one by whoever is free, so a descheduled worker delays nothing but
 * its own chunk. Between regions workers spin for less than a millisecond and then park; {@link #idle} parks them at once. A
 * region costs about a microsecond and allocates nothing (keep the {@link Task} in a field).
 *
 * <p>Threading: one region at a time, from one owning thread; a second caller, also a chunk that calls {@code run}, gets an
 * {@link IllegalStateException}. What the caller wrote before {@code run} is visible to all chunks, and what chunks wrote is
 * visible after it. Workers are daemon threads and end with {@link #close}.
 */
public final class ComputeTeam implements AutoCloseable {
    /** Chunks of one region at most. */
    public static final int CHUNKS_MAX = 0xffff;

    /** One region's work; chunks may run in any order and at the same time. */
    @FunctionalInterface
    public interface Task {
        /**
         * Runs one chunk.
         *
         * @param chunk 0 to chunks - 1
         * @param worker number of the running thread, 0 (the caller) to {@code threads() - 1}; index of its {@link Scratch}
         */
        void run(int chunk, int worker);
    }

    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);

    // Words that different threads write lie 128 bytes apart (two cache lines: neighbours are prefetched in pairs).
    private static final int APART = 16;
    /** epoch << 32 | chunks << 16 | next chunk: one word, so a late worker can neither steal nor delay. */
    private static final int STATE = APART;

    private static final int DONE = 2 * APART;
    /** Workers that are parked or about to be. */
    private static final int PARKED = 3 * APART;
    /** 1 while the owner expects no region soon. */
    private static final int IDLE = 4 * APART;

    private static final long SPIN_NS = TimeUnit.MICROSECONDS.toNanos(400);
    /** Spins between two looks at the clock. */
    private static final int SPINS_PER_LOOK = 64;
    /** Spins of the caller before it lets a descheduled worker run. */
    private static final int SPINS_BEFORE_YIELD = 4096;

    private static final Task NOTHING = (chunk, worker) -> {};

    private final long[] words = new long[6 * APART];
    private final Thread[] workers;
    private final AtomicBoolean running = new AtomicBoolean();
    private volatile Task task = NOTHING;
    private volatile @Nullable Throwable failure;
    private volatile boolean closed;

    /**
     * Starts the workers.
     *
     * @param threads 1 (everything runs on the caller) or more
     * @param name prefix of the threads' names
     */
    public ComputeTeam(int threads, String name) {
        if (threads < 1) throw new IllegalArgumentException("a compute team needs at least one thread, got " + threads);
        workers = new Thread[threads - 1];
        for (int i = 0; i < workers.length; i++) {
            int worker = i + 1;
            workers[i] = Thread.ofPlatform().daemon().name(name + "-" + worker).unstarted(() -> work(worker));
        }
        for (Thread worker : workers) worker.start();
    }

    /** Threads including the caller. */
    public int threads() {
        return workers.length + 1;
    }

    /**
     * Runs chunks 0 to {@code chunks - 1} and returns when all are done. A chunk that throws counts as done, the others
     * still run, and the first exception then leaves this call.
     *
     * @param chunks 0 to {@link #CHUNKS_MAX}
     * @throws IllegalStateException if a region is running or the team is closed
     */
    public void run(int chunks, Task work) {
        if (chunks < 0 || chunks > CHUNKS_MAX)
            throw new IllegalArgumentException("a region has 0 to " + CHUNKS_MAX + " chunks, got " + chunks);
        if (!running.compareAndSet(false, true))
            throw new IllegalStateException(
                    "the compute team is running a region; give every calling thread its own team");
        try {
            if (closed) throw new IllegalStateException("the compute team is closed");
            region(chunks, work);
        } finally {
            running.set(false);
        }
        Throwable thrown = failure;
        if (thrown != null) {
            failure = null;
            rethrow(thrown);
        }
    }

    private void region(int chunks, Task work) {
        task = work;
        WORD.setVolatile(words, DONE, 0L);
        WORD.setVolatile(words, IDLE, 0L);
        long epoch = ((long) WORD.getVolatile(words, STATE) >>> 32) + 1;
        WORD.setVolatile(words, STATE, epoch << 32 | (long) chunks << 16);
        if (chunks > 1 && (long) WORD.getVolatile(words, PARKED) > 0) wakeAll();
        while (claim(0)) {}
        for (int spins = 0; (long) WORD.getVolatile(words, DONE) < chunks; spins++) {
            if (spins < SPINS_BEFORE_YIELD) Thread.onSpinWait();
            else Thread.yield();
        }
        task = NOTHING;
    }

    /** Says that no region will come soon: spinning workers park now instead of within a millisecond. */
    public void idle() {
        WORD.setVolatile(words, IDLE, 1L);
    }

    /** Workers that are parked or about to be; for tests and counters. */
    int parked() {
        return (int) (long) WORD.getVolatile(words, PARKED);
    }

    private boolean hasChunk() {
        long state = (long) WORD.getVolatile(words, STATE);
        return (state & CHUNKS_MAX) < (state >>> 16 & CHUNKS_MAX);
    }

    /** Runs one chunk if one is left. Once claimed, the region cannot end before DONE counts it, so task is its task. */
    private boolean claim(int worker) {
        long state = (long) WORD.getVolatile(words, STATE);
        if ((state & CHUNKS_MAX) >= (state >>> 16 & CHUNKS_MAX)) return false;
        if (!WORD.compareAndSet(words, STATE, state, state + 1)) return true;
        try {
            task.run((int) (state & CHUNKS_MAX), worker);
        } catch (Throwable thrown) {
            keepFirst(thrown);
        } finally {
            long _ = (long) WORD.getAndAdd(words, DONE, 1L);
        }
        return true;
    }

    private synchronized void keepFirst(Throwable thrown) {
        if (failure == null) failure = thrown;
    }

    private void work(int worker) {
        long spinUntil = System.nanoTime() + SPIN_NS;
        while (!closed) {
            if (claim(worker)) {
                spinUntil = System.nanoTime() + SPIN_NS;
                while (claim(worker)) {}
            }
            for (int i = 0; i < SPINS_PER_LOOK && !hasChunk(); i++) Thread.onSpinWait();
            boolean idle = (long) WORD.getVolatile(words, IDLE) != 0;
            if (!hasChunk() && (idle || System.nanoTime() - spinUntil > 0)) {
                park();
                spinUntil = System.nanoTime() + SPIN_NS;
            }
        }
    }

    /** Either the caller sees PARKED and wakes us, or we see its chunks: both words are volatile. */
    private void park() {
        long _ = (long) WORD.getAndAdd(words, PARKED, 1L);
        while (!hasChunk() && !closed) LockSupport.park(this);
        long _ = (long) WORD.getAndAdd(words, PARKED, -1L);
    }

    private void wakeAll() {
        for (Thread worker : workers) LockSupport.unpark(worker);
    }

    private static void rethrow(Throwable thrown) {
        switch (thrown) {
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException(thrown);
        }
    }

    /** Ends the workers and waits for them. Idempotent; not to be called from a chunk or while a region runs. */
    @Override
    public void close() {
        closed = true;
        wakeAll();
        boolean interrupted = false;
        for (Thread worker : workers) {
            while (worker.isAlive()) {
                try {
                    worker.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
    }
}
