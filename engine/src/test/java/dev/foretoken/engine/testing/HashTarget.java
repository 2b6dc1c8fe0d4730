package dev.foretoken.engine.testing;

import dev.foretoken.engine.tree.TokenTree;
import dev.foretoken.engine.verify.StepVerdict;
import dev.foretoken.engine.verify.TreeBatch;
import dev.foretoken.engine.verify.VerdictsOut;
import dev.foretoken.engine.verify.Verifier;
import dev.foretoken.engine.verify.VerifierShape;
import dev.foretoken.engine.verify.VerifierStart;
import java.util.function.IntConsumer;

/**
 * A target that costs nothing: the next token is a hash of the last two. It keeps the books of a real verifier (committed
 * lengths, pages) and asserts them, so that a broken dataflow shows.
 */
public final class HashTarget implements Verifier {
    /** Pages of 16 tokens. */
    public static final int PAGE_TOKENS = 16;

    private final VerifierShape shape;
    private final int endEvery;
    private final State[] states;
    private int pagesInUse;
    private volatile int forwards;
    private volatile int openSessions;
    private volatile boolean closed;
    private volatile Runnable beforeForward = () -> {};
    private volatile IntConsumer beforeTakeOver = promptLength -> {};
    private volatile int poisonedToken = -1;
    private TreeBatch submitted;

    private static final class State {
        VerifierStart start;
        int[] history;
        int length; // committed tokens
        int pending; // tokens of history that are known, the pending one included
        int pages;
    }

    /** @param endEvery about one token in so many is the end token {@link HashVocabulary#END}; 0 = never */
    public HashTarget(int slots, int contextMax, int pagesTotal, int endEvery) {
        shape = new VerifierShape("hash-1", slots, 256, 64, contextMax, HashVocabulary.SIZE, PAGE_TOKENS, pagesTotal);
        this.endEvery = endEvery;
        states = new State[slots];
    }

    /** The token that follows these two. */
    public int next(int beforeLast, int last) {
        long hash = (beforeLast * 0x9E3779B97F4A7C15L ^ last) * 0xBF58476D1CE4E5B9L;
        hash ^= hash >>> 31;
        if (endEvery > 0 && Long.remainderUnsigned(hash >>> 8, endEvery) == 0) {
            return HashVocabulary.END;
        }
        return 1 + (int) Long.remainderUnsigned(hash, HashVocabulary.SIZE - 1);
    }

    /** Plain decoding, for comparison: the first tokens after a prompt, up to the end token. */
    public int[] decode(int[] prompt, int count) {
        int[] out = new int[count];
        int beforeLast = prompt.length > 1 ? prompt[prompt.length - 2] : 0;
        int last = prompt[prompt.length - 1];
        for (int i = 0; i < count; i++) {
            out[i] = next(beforeLast, last);
            beforeLast = last;
            last = out[i];
            if (last == HashVocabulary.END) {
                return java.util.Arrays.copyOf(out, i + 1);
            }
        }
        return out;
    }

    /** Runs before every forward, on the lane's thread. */
    public void beforeForward(Runnable hook) {
        beforeForward = hook;
    }

    /** Is told the length of every prompt that is about to be read on, on the lane's thread. */
    public void beforeTakeOver(IntConsumer hook) {
        beforeTakeOver = hook;
    }

    /** Rows with this input token are NaN. */
    public void poison(int token) {
        poisonedToken = token;
    }

    public int forwards() {
        return forwards;
    }

    public int openSessions() {
        return openSessions;
    }

    public boolean isClosed() {
        return closed;
    }

    @Override
    public VerifierShape shape() {
        return shape;
    }

    @Override
    public void open(int slot, VerifierStart start) {
        if (states[slot] != null) {
            throw new IllegalStateException("slot " + slot + " is taken");
        }
        State state = new State();
        state.start = start;
        state.history = java.util.Arrays.copyOf(start.prompt(), start.tokensMax() + TokenTree.DEPTH_MAX + 2);
        state.pending = start.prompt().length;
        state.pages = shape.pagesFor(start.tokensMax(), TokenTree.NODES_MAX);
        pagesInUse += state.pages;
        if (pagesInUse > shape.pagesTotal()) {
            throw new IllegalStateException("pages were not reserved");
        }
        states[slot] = state;
        openSessions++;
    }

    @Override
    public int takeOverPrompt(int slot) {
        beforeTakeOver.accept(states[slot].start.prompt().length);
        return committedLength(slot);
    }

    @Override
    public void submit(TreeBatch batch) {
        beforeForward.run();
        if (batch.rowCount() > shape.batchRowsMax()) {
            throw new IllegalStateException("batch of " + batch.rowCount() + " rows");
        }
        submitted = batch;
    }

    @Override
    public boolean poll(VerdictsOut verdictsOut) {
        forwards++;
        for (int segment = 0; segment < submitted.segmentCount(); segment++) {
            State state = states[submitted.slot(segment)];
            TokenTree tree = submitted.tree(segment);
            if (tree == null) {
                prefill(state, submitted.promptFrom(segment), submitted.promptCount(segment));
            } else {
                judge(state, tree, verdictsOut.next(), submitted.slot(segment));
            }
        }
        return true;
    }

    private void prefill(State state, int from, int count) {
        if (from != state.length || from + count >= state.start.prompt().length) {
            throw new IllegalStateException(
                    "prompt rows from " + from + " count " + count + " at length " + state.length);
        }
        state.length += count;
    }

    private void judge(State state, TokenTree tree, StepVerdict verdict, int slot) {
        if (state.length != state.pending - 1 || tree.token(0) != state.history[state.pending - 1]) {
            throw new IllegalStateException("the root is not the pending token: " + tree);
        }
        verdict.restart(slot, tree.token(0), state.start.topCount());
        int node = 0;
        while (true) {
            int last = state.history[state.pending - 1];
            if (last == poisonedToken) {
                verdict.fail("the target's logits are not numbers");
                return;
            }
            int beforeLast = state.pending > 1 ? state.history[state.pending - 2] : 0;
            int chosen = next(beforeLast, last);
            int row = verdict.emittedCount();
            verdict.emit(chosen, 1f, 2);
            for (int rank = 0; rank < state.start.topCount(); rank++) {
                verdict.top(row, rank, (chosen + rank) % HashVocabulary.SIZE, 1f - rank);
            }
            state.history[state.pending++] = chosen;
            state.length++;
            node = tree.childOf(node, chosen);
            if (node == TokenTree.NONE || verdict.emittedCount() == StepVerdict.EMITTED_MAX) {
                return;
            }
            verdict.acceptNode(node);
        }
    }

    @Override
    public int committedLength(int slot) {
        return states[slot].length;
    }

    @Override
    public void release(int slot) {
        if (states[slot] != null) {
            pagesInUse -= states[slot].pages;
            states[slot] = null;
            openSessions--;
        }
    }

    @Override
    public int pagesInUse() {
        return pagesInUse;
    }

    @Override
    public void close() {
        closed = true;
    }
}
