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

    private final AtomicInteger state = new AtomicInteger(IDLE);
    private final TokenTree tree = new TokenTree(TokenTree.NODES_MAX);
    private final DraftText text;
    private int length;
    private int nodesMax;
    private int depthMax;
    private long elapsedNs;
    private volatile boolean refused; // drafter's thread

    /** @param text a view of the session's text for the drafter's thread */
    SlowDraft(DraftText text) {
        this.text = text;
    }

    // ---- owner

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
        return refused;
    }

    boolean isSettled() {
        int now = state.get();
        return now == DONE || now == FAILED;
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
        if (state.compareAndSet(ASKED, succeeded ? DONE : FAILED)) {
            return true;
        }
        state.set(IDLE);
        return false;
    }

    /** The drafter cannot serve this session: it need not be asked. */
    void refuseSession() {
        refused = true;
    }
}
