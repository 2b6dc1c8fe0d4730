package dev.foretoken.transport.pipeline;

import dev.foretoken.engine.draft.DraftReport;
import dev.foretoken.engine.session.FinishReason;
import dev.foretoken.engine.trace.StepView;
import dev.foretoken.engine.tree.TokenTree;
import dev.foretoken.engine.verify.StepVerdict;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A slot of the verdict ring. Preallocated; filled by the lane, read by every consumer, cleared by the next writer. */
final class VerdictEvent implements StepView {
    enum Kind {
        ADMITTED,
        READY,
        VERDICT,
        ENDED,
        STOPPED
    }

    Kind kind = Kind.STOPPED;
    @Nullable Session session;
    final TokenTree tree = new TokenTree(TokenTree.NODES_MAX);
    final DraftReport report = new DraftReport();
    final StepVerdict verdict = new StepVerdict();
    /** VERDICT: for each emitted token, the bytes of text that may be shown once it is. */
    final int[] releasedBytes = new int[StepVerdict.EMITTED_MAX];

    int step;
    int batchRows;
    int batchTrees;
    long forwardNs;
    /** VERDICT: the session ends with this step, ENDED follows; ENDED: why. */
    @Nullable FinishReason finish;

    int emittedTokens;
    /** Set by the tracer, read by the streamer behind it: what could not be journaled is not shown. */
    @Nullable Exception traceFailure;

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
