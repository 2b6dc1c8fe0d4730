package dev.foretoken.benchmarks.bench;

import dev.foretoken.benchmarks.bench.PlotSeries.Point;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The report of a prompt set. */
final class PromptSections {
    private static final String MEAN = "mean of categories";
    private static final String PLAIN = "× plain decoding";
    private static final int DEPTHS_SHOWN = 12;
    /** Fewer steps say nothing about a rate. */
    private static final int REACHED_MIN = 10;

    private PromptSections() {}

    static List<ReportSection> of(List<ContenderSummary> contenders, Control control, TextTable table) {
        List<ReportSection> sections = new ArrayList<>();
        List<ContenderSummary> speculating = contenders.stream()
                .filter(contender -> contender.decodeSpeedupMean() != null)
                .toList();
        if (!speculating.isEmpty()) {
            sections.add(new ReportSection(
                    "Speed-up of decoding, by category",
                    "Plain decoding's time over each configuration's, on the same prompt in the same round. Both sides"
                        + " count from the token that ends the configuration's first block to the last one: what comes"
                        + " with the first token is not part of decoding. Dots are medians, whiskers 95 % bootstrap"
                        + " intervals; to the right of the line is faster. The shaded band is the A/A control:"
                        + " differences within it are noise.",
                    List.of(speedups(
                            speculating,
                            control,
                            GroupSummary::decodeSpeedup,
                            ContenderSummary::decodeSpeedupMean,
                            PLAIN)),
                    null));
            sections.add(new ReportSection(
                    "The same with prompt time",
                    "From the request to the last token. Prompts are read at plain decoding's speed, so long ones pull"
                            + " towards 1.",
                    List.of(speedups(
                            speculating,
                            control,
                            GroupSummary::totalSpeedup,
                            ContenderSummary::totalSpeedupMean,
                            PLAIN)),
                    null));
        }
        if (contenders.stream().anyMatch(contender -> contender.toPeerMean() != null)) {
            sections.add(new ReportSection(
                    "Decode rate against the peer's fastest mode",
                    "Tokens per second after the first block, over the peer's after the first token, on the same"
                            + " prompt in the same round.",
                    List.of(speedups(
                            contenders.stream()
                                    .filter(contender -> contender.toPeerMean() != null)
                                    .toList(),
                            control,
                            GroupSummary::toPeer,
                            ContenderSummary::toPeerMean,
                            "× the peer")),
                    null));
        }
        if (speculating.stream().anyMatch(contender -> !shown(contender).isEmpty())) {
            sections.add(new ReportSection(
                    "Acceptance by depth",
                    "Of the verify steps whose accepted path reached the depth above, the share whose path goes on at"
                            + " this one. Steps in which nothing was guessed there count as not accepted; depths that"
                            + " fewer than ten steps reached are left out.",
                    List.of(acceptance(speculating)),
                    null));
        }
        sections.add(new ReportSection(
                "All numbers",
                "Gaps are the times between neighbouring tokens as a reader sees them: the tokens of one accepted"
                        + " block arrive together.",
                List.of(),
                table));
        return sections;
    }

    private static String speedups(
            List<ContenderSummary> contenders,
            Control control,
            Function<GroupSummary, @Nullable Interval> ofGroup,
            Function<ContenderSummary, @Nullable Interval> ofAll,
            String axis) {
        List<String> rows = new ArrayList<>();
        contenders.getFirst().categories().forEach(group -> rows.add(group.category()));
        rows.add(MEAN);
        List<PlotSeries> series = new ArrayList<>();
        for (ContenderSummary contender : contenders) {
            List<@Nullable Interval> intervals = new ArrayList<>();
            contender.categories().forEach(group -> intervals.add(ofGroup.apply(group)));
            intervals.add(ofAll.apply(contender));
            series.add(PlotSeries.of(contender.name(), points(intervals)));
        }
        return Plots.dots(rows, series, axis, 1, control.ratio());
    }

    private static List<Point> points(List<@Nullable Interval> intervals) {
        List<Point> points = new ArrayList<>();
        for (int i = 0; i < intervals.size(); i++) {
            Interval interval = intervals.get(i);
            if (interval != null) {
                points.add(Point.of(i, interval));
            }
        }
        return points;
    }

    private static String acceptance(List<ContenderSummary> contenders) {
        int depths = contenders.stream()
                .mapToInt(contender -> shown(contender).size())
                .max()
                .orElse(0);
        List<PlotSeries> series = contenders.stream()
                .map(contender -> PlotSeries.of(
                        contender.name(),
                        shown(contender).stream()
                                .map(rate -> Point.of(rate.depth() - 1, rate.rate()))
                                .toList()))
                .toList();
        List<String> labels =
                IntStream.rangeClosed(1, depths).mapToObj(String::valueOf).toList();
        return Plots.lines(labels, series, "depth in the tree", "accepted", Plots.Scale.SHARE);
    }

    /** Depths that few steps reached come last, as fewer steps reach each next one. */
    private static List<DepthRate> shown(ContenderSummary contender) {
        return contender.all().acceptance().stream()
                .limit(DEPTHS_SHOWN)
                .takeWhile(rate -> rate.reached() >= REACHED_MIN)
                .toList();
    }
}
