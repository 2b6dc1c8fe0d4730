package dev.foretoken.benchmarks.bench;

import dev.foretoken.benchmarks.bench.PromptResults.ContenderTitle;
import java.util.List;

/**
 * Everything that was measured of streams beside a long prompt.
 *
 * @param contenders plain first, the A/A control not among them
 * @param sessions numbers of streams, in the order asked for
 * @param skipped for each question that was left out or cut short, why
 */
record PaceResults(
        List<ContenderTitle> contenders,
        List<Integer> sessions,
        int promptTokens,
        List<Window> windows,
        List<String> skipped) {
    PaceResults {
        contenders = List.copyOf(contenders);
        sessions = List.copyOf(sessions);
        windows = List.copyOf(windows);
        skipped = List.copyOf(skipped);
    }

    /**
     * A stretch of time while streams decode.
     *
     * @param round windows of one round, contender and number of streams are compared with each other
     * @param sessions streams; 0: the long prompt was read alone
     * @param besidePrompt true: the window is the time from the long prompt's request to its first token; false: until
     *     each stream had the tokens that it had in such a window
     * @param gapsNs times between neighbouring tokens as readers saw them, of all streams together
     */
    record Window(int round, String contender, int sessions, boolean besidePrompt, long ns, List<Long> gapsNs) {
        Window {
            gapsNs = List.copyOf(gapsNs);
        }
    }
}
