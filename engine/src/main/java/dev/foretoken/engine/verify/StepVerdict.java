package dev.foretoken.engine.verify;

import dev.foretoken.engine.draft.DraftLesson;
import dev.foretoken.engine.tree.TokenTree;
import org.jspecify.annotations.Nullable;

/**
 * What the verifier found in one tree. Emitted tokens are the accepted path followed by the bonus token; row i is the
 * prediction that chose emitted token i. Reused and mutable: owned by whoever owns its slot.
 */
public final class StepVerdict implements DraftLesson {
    /** Most tokens one step emits: the deepest path and the bonus token. */
    public static final int EMITTED_MAX = TokenTree.DEPTH_MAX + 1;
    /** Most alternatives per row that can be asked for ({@code --logprobs}). */
    public static final int TOP_MAX = 20;

    private final int[] pathNode = new int[TokenTree.DEPTH_MAX];
    private final int[] emitted = new int[EMITTED_MAX];
    private final float[] chosenLogit = new float[EMITTED_MAX];
    private final double[] logSumExp = new double[EMITTED_MAX];
    private final int[] topId = new int[EMITTED_MAX * TOP_MAX];
    private final float[] topLogit = new float[EMITTED_MAX * TOP_MAX];
    private int slot;
    private int rootToken;
    private int pathLength;
    private int emittedCount;
    private int topCount;
    private @Nullable String failure;

    /** Empties the verdict for a session's next step. */
    public void restart(int sessionSlot, int pendingToken, int topsPerRow) {
        slot = sessionSlot;
        rootToken = pendingToken;
        topCount = topsPerRow;
        pathLength = 0;
        emittedCount = 0;
        failure = null;
    }

    /** The step cannot be judged (a NaN logit): nothing is emitted, the session ends with this message. */
    public void fail(String message) {
        failure = message;
        pathLength = 0;
        emittedCount = 0;
    }

    /** Adds the token chosen from one row; {@link #acceptNode} or nothing follows. */
    public void emit(int tokenId, float rawLogit, double rowLogSumExp) {
        emitted[emittedCount] = tokenId;
        chosenLogit[emittedCount] = rawLogit;
        logSumExp[emittedCount] = rowLogSumExp;
        emittedCount++;
    }

    /** The token emitted last is this node of the tree. */
    public void acceptNode(int node) {
        pathNode[pathLength++] = node;
    }

    /** Sets one of the best tokens of row {@code index}; ranks ascend from 0 to topCount - 1. */
    public void top(int index, int rank, int tokenId, float rawLogit) {
        topId[index * TOP_MAX + rank] = tokenId;
        topLogit[index * TOP_MAX + rank] = rawLogit;
    }

    /** Keeps the first emitted tokens only: a stop condition was met inside the accepted block. */
    public void truncate(int count) {
        emittedCount = count;
        pathLength = Math.min(pathLength, count);
    }

    public void copyFrom(StepVerdict other) {
        slot = other.slot;
        rootToken = other.rootToken;
        pathLength = other.pathLength;
        emittedCount = other.emittedCount;
        topCount = other.topCount;
        failure = other.failure;
        System.arraycopy(other.pathNode, 0, pathNode, 0, pathLength);
        System.arraycopy(other.emitted, 0, emitted, 0, emittedCount);
        System.arraycopy(other.chosenLogit, 0, chosenLogit, 0, emittedCount);
        System.arraycopy(other.logSumExp, 0, logSumExp, 0, emittedCount);
        System.arraycopy(other.topId, 0, topId, 0, emittedCount * TOP_MAX);
        System.arraycopy(other.topLogit, 0, topLogit, 0, emittedCount * TOP_MAX);
    }

    public int slot() {
        return slot;
    }

    public @Nullable String failure() {
        return failure;
    }

    /** Accepted nodes below the root. */
    public int pathLength() {
        return pathLength;
    }

    public int pathNode(int index) {
        return pathNode[index];
    }

    /** True if the last emitted token is no node of the tree; false after a cut inside the accepted path. */
    public boolean hasBonus() {
        return emittedCount > pathLength;
    }

    /** The bonus token, -1 when absent. */
    public int bonusToken() {
        return hasBonus() ? emitted[emittedCount - 1] : -1;
    }

    @Override
    public int emittedCount() {
        return emittedCount;
    }

    @Override
    public int emittedToken(int index) {
        return emitted[index];
    }

    @Override
    public int inputToken(int index) {
        return index == 0 ? rootToken : emitted[index - 1];
    }

    @Override
    public int topId(int index, int rank) {
        return topId[index * TOP_MAX + rank];
    }

    public float topLogit(int index, int rank) {
        return topLogit[index * TOP_MAX + rank];
    }

    /** How many of the best tokens each row carries. */
    public int topCount() {
        return topCount;
    }

    /** Raw logit of the emitted token. */
    public float chosenLogit(int index) {
        return chosenLogit[index];
    }

    /** log of the sum of exp over all raw logits of the row: log-softmax = logit - logSumExp. */
    public double logSumExp(int index) {
        return logSumExp[index];
    }
}
