package dev.foretoken.transport.trace;

/** Told how far a replay is, after every step, on the replaying thread. */
@FunctionalInterface
public interface ReplayProgress {
    ReplayProgress NONE = (sessions, steps, tokens) -> {};

    /** Sessions begun, steps and emitted tokens compared so far. */
    void replayed(long sessions, long steps, long tokens);
}
