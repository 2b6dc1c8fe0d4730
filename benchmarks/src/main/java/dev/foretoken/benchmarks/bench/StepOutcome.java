package dev.foretoken.benchmarks.bench;

import dev.foretoken.benchmarks.bench.StepResults.Runner;
import dev.foretoken.benchmarks.bench.StepResults.TimedStep;
import dev.foretoken.engine.tree.TokenTree;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** Measured steps, ready to be shown. */
final class StepOutcome implements BenchResult {
    /**
     * One row count.
     *
     * @param forwardMs forward pass with all logits, median
     * @param verifyMs verify step as decoding runs it, median
     * @param peerMs the peer's step with all logits, median
     * @param toPeer the peer's time over the forward pass's: above 1 we are faster
     * @param cost verify step over the verify step of one row
     * @param costToFastestSingle verify step over the faster of the two single steps, ours and the peer's
     * @param gigaflopsPerSecond of the forward pass
     * @param gigabytesPerSecond of the forward pass, weights and cached positions read once
     * @param rooflineMs what the host's limits allow at best
     * @param ofRoofline rooflineMs over forwardMs, at most about 1
     */
    record StepFigure(
            int rows,
            double forwardMs,
            double verifyMs,
            @Nullable Double peerMs,
            @Nullable Interval toPeer,
            @Nullable Interval cost,
            @Nullable Interval costToFastestSingle,
            double gigaflopsPerSecond,
            double gigabytesPerSecond,
            double rooflineMs,
            double ofRoofline) {}

    /** The part of summary.json. */
    record Summary(int past, @Nullable String peer, StepWork work, Roofline roofline, List<StepFigure> steps) {}

    private final StepResults results;
    private final Map<Runner, Map<Integer, Map<Integer, Long>>> nsByRound = new EnumMap<>(Runner.class);
    private final List<StepFigure> figures;
    private final Control control;

    StepOutcome(StepResults results) {
        this.results = results;
        for (TimedStep step : results.steps()) {
            nsByRound
                    .computeIfAbsent(step.runner(), runner -> new HashMap<>())
                    .computeIfAbsent(step.rows(), rows -> new HashMap<>())
                    .put(step.round(), step.ns());
        }
        figures = results.rows().stream().map(this::figure).toList();
        control = new Control(Statistics.medianOf(results.rows().stream()
                .map(rows -> ratios(times(Runner.FORWARD, rows), times(Runner.FORWARD_AGAIN, rows)))
                .toList()));
    }

    List<StepFigure> figures() {
        return figures;
    }

    StepResults results() {
        return results;
    }

    private Map<Integer, Long> times(Runner runner, int rows) {
        return nsByRound.getOrDefault(runner, Map.of()).getOrDefault(rows, Map.of());
    }

    /** base / other, round by round. */
    private static double[] ratios(Map<Integer, Long> base, Map<Integer, Long> other) {
        return base.keySet().stream()
                .filter(other::containsKey)
                .mapToDouble(round -> (double) base.get(round) / other.get(round))
                .toArray();
    }

    private static @Nullable Interval ratio(Map<Integer, Long> base, Map<Integer, Long> other) {
        return Statistics.medianOf(List.of(ratios(base, other)));
    }

    private static OptionalDouble medianMs(Map<Integer, Long> times) {
        double[] ms = times.values().stream().mapToDouble(ns -> ns / 1e6).toArray();
        return ms.length == 0 ? OptionalDouble.empty() : OptionalDouble.of(Statistics.median(ms));
    }

    private StepFigure figure(int rows) {
        Map<Integer, Long> forward = times(Runner.FORWARD, rows);
        Map<Integer, Long> verify = times(Runner.VERIFY, rows);
        Map<Integer, Long> peer = times(Runner.PEER, rows);
        double forwardMs = medianMs(forward).orElseThrow();
        double rooflineMs = results.roofline().stepNs(results.work(), rows) / 1e6;
        OptionalDouble peerMs = medianMs(peer);
        Interval cost = ratio(verify, times(Runner.VERIFY, 1));
        return new StepFigure(
                rows,
                forwardMs,
                medianMs(verify).orElseThrow(),
                peerMs.isPresent() ? peerMs.getAsDouble() : null,
                ratio(peer, forward),
                cost,
                peerIsFasterAlone() ? ratio(verify, times(Runner.PEER, 1)) : cost,
                results.work().flops(rows) / (forwardMs * 1e6),
                results.work().bytes() / (forwardMs * 1e6),
                rooflineMs,
                rooflineMs / forwardMs);
    }

    private boolean peerIsFasterAlone() {
        OptionalDouble peer = medianMs(times(Runner.PEER, 1));
        return peer.isPresent()
                && peer.getAsDouble() < medianMs(times(Runner.VERIFY, 1)).orElseThrow();
    }

    @Override
    public String kind() {
        return "steps";
    }

    @Override
    public Control control() {
        return control;
    }

    @Override
    public List<Highlight> highlights() {
        List<Highlight> highlights = new ArrayList<>();
        for (StepFigure figure : figures) {
            if (figure.rows() > 1
                    && figure.rows() <= TokenTree.NODES_MAX
                    && figure.cost() != null
                    && highlights.size() < 4) {
                highlights.add(Highlight.of(figure.cost(), "the cost of one row, for %d".formatted(figure.rows())));
            }
        }
        return highlights;
    }

    @Override
    public TextTable table() {
        TextTable table = new TextTable(
                0,
                "rows",
                "forward ms",
                "GFLOP/s",
                "GB/s",
                "of roofline",
                "peer ms",
                "to peer",
                "95 %",
                "verify ms",
                "cost",
                "95 %",
                "to best single");
        for (StepFigure figure : figures) {
            table.row(
                    String.valueOf(figure.rows()),
                    Figures.number(figure.forwardMs(), 3),
                    Figures.number(figure.gigaflopsPerSecond(), 1),
                    Figures.number(figure.gigabytesPerSecond(), 2),
                    Figures.percent(figure.ofRoofline()),
                    Figures.number(figure.peerMs(), 3),
                    Figures.times(figure.toPeer()),
                    Figures.range(figure.toPeer()),
                    Figures.number(figure.verifyMs(), 3),
                    Figures.times(figure.cost()),
                    Figures.range(figure.cost()),
                    results.peer() == null ? Figures.UNKNOWN : Figures.times(figure.costToFastestSingle()));
        }
        return table.withoutEmptyColumns();
    }

    @Override
    public List<String> notes() {
        List<String> notes = new ArrayList<>();
        notes.add("%d cached positions; forward: logits of all rows; verify: as decoding runs it, cost over one row."
                .formatted(results.past()));
        notes.add(Figures.format(
                "This host reads %.1f GB/s from an array of the weights' size (%.0f MB), its kernel does %.0f GFLOP/s"
                        + " in the caches.",
                results.roofline().gigabytesPerSecond(),
                results.work().weightBytes() / 1e6,
                results.roofline().gigaflopsPerSecond()));
        if (results.peer() != null) {
            notes.add("Peer: %s; to peer above 1: we are faster.".formatted(results.peer()));
        }
        return notes;
    }

    @Override
    public List<List<String>> csv() {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("round", "position", "runner", "rows", "ms"));
        for (TimedStep step : results.steps()) {
            rows.add(List.of(
                    String.valueOf(step.round()),
                    String.valueOf(step.position()),
                    step.runner().name().toLowerCase(java.util.Locale.ROOT),
                    String.valueOf(step.rows()),
                    Figures.format("%.6f", step.ns() / 1e6)));
        }
        return rows;
    }

    @Override
    public Object summary() {
        return new Summary(results.past(), results.peer(), results.work(), results.roofline(), figures);
    }

    @Override
    public List<ReportSection> sections() {
        return StepSections.of(this);
    }
}
