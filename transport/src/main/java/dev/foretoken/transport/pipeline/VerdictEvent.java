package dev.foretoken.transport.pipeline;

import dev.foretoken.engine.draft.DraftReport;
import dev.foretoken.engine.error.ForetokenException;
import dev.foretoken.engine.session.FinishReason;
import dev.foretoken.engine.trace.StepView;
import dev.foretoken.engine.tree.TokenTree;
import dev.foretoken.engine.verify.StepVerdict;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A slot of the verdict ring. Preallocated; filled by the lane, read by every consumer, cleared by
 * the lane behind the last of them. */
final class VerdictEvent implements StepView {
    enum Kind {
        ADMITTED,
        READY,
        VERDICT,
        ENDED,
        STOPPED
    }

    Kind kind = Kind.STOPPED;

    @Nullable
    Session session;

    final TokenTree tree = new TokenTree(TokenTree.NODES_MAX);
    final DraftReport report = new DraftReport();
    final StepVerdict verdict = new StepVerdict();
    /** VERDICT: for each emitted token, the bytes of text that may be shown once it is. */
    final int[] releasedBytes = new int[StepVerdict.EMITTED_MAX];

    /** READY: prompt tokens that came from the prefix cache. */
    int cachedTokens;

    int step;
    int batchRows;
    int batchTrees;
    long forwardNs;
    /** Of the forward's rows, those of trees; and what a forward over them alone would have taken. */
    int treeRows;

    long treesNs;
    /** VERDICT: the session ends with this step, ENDED follows; ENDED: why. */
    @Nullable
    FinishReason finish;

    int emittedTokens;
    /** ENDED: the error that the reader sees after everything that was verified before it; null for a regular end. */
    @Nullable
    ForetokenException failure;

    /** Set by the tracer, read by the streamer behind it: what could not be journaled is not shown. */
    @Nullable
    Throwable traceFailure;

    /** Drops references once every consumer is done, so that a slot keeps no session and no prompt alive. */
    void clear() {
        session = null;
        finish = null;
        failure = null;
        traceFailure = null;
    }

    Session session() {
        return Objects.requireNonNull(session);
    }

    @Override
    public long sessionId() {
        return session().id();
    }

    @Override
    public int step() {
        return step;
    }

    @Override
    public TokenTree tree() {
        return tree;
    }

    @Override
    public StepVerdict verdict() {
        return verdict;
    }

    @Override
    public DraftReport draft() {
        return report;
    }

    @Override
    public int batchRows() {
        return batchRows;
    }

    @Override
    public int batchTrees() {
        return batchTrees;
    }

    @Override
    public long forwardNs() {
        return forwardNs;
    }
}
