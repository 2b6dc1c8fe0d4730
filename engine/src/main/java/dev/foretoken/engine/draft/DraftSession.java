package dev.foretoken.engine.draft;

import dev.foretoken.engine.tree.TokenTree;

/** One session's side of a {@link Drafter}. Single-threaded: called by one thread only, from open to close. */
public interface DraftSession extends AutoCloseable {
    /**
     * Does a bounded piece of the work that the first proposal would need, e.g. reads some of the prompt. Called after the
     * session was opened and, between other sessions' proposals, again while it returns true; until then the session is not
     * asked. Only for drafters with a thread of their own ({@link Drafter#needsOwnThread}). Meanwhile the text that the
     * session was opened with may grow.
     *
     * @return true if more is left
     */
    default boolean prepare() {
        return false;
    }

    /**
     * Adds candidates below the root.
     *
     * @param text all verified tokens of the session, the pending token last; read only, valid during the call
     * @param depthMax deepest node wanted, at least 1
     * @param draftOut restarted with the pending token; its capacity is the node budget, root included. Nodes carry the
     *     drafter's own estimate of the path's acceptance; the proposer bit is set by the caller, pass 0.
     */
    void propose(DraftText text, int depthMax, TokenTree draftOut);

    /**
     * Learns from one verified step; called for every step, also when this drafter proposed nothing. A drafter on a thread of
     * its own that is so far behind that its inbox is full misses lessons, which is counted.
     */
    default void observe(DraftLesson lesson) {}

    @Override
    default void close() {}
}
