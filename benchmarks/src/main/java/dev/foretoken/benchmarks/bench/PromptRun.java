package dev.foretoken.benchmarks.bench;

import java.util.List;

/**
 * One timed answer.
 *
 * @param ids the answer, the end token included; empty if the contender does not tell
 * @param tokens tokens of the answer
 * @param steps verify steps; 0 if the contender does not tell
 * @param stepsByPath [d] = steps whose accepted path had d tokens; empty if the contender does not tell
 * @param firstBlock tokens that came in one block with the first one, itself included; 1 if the contender does not tell
 * @param firstTokenNs from the request until the first token
 * @param totalNs from the request until the last token
 * @param gapsNs times between neighbouring tokens as a reader sees them; a block accepted at once has gaps near 0
 */
record PromptRun(
        List<Integer> ids,
        int tokens,
        int steps,
        List<Integer> stepsByPath,
        int firstBlock,
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

    /**
     * From the arrival of a token to that of the last one.
     *
     * @param token from 1; above 1 where there are gaps
     */
    long decodeNsAfter(int token) {
        return decodeNs()
                - gapsNs.subList(0, token - 1).stream()
                        .mapToLong(Long::longValue)
                        .sum();
    }

    /** Tokens after the first block, whose others came with the first one and took no decode time. */
    int restTokens() {
        return tokens - firstBlock;
    }

    /** The time that {@link #restTokens} took. */
    long restNs() {
        return decodeNsAfter(firstBlock);
    }

    /** False for answers that are too short for a decode time: the first block is not part of it. */
    boolean isTimed() {
        return tokens >= TIMED_TOKENS_MIN && (steps == 0 || steps >= TIMED_STEPS_MIN) && restNs() > 0;
    }

    /** Tokens after the first block, per second. */
    double tokensPerSecond() {
        return restTokens() * 1e9 / restNs();
    }
}
