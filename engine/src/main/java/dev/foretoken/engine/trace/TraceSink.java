package dev.foretoken.engine.trace;

/**
 * Where the tracer writes. Single-threaded; a return means the record is complete (and on disk, if the sink syncs).
 * Any exception ends the session it concerns: what cannot be traced is not shown.
 */
public interface TraceSink extends AutoCloseable {
    void sessionStarted(SessionStart start);

    /** The view is reused memory: read it during the call only. Allocates nothing in steady state. */
    void stepVerified(StepView step);

    void sessionEnded(SessionEnd end);

    @Override
    void close();
}
