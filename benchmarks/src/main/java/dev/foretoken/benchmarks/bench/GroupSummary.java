package dev.foretoken.benchmarks.bench;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One contender on the prompts of one category, or on all.
 *
 * @param category {@link PromptSummary#ALL} for all
 * @param prompts answers per round
 * @param decodeSpeedup plain decoding's time over this one's, on both sides from the token that ends this one's first block to
 *     the last; null for plain itself and for peers
 * @param totalSpeedup the same from the request to the last token
 * @param toPeer tokens per second over those of the peer's best mode; null without a peer
 * @param promptToPeer the peer's time to the first token over this one's
 * @param tokensPerSecond after the first block, of peers after the first token; null if no answer was long enough
 * @param promptTokensPerSecond prompt tokens over the time to the first token
 * @param emittedPerStep tokens per verify step, plain decoding is 1; null if unknown
 * @param firstTokenMs median
 * @param gapMs50 median of the times between neighbouring tokens; null if unknown
 * @param gapMs99 99th percentile of them
 * @param sameAnswers share of answers that equal plain decoding's; null if unknown
 */
record GroupSummary(
        String category,
        int prompts,
        @Nullable Interval decodeSpeedup,
        @Nullable Interval totalSpeedup,
        @Nullable Interval toPeer,
        @Nullable Interval promptToPeer,
        @Nullable Double tokensPerSecond,
        double promptTokensPerSecond,
        @Nullable Double emittedPerStep,
        List<DepthRate> acceptance,
        double firstTokenMs,
        @Nullable Double gapMs50,
        @Nullable Double gapMs99,
        @Nullable Double sameAnswers) {
    GroupSummary {
        acceptance = List.copyOf(acceptance);
    }
}
