package dev.foretoken.benchmarks.bench;

import java.util.List;

/** The report of a prompt set. */
final class PromptSections {
    private PromptSections() {}

    static List<ReportSection> of(List<ContenderSummary> contenders, TextTable table) {
        return List.of(new ReportSection("All numbers", "", List.of(), table));
    }
}
