package dev.foretoken.benchmarks.bench;

import dev.foretoken.engine.sampling.SamplingParameters;
import dev.foretoken.engine.tree.TokenTree;
import dev.foretoken.engine.verify.StepVerdict;
import dev.foretoken.engine.verify.TreeBatch;
import dev.foretoken.engine.verify.VerdictsOut;
import dev.foretoken.engine.verify.Verifier;
import dev.foretoken.engine.verify.VerifierStart;

/**
 * A verify step as decoding runs it, through the verifier's port: a binary tree of M nodes in, a verdict out; logits where the
 * walk looks. Each step commits a token or more, so a session begins a little before the wanted number of cached positions and
 * is replaced a little behind it. More rows than a tree holds are prompt tokens, read in the verifier's chunks.
 */
final class VerifyTimer implements StepTimer {
    /** Steps on either side of the wanted number of cached positions. */
    private static final int DRIFT = 8;

    private static final int CHILDREN = 2;

    private final Verifier verifier;
    private final int past;
    private final TreeBatch batch = new TreeBatch(1);
    private final VerdictsOut verdicts = new VerdictsOut(1);
    private final TokenTree tree = new TokenTree(TokenTree.NODES_MAX);
    private boolean isOpen;
    private int pendingToken;

    /** @param verifier of one slot at least, whose context holds the cached positions and the largest step */
    VerifyTimer(Verifier verifier, int past) {
        this.verifier = verifier;
        this.past = past;
    }

    /** Context that a verifier needs for steps of so many rows. */
    static int contextMax(int past, int rowsMax) {
        return past + DRIFT + Math.max(rowsMax, 2 * StepVerdict.EMITTED_MAX) + 1;
    }

    @Override
    public boolean isWarm() {
        return verifier.isWarm();
    }

    @Override
    public long stepNs(int rows) {
        return rows > TokenTree.NODES_MAX ? promptNs(rows) : treeNs(rows);
    }

    private long treeNs(int nodes) {
        if (!isOpen || verifier.committedLength(0) > past + DRIFT) {
            open(Math.max(0, past - DRIFT) + 1);
            prefill(Math.max(0, past - DRIFT));
        }
        grow(nodes);
        batch.clear();
        batch.addTree(0, tree);
        long start = System.nanoTime();
        step();
        long elapsed = System.nanoTime() - start;
        StepVerdict verdict = verdicts.verdict(0);
        pendingToken = verdict.emittedToken(verdict.emittedCount() - 1);
        return elapsed;
    }

    private long promptNs(int rows) {
        open(past + rows + 1);
        prefill(past);
        long start = System.nanoTime();
        prefill(past + rows);
        long elapsed = System.nanoTime() - start;
        release();
        return elapsed;
    }

    private void open(int promptLength) {
        release();
        int[] prompt = StepTokens.chain(promptLength, verifier.shape().vocabularySize());
        verifier.open(
                0,
                new VerifierStart(
                        prompt, SamplingParameters.GREEDY, 8, verifier.shape().contextMax()));
        isOpen = true;
        pendingToken = prompt[promptLength - 1];
    }

    private void release() {
        if (isOpen) {
            verifier.release(0);
            isOpen = false;
        }
    }

    private void prefill(int to) {
        while (verifier.committedLength(0) < to) {
            int from = verifier.committedLength(0);
            batch.clear();
            batch.addPrompt(0, from, Math.min(verifier.shape().promptRowsMax(), to - from));
            step();
        }
    }

    private void step() {
        verifier.submit(batch);
        while (!verifier.poll(verdicts)) {
            Thread.onSpinWait();
        }
    }

    private void grow(int nodes) {
        int vocabulary = verifier.shape().vocabularySize();
        tree.restart(pendingToken, nodes);
        for (int i = 1; tree.nodeCount() < nodes; i++) {
            int parent = (tree.nodeCount() - 1) / CHILDREN;
            tree.add(parent, StepTokens.token(i, vocabulary), 1f / (2 + tree.depth(parent)), 1);
        }
    }

    @Override
    public void close() {
        release();
        verifier.close();
    }
}
