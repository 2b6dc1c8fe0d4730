package dev.foretoken.benchmarks.bench;

import java.util.List;

/** What a measurement found, as the outputs need it. */
interface BenchResult {
    /** {@code prompts}, {@code steps}, {@code sessions} or {@code pace}. */
    String kind();

    Control control();

    /** The few numbers to see first. */
    List<Highlight> highlights();

    /** The table for the terminal. */
    TextTable table();

    /** What a reader has to know beside the numbers; one sentence each. */
    List<String> notes();

    /** Rows of {@code results.csv}, the header first. */
    List<List<String>> csv();

    /** The part of {@code summary.json} that belongs to this kind; a record. */
    Object summary();

    /** The body of {@code report.html}. */
    List<ReportSection> sections();
}
