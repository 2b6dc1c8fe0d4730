package dev.foretoken.benchmarks.bench;

import java.util.List;

/**
 * One timed answer.
 *
 * @param ids the answer, the end token included; empty if the contender does not tell
 * @param tokens tokens of the answer
 * @param steps verify steps; 0 if the contender does not tell
 * @param stepsByPath [d] = steps whose accepted path had d tokens; empty if the contender does not tell
 * @param firstTokenNs from the request until the first token
 * @param totalNs from the request until the last token
 * @param gapsNs times between neighbouring tokens as a reader sees them; a block accepted at once has gaps near 0
 */
record PromptRun(
        List<Integer> ids,
        int tokens,
        int steps,
        List<Integer> stepsByPath,
        long firstTokenNs,
        long totalNs,
        List<Long> gapsNs) {
    static final int TIMED_TOKENS_MIN = 8;
    static final int TIMED_STEPS_MIN = 4;

    PromptRun {
        ids = List.copyOf(ids);
        stepsByPath = List.copyOf(stepsByPath);
        gapsNs = List.copyOf(gapsNs);
    }

    /** From the first token to the last. */
    long decodeNs() {
        return totalNs - firstTokenNs;
    }

    /** False for answers that are too short for a decode time: the block with the first token is not part of it. */
    boolean isTimed() {
        return tokens >= TIMED_TOKENS_MIN && (steps == 0 || steps >= TIMED_STEPS_MIN) && decodeNs() > 0;
    }

    /** Tokens after the first, per second of decode time. */
    double tokensPerSecond() {
        return (tokens - 1) * 1e9 / decodeNs();
    }
}
