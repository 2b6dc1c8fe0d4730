package dev.foretoken.transport.trace;

import dev.foretoken.engine.draft.DraftReport;
import dev.foretoken.engine.trace.StepView;
import dev.foretoken.engine.tree.TokenTree;
import dev.foretoken.engine.verify.StepVerdict;

/** A step as the ring would show it, made by hand. */
record RecordedStep(
        long sessionId,
        int step,
        TokenTree tree,
        StepVerdict verdict,
        DraftReport draft,
        int batchRows,
        int batchTrees,
        long forwardNs)
        implements StepView {}
