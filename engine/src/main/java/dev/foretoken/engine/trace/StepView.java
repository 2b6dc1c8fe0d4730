package dev.foretoken.engine.trace;

import dev.foretoken.engine.draft.DraftReport;
import dev.foretoken.engine.tree.TokenTree;
import dev.foretoken.engine.verify.StepVerdict;

/** One verified step as the tracer sees it: a view on a verdict ring slot. */
public interface StepView {
    long sessionId();

    /** Steps of a session count from 0; prefill-only forwards do not count. */
    int step();

    TokenTree tree();

    StepVerdict verdict();

    DraftReport draft();

    /** Rows of the whole batch this tree was verified in. */
    int batchRows();

    /** Trees of the batch. */
    int batchTrees();

    long forwardNs();
}
