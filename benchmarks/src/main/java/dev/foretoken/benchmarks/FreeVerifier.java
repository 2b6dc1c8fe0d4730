package dev.foretoken.benchmarks;

import dev.foretoken.engine.tree.TokenTree;
import dev.foretoken.engine.verify.StepVerdict;
import dev.foretoken.engine.verify.TreeBatch;
import dev.foretoken.engine.verify.VerdictsOut;
import dev.foretoken.engine.verify.Verifier;
import dev.foretoken.engine.verify.VerifierShape;
import dev.foretoken.engine.verify.VerifierStart;

/** A target that costs nothing: each token is the one after the last. What an engine around it takes is its own overhead. */
final class FreeVerifier implements Verifier {
    private final VerifierShape shape;
    private final int[] committed;
    private final int[] topCount;
    private TreeBatch submitted;

    FreeVerifier(int slots, int contextMax) {
        shape = new VerifierShape("free", slots, 256, 64, contextMax, CountingVocabulary.SIZE, 64, 1 << 20);
        committed = new int[slots];
        topCount = new int[slots];
        submitted = new TreeBatch(slots);
    }

    /** What follows a token. */
    static int next(int token) {
        return token + 1 == CountingVocabulary.SIZE ? 1 : token + 1;
    }

    @Override
    public VerifierShape shape() {
        return shape;
    }

    @Override
    public void open(int slot, VerifierStart start) {
        committed[slot] = 0;
        topCount[slot] = start.topCount();
    }

    @Override
    public void submit(TreeBatch batch) {
        submitted = batch;
    }

    @Override
    public boolean poll(VerdictsOut verdictsOut) {
        for (int segment = 0; segment < submitted.segmentCount(); segment++) {
            int slot = submitted.slot(segment);
            TokenTree tree = submitted.tree(segment);
            if (tree == null) {
                committed[slot] += submitted.promptCount(segment);
            } else {
                judge(tree, verdictsOut.next(), slot);
            }
        }
        return true;
    }

    private void judge(TokenTree tree, StepVerdict verdict, int slot) {
        verdict.restart(slot, tree.token(0), topCount[slot]);
        int node = 0;
        int last = tree.token(0);
        while (node != TokenTree.NONE) {
            last = next(last);
            int row = verdict.emittedCount();
            verdict.emit(last, 1f, 2);
            for (int rank = 0; rank < topCount[slot]; rank++) {
                verdict.top(row, rank, rank, 1f - rank);
            }
            node = tree.childOf(node, last);
            if (node != TokenTree.NONE) {
                verdict.acceptNode(node);
            }
        }
        committed[slot] += verdict.emittedCount();
    }

    @Override
    public int committedLength(int slot) {
        return committed[slot];
    }

    @Override
    public void release(int slot) {
        committed[slot] = 0;
    }

    @Override
    public int pagesInUse() {
        return 0;
    }

    @Override
    public void close() {
        // holds nothing
    }
}
