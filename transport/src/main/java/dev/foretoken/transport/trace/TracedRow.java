package dev.foretoken.transport.trace;

import java.util.List;

/**
 * The target's prediction that chose one emitted token. Raw logits, natural log; equal by bits except that all NaN are alike.
 *
 * @param bestLogit the row's largest logit, NaN if the verifier reported none
 * @param secondLogit the row's second largest logit, NaN if the verifier reported fewer than two
 * @param logSumExp log-softmax = logit - logSumExp
 * @param topIds ids of the largest logits, descending, ties by lowest id
 */
public record TracedRow(
        int token, float chosenLogit, float bestLogit, float secondLogit, double logSumExp, List<Integer> topIds) {
    public TracedRow {
        topIds = List.copyOf(topIds);
    }
}
