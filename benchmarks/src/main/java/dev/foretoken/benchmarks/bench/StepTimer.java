package dev.foretoken.benchmarks.bench;

/** Runs one step of so many rows and says how long it took. One call at a time. */
interface StepTimer extends AutoCloseable {
    /** Nanoseconds of one step. */
    long stepNs(int rows);

    /** Whether steps take the time that they will take. */
    default boolean isWarm() {
        return true;
    }

    @Override
    default void close() {}
}
