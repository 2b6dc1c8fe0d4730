package dev.foretoken.engine.verify;

import dev.foretoken.engine.tree.TokenTree;
import org.jspecify.annotations.Nullable;

/**
 * What one forward pass works on: whole trees of several sessions, and runs of prompt tokens that ride along without logits.
 * Reused; owned by the lane's verifier thread. At most one segment per session.
 */
public final class TreeBatch {
    private final int[] slot;
    private final @Nullable TokenTree[] tree;
    private final int[] promptFrom;
    private final int[] promptCount;
    private int segmentCount;
    private int treeCount;
    private int rowCount;

    public TreeBatch(int segmentsMax) {
        slot = new int[segmentsMax];
        tree = new TokenTree[segmentsMax];
        promptFrom = new int[segmentsMax];
        promptCount = new int[segmentsMax];
    }

    public void clear() {
        for (int i = 0; i < segmentCount; i++) {
            tree[i] = null;
        }
        segmentCount = 0;
        treeCount = 0;
        rowCount = 0;
    }

    /** The tree stays where it is; its owner may not touch it until the verdicts were polled. */
    public void addTree(int sessionSlot, TokenTree sessionTree) {
        slot[segmentCount] = sessionSlot;
        tree[segmentCount] = sessionTree;
        segmentCount++;
        treeCount++;
        rowCount += sessionTree.nodeCount();
    }

    /** Prompt tokens from (inclusive) to from + count; all of them below the last prompt token. */
    public void addPrompt(int sessionSlot, int from, int count) {
        slot[segmentCount] = sessionSlot;
        tree[segmentCount] = null;
        promptFrom[segmentCount] = from;
        promptCount[segmentCount] = count;
        segmentCount++;
        rowCount += count;
    }

    public int segmentCount() {
        return segmentCount;
    }

    public int treeCount() {
        return treeCount;
    }

    public int rowCount() {
        return rowCount;
    }

    public int slot(int segment) {
        return slot[segment];
    }

    /** The segment's tree, or null if it is a run of prompt tokens. */
    public @Nullable TokenTree tree(int segment) {
        return tree[segment];
    }

    public int promptFrom(int segment) {
        return promptFrom[segment];
    }

    public int promptCount(int segment) {
        return promptCount[segment];
    }
}
