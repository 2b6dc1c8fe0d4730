package dev.foretoken.benchmarks.bench;

import dev.foretoken.benchmarks.bench.PaceResults.Window;
import dev.foretoken.benchmarks.bench.PlotSeries.Point;
import dev.foretoken.benchmarks.bench.PromptResults.ContenderTitle;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Measured pace of streams beside a long prompt, ready to be shown. */
final class PaceOutcome implements BenchResult {
    private static final long GAP_NS_MAX = 3_600_000_000_000L;

    /**
     * One configuration with one number of streams.
     *
     * @param gapMs50 without a prompt, over all rounds; so is {@code gapMs99}
     * @param gapMs50Beside while the prompt is read, over all rounds; so is {@code gapMs99Beside}
     * @param toAlone the 99th percentile beside the prompt over that without, round by round
     * @param gapsBeside gaps that the percentiles beside the prompt are of
     * @param firstTokenMs of the long prompt while nobody else decodes, median
     * @param firstTokenMsBeside of the long prompt beside the streams, median
     */
    record PaceFigure(
            String name,
            int sessions,
            double gapMs50,
            double gapMs99,
            double gapMs50Beside,
            double gapMs99Beside,
            @Nullable Interval toAlone,
            int gapsBeside,
            double firstTokenMs,
            double firstTokenMsBeside) {}

    /** The part of summary.json. */
    record Summary(int promptTokens, List<PaceFigure> pace) {}

    private final PaceResults results;
    private final List<PaceFigure> figures;
    private final Control control;

    PaceOutcome(PaceResults results) {
        this.results = results;
        figures = results.contenders().stream()
                .flatMap(title -> results.sessions().stream().map(sessions -> figure(title, sessions)))
                .toList();
        String plain = Configuration.PLAIN.name();
        control = new Control(Statistics.medianOf(results.sessions().stream()
                .map(sessions -> ratios(
                        windows(PromptBench.CONTROL, sessions, false).toList(),
                        windows(plain, sessions, false).toList(),
                        50))
                .toList()));
    }

    List<PaceFigure> figures() {
        return figures;
    }

    private Stream<Window> windows(String contender, int sessions, boolean besidePrompt) {
        return results.windows().stream()
                .filter(window -> window.contender().equals(contender)
                        && window.sessions() == sessions
                        && window.besidePrompt() == besidePrompt);
    }

    private static Histogram gaps(List<Window> windows) {
        Histogram gaps = new Histogram(GAP_NS_MAX, 3);
        windows.forEach(window -> window.gapsNs().forEach(gap -> gaps.recordValue(Math.clamp(gap, 0, GAP_NS_MAX))));
        return gaps;
    }

    private static double gapMs(List<Window> windows, double percentile) {
        return gaps(windows).getValueAtPercentile(percentile) / 1e6;
    }

    /** A percentile of one side's gaps over the other side's in the same round. */
    private static double[] ratios(List<Window> windows, List<Window> base, double percentile) {
        return windows.stream()
                .flatMapToDouble(window -> base.stream()
                        .filter(other -> other.round() == window.round())
                        .mapToDouble(other -> gapMs(List.of(window), percentile) / gapMs(List.of(other), percentile)))
                .filter(Double::isFinite)
                .toArray();
    }

    private PaceFigure figure(ContenderTitle title, int sessions) {
        List<Window> without = windows(title.name(), sessions, false).toList();
        List<Window> beside = windows(title.name(), sessions, true).toList();
        return new PaceFigure(
                title.name(),
                sessions,
                gapMs(without, 50),
                gapMs(without, 99),
                gapMs(beside, 50),
                gapMs(beside, 99),
                Statistics.medianOf(List.of(ratios(beside, without, 99))),
                (int) gaps(beside).getTotalCount(),
                medianMs(windows(title.name(), 0, true)),
                medianMs(beside.stream()));
    }

    private static double medianMs(Stream<Window> windows) {
        return Statistics.median(
                windows.mapToDouble(window -> window.ns() / 1e6).toArray());
    }

    @Override
    public String kind() {
        return "pace";
    }

    @Override
    public Control control() {
        return control;
    }

    @Override
    public List<Highlight> highlights() {
        return List.of();
    }

    @Override
    public TextTable table() {
        TextTable table = new TextTable(
                1,
                "configuration",
                "streams",
                "gap p50 ms",
                "gap p99 ms",
                "p50 beside",
                "p99 beside",
                "p99 ratio",
                "95 %",
                "prompt alone ms",
                "prompt beside ms");
        for (PaceFigure figure : figures) {
            if (figure.sessions() == results.sessions().getFirst()) {
                table.gap();
            }
            table.row(
                    figure.name(),
                    String.valueOf(figure.sessions()),
                    Figures.number(figure.gapMs50(), 2),
                    Figures.number(figure.gapMs99(), 2),
                    Figures.number(figure.gapMs50Beside(), 2),
                    Figures.number(figure.gapMs99Beside(), 2),
                    Figures.times(figure.toAlone()),
                    Figures.range(figure.toAlone()),
                    Figures.number(figure.firstTokenMs(), 1),
                    Figures.number(figure.firstTokenMsBeside(), 1));
        }
        return table;
    }

    @Override
    public List<String> notes() {
        List<String> notes = new ArrayList<>();
        notes.add(
                "Gaps between neighbouring tokens as readers see them, without and while a prompt of %d tokens is read;"
                                .formatted(results.promptTokens())
                        + " prompt: its time to the first token; every stream gave plain decoding's tokens.");
        notes.addAll(PromptPlanner.notes(results.skipped()));
        return notes;
    }

    @Override
    public List<List<String>> csv() {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of(
                "round", "configuration", "streams", "beside_prompt", "ms", "gaps", "gap_p50_ms", "gap_p99_ms"));
        for (Window window : results.windows()) {
            boolean none = window.gapsNs().isEmpty();
            rows.add(List.of(
                    String.valueOf(window.round()),
                    window.contender(),
                    String.valueOf(window.sessions()),
                    String.valueOf(window.besidePrompt()),
                    Figures.format("%.3f", window.ns() / 1e6),
                    String.valueOf(window.gapsNs().size()),
                    none ? "" : Figures.format("%.3f", gapMs(List.of(window), 50)),
                    none ? "" : Figures.format("%.3f", gapMs(List.of(window), 99))));
        }
        return rows;
    }

    @Override
    public Object summary() {
        return new Summary(results.promptTokens(), figures);
    }

    @Override
    public List<ReportSection> sections() {
        List<PlotSeries> series = results.contenders().stream()
                .map(title -> PlotSeries.of(title.name(), points(title.name())))
                .toList();
        String plot = Plots.lines(
                results.sessions().stream().map(String::valueOf).toList(),
                series,
                "streams",
                "p99 gap beside the prompt, over without",
                Plots.Scale.LINEAR);
        return List.of(
                new ReportSection("Pace beside a long prompt", String.join(" ", notes()), List.of(plot), null),
                new ReportSection("All numbers", "", List.of(), table()));
    }

    private List<Point> points(String name) {
        List<Point> points = new ArrayList<>();
        for (PaceFigure figure : figures) {
            if (figure.name().equals(name) && figure.toAlone() != null) {
                points.add(Point.of(results.sessions().indexOf(figure.sessions()), figure.toAlone()));
            }
        }
        return points;
    }
}
