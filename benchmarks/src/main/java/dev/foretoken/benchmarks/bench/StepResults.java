package dev.foretoken.benchmarks.bench;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything that was measured of single steps.
 *
 * @param rows row counts in the order asked for, 1 among them
 * @param peer name and version; null without one
 */
record StepResults(
        List<Integer> rows,
        int past,
        List<TimedStep> steps,
        StepWork work,
        Roofline roofline,
        @Nullable String peer) {
    StepResults {
        rows = List.copyOf(rows);
        steps = List.copyOf(steps);
    }

    /** Who ran a step. */
    enum Runner {
        /** The forward pass with the logits of all rows. */
        FORWARD,
        /** The same a second time in the round: the A/A control. */
        FORWARD_AGAIN,
        /** A verify step as decoding runs it. */
        VERIFY,
        PEER
    }

    /** One timed step; steps of one round are compared with each other. */
    record TimedStep(int round, int position, Runner runner, int rows, long ns) {}
}
