package dev.foretoken.benchmarks.bench;

import dev.foretoken.benchmarks.bench.PlotSeries.Point;
import dev.foretoken.benchmarks.bench.StepOutcome.StepFigure;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The report of single steps. */
final class StepSections {
    private StepSections() {}

    static List<ReportSection> of(StepOutcome outcome) {
        List<ReportSection> sections = new ArrayList<>();
        sections.add(new ReportSection(
                "Cost of a step by tree size, with the roofline",
                String.join(" ", outcome.notes()) + " The roofline is the least that these two limits allow.",
                List.of(cost(outcome)),
                null));
        if (outcome.results().peer() != null) {
            sections.add(new ReportSection(
                    "Against the peer",
                    "The peer's time over our forward pass's, logits of all rows on both sides; above the line we are"
                            + " faster.",
                    List.of(lines(
                            outcome,
                            List.of(series(outcome, "× " + outcome.results().peer(), StepFigure::toPeer)),
                            "ratio",
                            Plots.Scale.LINEAR)),
                    null));
        }
        sections.add(new ReportSection("All numbers", "", List.of(), outcome.table()));
        return sections;
    }

    private static String cost(StepOutcome outcome) {
        List<PlotSeries> series = new ArrayList<>();
        series.add(values(outcome, "verify step", figure -> figure.verifyMs(), false));
        series.add(values(outcome, "forward, all logits", figure -> figure.forwardMs(), false));
        if (outcome.results().peer() != null) {
            series.add(values(outcome, outcome.results().peer(), StepFigure::peerMs, false));
        }
        series.add(values(outcome, "roofline", figure -> figure.rooflineMs(), true));
        return lines(outcome, series, "ms per step", Plots.Scale.LOGARITHMIC);
    }

    private static String lines(StepOutcome outcome, List<PlotSeries> series, String valueTitle, Plots.Scale scale) {
        List<String> rows = outcome.figures().stream()
                .map(figure -> String.valueOf(figure.rows()))
                .toList();
        return Plots.lines(rows, series, "rows (nodes of the tree, root included)", valueTitle, scale);
    }

    private static PlotSeries values(
            StepOutcome outcome, String name, Function<StepFigure, @Nullable Double> value, boolean isLimit) {
        List<Point> points = new ArrayList<>();
        for (int i = 0; i < outcome.figures().size(); i++) {
            Double ms = value.apply(outcome.figures().get(i));
            if (ms != null) {
                points.add(Point.of(i, ms));
            }
        }
        return new PlotSeries(name, points, isLimit);
    }

    private static PlotSeries series(StepOutcome outcome, String name, Function<StepFigure, @Nullable Interval> value) {
        List<Point> points = new ArrayList<>();
        IntStream.range(0, outcome.figures().size()).forEach(i -> {
            Interval interval = value.apply(outcome.figures().get(i));
            if (interval != null) {
                points.add(Point.of(i, interval));
            }
        });
        return PlotSeries.of(name, points);
    }
}
