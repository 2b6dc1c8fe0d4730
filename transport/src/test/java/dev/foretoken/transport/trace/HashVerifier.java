package dev.foretoken.transport.trace;

import dev.foretoken.engine.tree.TokenTree;
import dev.foretoken.engine.verify.StepVerdict;
import dev.foretoken.engine.verify.TreeBatch;
import dev.foretoken.engine.verify.VerdictsOut;
import dev.foretoken.engine.verify.Verifier;
import dev.foretoken.engine.verify.VerifierShape;
import dev.foretoken.engine.verify.VerifierStart;
import java.util.Arrays;

/**
 * A verifier whose model is a hash of the whole context and the seed, so that every wrong token fed to it shows in all that
 * follows. It can be told to be wrong in one way at one step. Holds one session.
 */
final class HashVerifier implements Verifier {
    enum Fault {
        NONE,
        TOKEN,
        CHOSEN_LOGIT,
        BEST_LOGIT,
        SECOND_LOGIT,
        LOG_SUM_EXP,
        TOP_ID,
        NO_BONUS,
        NAN
    }

    static final int VOCABULARY = 50;
    static final String BACKEND = "hash-1";

    private final String backend;
    private final Fault fault;
    private final int faultStep;
    private int[] committed = new int[0];
    private int[] prompt = new int[0];
    private long seed;
    private int tops;
    private int treesSeen;
    private boolean open;
    private TreeBatch submitted;
    int sessionsOpened;
    int promptRowsSeen;
    int tokensMaxSeen;
    int pagesTotal = 1000;

    HashVerifier(String backend, Fault fault, int faultStep) {
        this.backend = backend;
        this.fault = fault;
        this.faultStep = faultStep;
    }

    HashVerifier() {
        this(BACKEND, Fault.NONE, 0);
    }

    @Override
    public VerifierShape shape() {
        return new VerifierShape(backend, 1, TokenTree.NODES_MAX, 8, 500, VOCABULARY, 16, pagesTotal);
    }

    @Override
    public void open(int slot, VerifierStart start) {
        assert slot == 0 && !open;
        open = true;
        sessionsOpened++;
        committed = new int[0];
        prompt = start.prompt();
        tokensMaxSeen = start.tokensMax();
        seed = start.sampling().seed();
        tops = start.topCount();
        treesSeen = 0;
    }

    @Override
    public void submit(TreeBatch batch) {
        submitted = batch;
    }

    @Override
    public boolean poll(VerdictsOut verdictsOut) {
        TokenTree tree = submitted.tree(0);
        if (tree == null) {
            int from = submitted.promptFrom(0);
            assert from == committed.length && submitted.promptCount(0) <= shape().promptRowsMax();
            promptRowsSeen += submitted.promptCount(0);
            for (int i = 0; i < submitted.promptCount(0); i++) {
                commit(prompt[from + i]);
            }
        } else {
            assert committed.length >= prompt.length - 1 : "prompt not committed";
            walk(tree, verdictsOut.next());
            treesSeen++;
        }
        return true;
    }

    private void walk(TokenTree tree, StepVerdict verdict) {
        verdict.restart(0, tree.token(0), tops);
        commit(tree.token(0));
        boolean faulty = treesSeen == faultStep;
        if (faulty && fault == Fault.NAN) {
            verdict.fail("NaN logit");
            return;
        }
        int node = 0;
        while (true) {
            int token = next(faulty && fault == Fault.TOKEN ? 1 : 0);
            int child = tree.childOf(node, token);
            if (child == TokenTree.NONE && faulty && fault == Fault.NO_BONUS && verdict.emittedCount() > 0) {
                return;
            }
            emit(verdict, token, faulty ? fault : Fault.NONE);
            if (child == TokenTree.NONE) {
                return;
            }
            verdict.acceptNode(child);
            commit(token);
            node = child;
        }
    }

    private void emit(StepVerdict verdict, int token, Fault now) {
        int index = verdict.emittedCount();
        float chosen = logit(token);
        verdict.emit(
                token,
                now == Fault.CHOSEN_LOGIT ? Math.nextUp(chosen) : chosen,
                now == Fault.LOG_SUM_EXP ? Math.nextUp((double) hash(7)) : hash(7));
        for (int rank = 0; rank < tops; rank++) {
            int id = Math.floorMod(hash(100 + rank), VOCABULARY);
            float best = logit(id);
            boolean off = now == Fault.BEST_LOGIT && rank == 0 || now == Fault.SECOND_LOGIT && rank == 1;
            verdict.top(index, rank, now == Fault.TOP_ID && rank == 7 ? id + 1 : id, off ? Math.nextUp(best) : best);
        }
    }

    /** The model's choice for the committed context. */
    int next(int salt) {
        return Math.floorMod(hash(salt), VOCABULARY);
    }

    private float logit(int id) {
        return Float.intBitsToFloat(0x3f800000 | hash(1000 + id) & 0x7fffff);
    }

    private int hash(int salt) {
        return (Arrays.hashCode(committed) * 31 + salt) * 0x9E3779B1 ^ Long.hashCode(seed) * 0x85EBCA6B;
    }

    void commit(int token) {
        committed = Arrays.copyOf(committed, committed.length + 1);
        committed[committed.length - 1] = token;
    }

    void rollBack(int length) {
        committed = Arrays.copyOf(committed, length);
    }

    @Override
    public int committedLength(int slot) {
        return committed.length;
    }

    @Override
    public void release(int slot) {
        open = false;
    }

    @Override
    public int pagesInUse() {
        return open ? 1 : 0;
    }

    @Override
    public void close() {}
}
