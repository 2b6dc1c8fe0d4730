package dev.foretoken.benchmarks.bench;

import java.util.List;

/** The report of single steps. */
final class StepSections {
    private StepSections() {}

    static List<ReportSection> of(StepOutcome outcome) {
        return List.of(new ReportSection("Cost of a step by its rows", String.join(" ", outcome.notes()), List.of(), outcome.table()));
    }
}
