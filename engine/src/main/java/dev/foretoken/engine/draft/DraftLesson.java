package dev.foretoken.engine.draft;

/**
 * What drafters may learn from one verified step; exactly this is in the trace too. A view on reused memory: valid during
 * the call only. Row i is the target's prediction that chose emitted token i; its input token is {@link #inputToken}.
 */
public interface DraftLesson {
    /** How many of the target's best ids each row carries. */
    int TOP_IDS = 8;

    /** Tokens emitted by the step: accepted path, then the bonus token unless the step was cut before it. At least 1. */
    int emittedCount();

    int emittedToken(int index);

    /** The token fed in at row {@code index}: the pending token for 0, else emitted token {@code index - 1}. */
    int inputToken(int index);

    /** Ids of the row's largest raw logits, descending, ties by lowest id; {@code rank} below {@link #TOP_IDS}. */
    int topId(int index, int rank);
}
