package dev.foretoken.transport.pipeline;

import dev.foretoken.engine.draft.DraftReport;
import dev.foretoken.engine.session.StepCut;
import dev.foretoken.engine.tree.TokenTree;
import org.jspecify.annotations.Nullable;

/** What the lane knows of the session in one slot. Owned by the verifier thread; reused by the slot's next session. */
final class LaneSession {
    final TokenTree tree = new TokenTree(TokenTree.NODES_MAX);
    final DraftReport report = new DraftReport();

    @Nullable
    Session session;

    @Nullable
    StepCut cut;
    /** Prompt tokens in the cache; the last prompt token is the first tree's root and not among them. */
    int prefilled;

    /** Of these, so many came from a prefix cache. */
    int cached;

    boolean prefilling;
    boolean treeWaits;
    /** Served by the last forward and drafting now: its tree is worth a short wait. */
    boolean treeExpected;
    /** Since when. */
    long expectedSinceNs;

    int steps;
    int emittedTokens;

    void open(Session newSession, StepCut newCut) {
        session = newSession;
        cut = newCut;
        prefilled = 0;
        cached = 0;
        prefilling = false;
        treeWaits = false;
        treeExpected = false;
        steps = 0;
        emittedTokens = 0;
    }

    void close() {
        session = null;
        cut = null;
        prefilling = false;
        treeWaits = false;
        treeExpected = false;
    }

    /** So many prompt tokens are committed; those that are new came from a prefix cache. Returns how many they are. */
    int takeOver(int committed) {
        int more = committed - prefilled;
        prefilled = committed;
        cached += more;
        return more;
    }

    /** Prompt tokens still to be prefilled. */
    int promptLeft() {
        Session open = session;
        return open == null ? 0 : open.promptLength() - 1 - prefilled;
    }
}
