package dev.foretoken.benchmarks.bench;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One contender: over all prompts, and category by category.
 *
 * @param decodeSpeedupMean mean over categories of the decode speed-up, so that no category counts more for its size
 * @param totalSpeedupMean the same with prompt time
 * @param toPeerMean the same for the ratio to the peer
 */
record ContenderSummary(
        String name,
        String description,
        boolean ours,
        @Nullable Interval decodeSpeedupMean,
        @Nullable Interval totalSpeedupMean,
        @Nullable Interval toPeerMean,
        GroupSummary all,
        List<GroupSummary> categories) {
    ContenderSummary {
        categories = List.copyOf(categories);
    }
}
