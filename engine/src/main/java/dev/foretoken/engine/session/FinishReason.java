package dev.foretoken.engine.session;

/** Why a session ended. */
public enum FinishReason {
    /** The model's end token or a stop string. */
    STOP,
    /** Max tokens reached or the context is full. */
    LENGTH,
    /** The subscriber cancelled. */
    CANCELLED,
    /** The client went away. */
    DISCONNECTED,
    /** The reader asked for nothing for too long. */
    PARKED_TOO_LONG,
    /** The trace could not be written. */
    TRACE_FAILED,
    /** The engine was closed. */
    INTERRUPTED,
    /** A defect or a NaN logit. */
    INTERNAL_ERROR;

    /** True if the answer is complete: the stream ends with onComplete. */
    public boolean isRegular() {
        return this == STOP || this == LENGTH;
    }
}
