package dev.foretoken.transport.pipeline;

/** Where stages read the time; a test sets its own. */
@FunctionalInterface
interface StageClock {
    StageClock SYSTEM = System::nanoTime;

    long nowNs();
}
