package dev.foretoken.engine.draft;

/**
 * Proposes candidate tokens; may be wrong, slow or absent, but never harmful: an exception or a missed deadline costs its
 * nodes for that step, never the stream. One instance serves an engine; what belongs to a session lives in its
 * {@link DraftSession}. Its drafts must be a function of the session's start and the recorded verdicts, so that a trace
 * answers "what if".
 */
public interface Drafter extends AutoCloseable {
    /** The name in {@code --drafters}, reports and traces: lower case letters, digits and hyphens. */
    String name();

    /**
     * True if a proposal may take longer than some tens of microseconds (a draft model, user code): then one thread of its
     * own calls every {@link DraftSession} of this drafter, and what is late is dropped. False: the session's owning drafter
     * thread calls them inline.
     */
    default boolean needsOwnThread() {
        return false;
    }

    /**
     * Opens a session. Called on the thread that will call the session (see {@link #needsOwnThread}).
     *
     * @throws RuntimeException if it cannot serve this session; the drafter then sits this session out and is counted
     */
    DraftSession open(DraftStart start);

    /** Bytes of memory reserved per session token beyond the text itself, e.g. a draft model's KV; 0 if none. */
    default long bytesPerToken() {
        return 0;
    }

    /** Hash of a frozen table that its drafts depend on beside the verdicts; 0 if there is none. It goes into traces. */
    default long warmStartFingerprint() {
        return 0;
    }

    /** Called once, after every session was closed. */
    @Override
    default void close() {}
}
