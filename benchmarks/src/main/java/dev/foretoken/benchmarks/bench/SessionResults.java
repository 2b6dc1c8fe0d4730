package dev.foretoken.benchmarks.bench;

import dev.foretoken.benchmarks.bench.PromptResults.ContenderTitle;
import java.util.List;

/**
 * Everything that was measured of sessions at once.
 *
 * @param contenders plain first, the A/A control not among them
 * @param sessions numbers of concurrent sessions, in the order asked for
 * @param skipped for each question that was left out or cut short, why
 */
record SessionResults(
        List<ContenderTitle> contenders, List<Integer> sessions, List<Burst> bursts, List<String> skipped) {
    SessionResults {
        contenders = List.copyOf(contenders);
        sessions = List.copyOf(sessions);
        bursts = List.copyOf(bursts);
        skipped = List.copyOf(skipped);
    }

    /**
     * All prompts answered once by one contender, so many at a time.
     *
     * @param round bursts of one round and number of sessions are compared with each other
     * @param ns from the first request until the last token of all
     */
    record Burst(int round, String contender, int sessions, long ns, List<PromptRun> runs) {
        Burst {
            runs = List.copyOf(runs);
        }

        int tokens() {
            return runs.stream().mapToInt(PromptRun::tokens).sum();
        }

        double tokensPerSecond() {
            return tokens() * 1e9 / ns;
        }
    }
}
