package dev.foretoken.benchmarks.bench;

import dev.foretoken.benchmarks.bench.PlotSeries.Point;
import dev.foretoken.benchmarks.bench.SessionOutcome.SessionFigure;
import java.util.List;
import java.util.stream.IntStream;

/** The report of throughput. */
final class SessionSections {
    private SessionSections() {}

    static List<ReportSection> of(SessionOutcome outcome) {
        List<Integer> sessions = outcome.figures().stream()
                .map(SessionFigure::sessions)
                .distinct()
                .toList();
        List<String> names =
                outcome.figures().stream().map(SessionFigure::name).distinct().toList();
        List<PlotSeries> series = names.stream()
                .map(name -> PlotSeries.of(name, points(outcome, name, sessions)))
                .toList();
        String plot = Plots.lines(
                sessions.stream().map(String::valueOf).toList(),
                series,
                "sessions at once",
                "tokens/s, all together",
                Plots.Scale.LINEAR);
        return List.of(
                new ReportSection(
                        "Throughput by number of sessions", String.join(" ", outcome.notes()), List.of(plot), null),
                new ReportSection("All numbers", "", List.of(), outcome.table()));
    }

    private static List<Point> points(SessionOutcome outcome, String name, List<Integer> sessions) {
        return IntStream.range(0, sessions.size())
                .mapToObj(i -> Point.of(
                        i,
                        outcome.figures().stream()
                                .filter(figure -> figure.name().equals(name) && figure.sessions() == sessions.get(i))
                                .mapToDouble(SessionFigure::tokensPerSecond)
                                .findFirst()
                                .orElse(0)))
                .toList();
    }
}
