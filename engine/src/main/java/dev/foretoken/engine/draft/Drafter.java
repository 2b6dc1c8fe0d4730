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
     * thread calls them inline, and every session waits for them.
     */
    default boolean needsOwnThread() {
        return true;
    }

    /** False if its sessions learn from the text alone: {@link DraftSession#observe} may then never be called. */
    default boolean observes() {
        return true;
    }

    /**
     * Opens a session. Called on the thread that will call the session (see {@link #needsOwnThread}). Memory of its own, e.g.
     * a draft model's keys and values, a drafter has to bound itself: one without room refuses the session.
     *
     * @throws RuntimeException if it cannot serve this session; the drafter then sits this session out and is counted
     */
    DraftSession open(DraftStart start);

    /**
     * Hash of what its drafts depend on beside the verdicts and does not change (a table, a model's weights); 0 if there is
     * nothing. It goes into traces.
     */
    default long warmStartFingerprint() {
        return 0;
    }

    /** Called once, after every session was closed. */
    @Override
    default void close() {}
}
