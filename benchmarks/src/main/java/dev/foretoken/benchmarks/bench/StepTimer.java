package dev.foretoken.benchmarks.bench;

/** Runs one step of so many rows and says how long it took. One call at a time. */
interface StepTimer extends AutoCloseable {
    /** Nanoseconds of one step. */
    long stepNs(int rows);

    @Override
    default void close() {}
}
