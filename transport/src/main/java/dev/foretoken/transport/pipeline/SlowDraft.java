package dev.foretoken.transport.pipeline;

import dev.foretoken.engine.draft.DraftText;
import dev.foretoken.engine.tree.TokenTree;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The mailbox between a session's owner and one slow drafter. The owner asks, the drafter's thread fills the tree, the owner
 * takes it or gives it up at the deadline: whole or not at all. A draft given up is finished and dropped by the drafter's
 * thread, and until then the mailbox cannot be asked again; so a draft for an older text is never taken for the current one.
 */
final class SlowDraft {
    private static final int IDLE = 0;
    private static final int ASKED = 1;
    private static final int DONE = 2;
    private static final int FAILED = 3;
    private static final int ABANDONED = 4;
    private static final int UNPREPARED = 5;

    /** How far the drafter's thread is with this session. */
    private enum Readiness {
        UNKNOWN,
        PREPARING,
        READY,
        REFUSED
    }

    private final AtomicInteger state = new AtomicInteger(IDLE);
    private final TokenTree tree = new TokenTree(TokenTree.NODES_MAX);
    private final DraftText text;
    private int length;
    private int nodesMax;
    private int depthMax;
    private long elapsedNs;
    private volatile Readiness readiness = Readiness.UNKNOWN; // set by the drafter's thread
    private volatile int textLength; // set by the owner

    /** @param text a view of the session's text for the drafter's thread */
    SlowDraft(DraftText text) {
        this.text = text;
        this.textLength = text.length();
    }

    // ---- owner

    /** The session's text has grown. */
    void textLength(int tokens) {
        textLength = tokens;
    }

    /** True if a question makes sense: no old one is being worked on, and the drafter is not known to be still preparing. */
    boolean mayBeAsked() {
        Readiness now = readiness;
        return state.get() == IDLE && (now == Readiness.READY || now == Readiness.UNKNOWN);
    }

    /** Prepares a question; false while an abandoned draft is still being made. */
    boolean ask(int textLength, int nodes, int depth) {
        if (state.get() != IDLE) {
            return false;
        }
        length = textLength;
        nodesMax = nodes;
        depthMax = depth;
        state.set(ASKED);
        return true;
    }

    /** True once the drafter has found that it cannot serve this session. */
    boolean isRefused() {
        return readiness == Readiness.REFUSED;
    }

    boolean isSettled() {
        int now = state.get();
        return now == DONE || now == FAILED || now == UNPREPARED;
    }

    /** True if the answer is that the drafter is not prepared yet; then there is nothing to {@link #take}. */
    boolean tookBackUnprepared() {
        return state.compareAndSet(UNPREPARED, IDLE);
    }

    /** Takes back a question that was never passed on. */
    void withdraw() {
        state.set(IDLE);
    }

    /** Takes the draft, valid until the next question; false if it failed. Only after {@link #isSettled}. */
    boolean take() {
        return state.getAndSet(IDLE) == DONE;
    }

    /** Gives the draft up; false if it has come in this moment after all. */
    boolean abandon() {
        return state.compareAndSet(ASKED, ABANDONED);
    }

    TokenTree tree() {
        return tree;
    }

    long elapsedNs() {
        return elapsedNs;
    }

    // ---- drafter's thread

    /** Lets the text grow to what is verified now. */
    void followText() {
        text.lengthOfView(textLength);
    }

    DraftText text() {
        text.lengthOfView(length);
        return text;
    }

    TokenTree restartedTree() {
        tree.restart(text.token(length - 1), nodesMax);
        return tree;
    }

    int depthMax() {
        return depthMax;
    }

    boolean isWanted() {
        return state.get() == ASKED;
    }

    /** The question is answered; false if nobody wants the answer any more. */
    boolean settle(boolean succeeded, long tookNs) {
        elapsedNs = tookNs;
        return settleAs(succeeded ? DONE : FAILED);
    }

    /** Answers that there is no answer yet; false if nobody wants it any more. */
    boolean settleUnprepared() {
        return settleAs(UNPREPARED);
    }

    private boolean settleAs(int outcome) {
        if (state.compareAndSet(ASKED, outcome)) {
            return true;
        }
        state.set(IDLE);
        return false;
    }

    /** The drafter has work to do before it can be asked. */
    void preparing() {
        readiness = Readiness.PREPARING;
    }

    boolean isPreparing() {
        return readiness == Readiness.PREPARING;
    }

    /** The drafter can be asked from now on. */
    void ready() {
        readiness = Readiness.READY;
    }

    /** The drafter cannot serve this session: it need not be asked. */
    void refuseSession() {
        readiness = Readiness.REFUSED;
    }
}
