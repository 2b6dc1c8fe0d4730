package dev.foretoken.benchmarks.bench;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the command line asked for, checked.
 *
 * @param model null: the embedded target
 * @param prompts null: the few prompts of the project
 * @param configurations plain first
 * @param warm measures configurations with recycling once more, with tables that know the other questions
 * @param maxTokens most tokens of an answer
 * @param limit most questions per category
 * @param pairs rounds, each of which runs everything once; null: what the mode finds enough
 * @param steps row counts; empty unless steps are measured
 * @param past cached positions before a measured step
 * @param sessions numbers of concurrent sessions; empty unless throughput is measured
 * @param longPrompt tokens of a prompt beside the sessions; null: throughput is measured
 * @param out where the files go; null: no files
 */
record BenchOptions(
        @Nullable Path model,
        @Nullable Path draftModel,
        @Nullable Path prompts,
        List<Configuration> configurations,
        boolean warm,
        int maxTokens,
        int limit,
        double temperature,
        long seed,
        int threads,
        @Nullable Integer pairs,
        List<Integer> steps,
        int past,
        List<Integer> sessions,
        @Nullable Integer longPrompt,
        @Nullable String peerCommand,
        @Nullable String peerUrl,
        @Nullable Path out) {

    int pairs(int whenNotGiven) {
        return pairs == null ? whenNotGiven : pairs;
    }

    /** The same with nobody to compare with. */
    BenchOptions withoutPeer() {
        return new BenchOptions(
                model,
                draftModel,
                prompts,
                configurations,
                warm,
                maxTokens,
                limit,
                temperature,
                seed,
                threads,
                pairs,
                steps,
                past,
                sessions,
                longPrompt,
                null,
                null,
                out);
    }
}
