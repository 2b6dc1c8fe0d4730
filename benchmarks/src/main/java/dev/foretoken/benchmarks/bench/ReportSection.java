package dev.foretoken.benchmarks.bench;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One part of the HTML report.
 *
 * @param text a paragraph that says how to read it
 * @param figures SVG documents
 * @param table shown below the figures
 */
record ReportSection(
        String title,
        String text,
        List<String> figures,
        @Nullable TextTable table) {
    ReportSection {
        figures = List.copyOf(figures);
    }
}
