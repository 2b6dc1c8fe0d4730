package dev.foretoken.engine.verify;

/**
 * Judges token trees with the target model. It owns the target's KV cache, its pages, the penalty counts and the choice of
 * every token. Sessions live in numbered slots. Not thread-safe: one thread (the lane's) calls everything but
 * {@link #shape()}.
 *
 * <p>A session holds {@code L} committed tokens, whose KV is in the cache, and one pending token, whose KV is not. After
 * {@link #open} as many prompt tokens are committed as a prefix cache supplied ({@link #committedLength}), else none; prompt
 * segments commit the others up to promptLength - 2 in order; the last prompt token is the first pending token, the root of the
 * first tree. A tree step commits the root and the accepted path.
 */
public interface Verifier extends AutoCloseable {
    VerifierShape shape();

    /** Starts a session in a free slot. Its pages were reserved by the caller ({@link VerifierShape#pagesFor}). */
    void open(int slot, VerifierStart start);

    /**
     * Takes over what a prefix cache has learned of a session's prompt since the session was opened. Only between batches, and
     * before the session's first tree.
     *
     * @return committed tokens, at least as many as before
     */
    default int takeOverPrompt(int slot) {
        return committedLength(slot);
    }

    /**
     * True if the prompt segment of another session, which is in the next batch, computes what this session needs next, so that
     * waiting for {@link #takeOverPrompt} costs less than a segment of its own.
     *
     * @param leader a session that reads its prompt
     */
    default boolean followsPrompt(int slot, int leader) {
        return false;
    }

    /** Starts one forward pass over every segment of the batch; at most one may be in flight. */
    void submit(TreeBatch batch);

    /**
     * Fills in the verdicts of the submitted batch, one per tree segment and in their order.
     *
     * @return false if the pass is still running
     */
    boolean poll(VerdictsOut verdictsOut);

    /** Whether steps take the time that they will take: false while this verifier makes itself fast in the background. */
    default boolean isWarm() {
        return true;
    }

    /**
     * Takes one step of a session that does not exist: it warms the code up and tells what rows cost. Only while no session is
     * open and no batch is in flight.
     *
     * @param nodes of the tree, 1 to 64, at most {@link VerifierShape#batchRowsMax()}
     * @param positions before the tree, which every node attends to
     * @return the step's time in ns; 0 if this verifier has nothing to rehearse
     */
    default long rehearse(int nodes, int positions) {
        return 0;
    }

    /** Committed tokens of a session. */
    int committedLength(int slot);

    /** Ends a session and returns its pages; also called for a slot whose {@link #open} has failed. */
    void release(int slot);

    /**
     * As {@link #release(int)}, for a session that was cut inside its last step.
     *
     * @param textTokens tokens of prompt and answer: what was committed beyond them is not kept for other sessions
     */
    default void release(int slot, int textTokens) {
        release(slot);
    }

    /** KV pages that sessions hold now, shared ones counted once; 0 when none is open. */
    int pagesInUse();

    /** Idempotent. */
    @Override
    void close();
}
