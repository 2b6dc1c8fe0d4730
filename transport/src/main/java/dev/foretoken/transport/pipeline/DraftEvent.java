package dev.foretoken.transport.pipeline;

import dev.foretoken.engine.draft.DraftReport;
import dev.foretoken.engine.session.FinishReason;
import dev.foretoken.engine.tree.TokenTree;
import org.jspecify.annotations.Nullable;

/** A slot of the draft ring, the lane's only inbox. Preallocated; filled between claim and publish by one publisher. */
final class DraftEvent {
    enum Kind {
        ADMIT,
        TREE,
        WAKE,
        CANCEL,
        STOP;

        int bit() {
            return 1 << ordinal();
        }
    }

    Kind kind = Kind.STOP;

    @Nullable
    Session session;
    /** TREE: the candidates and how they came about. */
    final TokenTree tree = new TokenTree(TokenTree.NODES_MAX);

    final DraftReport report = new DraftReport();
    /** TREE: when it was complete. */
    long completedNs;

    /** CANCEL: why. */
    @Nullable
    FinishReason cause;

    /** Drops references when the event is done, so that a slot keeps no session alive. */
    void clear() {
        session = null;
        cause = null;
    }
}
