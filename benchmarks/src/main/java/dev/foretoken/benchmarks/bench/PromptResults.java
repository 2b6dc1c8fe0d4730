package dev.foretoken.benchmarks.bench;

import java.util.List;

/**
 * Everything that was measured on a prompt set.
 *
 * @param contenders in the order of tables; plain first, the A/A control not among them
 * @param runs every timed run, the control's under {@link PromptBench#CONTROL}
 * @param skipped for each question that was left out or cut short, why
 */
record PromptResults(
        List<ContenderTitle> contenders, List<PromptCase> cases, List<TimedRun> runs, int pairs, List<String> skipped) {
    PromptResults {
        contenders = List.copyOf(contenders);
        cases = List.copyOf(cases);
        runs = List.copyOf(runs);
        skipped = List.copyOf(skipped);
    }

    /** Who was measured. */
    record ContenderTitle(String name, String description, boolean ours) {}
}
