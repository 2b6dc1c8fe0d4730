package dev.foretoken.benchmarks.bench;

import dev.foretoken.benchmarks.bench.PromptResults.ContenderTitle;
import dev.foretoken.benchmarks.bench.SessionResults.Burst;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Measured throughput, ready to be shown. */
final class SessionOutcome implements BenchResult {
    private static final long GAP_NS_MAX = 3_600_000_000_000L;

    /**
     * One contender with one number of sessions.
     *
     * @param tokensPerSecond of all sessions together, median over rounds
     * @param toPlain over plain decoding's with as many sessions; null for plain itself and for peers
     * @param toPeer over the server's with as many sessions; null without one
     * @param toOneSession over its own with the smallest number of sessions
     */
    record SessionFigure(
            String name,
            boolean ours,
            int sessions,
            double tokensPerSecond,
            @Nullable Interval toPlain,
            @Nullable Interval toPeer,
            @Nullable Interval toOneSession,
            double firstTokenMs,
            double gapMs50,
            double gapMs99) {}

    /** The part of summary.json. */
    record Summary(List<SessionFigure> throughput) {}

    private final SessionResults results;
    private final List<SessionFigure> figures;
    private final Control control;

    SessionOutcome(SessionResults results) {
        this.results = results;
        figures = results.contenders().stream()
                .flatMap(title -> results.sessions().stream().map(sessions -> figure(title, sessions)))
                .toList();
        control = new Control(Statistics.medianOf(results.sessions().stream()
                .map(sessions -> ratios(PromptBench.CONTROL, Configuration.PLAIN.name(), sessions, sessions))
                .toList()));
    }

    List<SessionFigure> figures() {
        return figures;
    }

    private List<Burst> bursts(String contender, int sessions) {
        return results.bursts().stream()
                .filter(burst -> burst.contender().equals(contender) && burst.sessions() == sessions)
                .toList();
    }

    /** Speeds of one contender over another's, round by round. */
    private double[] ratios(String contender, String base, int sessions, int baseSessions) {
        List<Double> ratios = new ArrayList<>();
        for (Burst burst : bursts(contender, sessions)) {
            Optional<Burst> other = bursts(base, baseSessions).stream()
                    .filter(candidate -> candidate.round() == burst.round())
                    .findFirst();
            other.ifPresent(found -> ratios.add(burst.tokensPerSecond() / found.tokensPerSecond()));
        }
        return ratios.stream().mapToDouble(Double::doubleValue).toArray();
    }

    private SessionFigure figure(ContenderTitle title, int sessions) {
        List<Burst> bursts = bursts(title.name(), sessions);
        Optional<String> peer = results.contenders().stream()
                .filter(other -> !other.ours())
                .map(ContenderTitle::name)
                .findFirst();
        Histogram gaps = new Histogram(GAP_NS_MAX, 3);
        bursts.forEach(burst -> burst.runs()
                .forEach(run -> run.gapsNs().forEach(gap -> gaps.recordValue(Math.clamp(gap, 0, GAP_NS_MAX)))));
        boolean toPlain = title.ours() && !title.name().equals(Configuration.PLAIN.name());
        return new SessionFigure(
                title.name(),
                title.ours(),
                sessions,
                Statistics.median(
                        bursts.stream().mapToDouble(Burst::tokensPerSecond).toArray()),
                toPlain ? interval(title.name(), Configuration.PLAIN.name(), sessions, sessions) : null,
                title.ours() && peer.isPresent() ? interval(title.name(), peer.get(), sessions, sessions) : null,
                interval(
                        title.name(), title.name(), sessions, results.sessions().getFirst()),
                Statistics.median(bursts.stream()
                        .flatMap(burst -> burst.runs().stream())
                        .mapToDouble(run -> run.firstTokenNs() / 1e6)
                        .toArray()),
                gaps.getValueAtPercentile(50) / 1e6,
                gaps.getValueAtPercentile(99) / 1e6);
    }

    private @Nullable Interval interval(String contender, String base, int sessions, int baseSessions) {
        return Statistics.medianOf(List.of(ratios(contender, base, sessions, baseSessions)));
    }

    @Override
    public String kind() {
        return "sessions";
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
                "sessions",
                "tokens/s",
                "to plain",
                "95 %",
                "to peer",
                "95 %",
                "to fewest",
                "first token ms",
                "gap p50 ms",
                "gap p99 ms");
        for (SessionFigure figure : figures) {
            if (figure.sessions() == results.sessions().getFirst()) {
                table.gap();
            }
            table.row(
                    figure.name(),
                    String.valueOf(figure.sessions()),
                    Figures.number(figure.tokensPerSecond(), 1),
                    Figures.times(figure.toPlain()),
                    Figures.range(figure.toPlain()),
                    Figures.times(figure.toPeer()),
                    Figures.range(figure.toPeer()),
                    Figures.times(figure.toOneSession()),
                    Figures.number(figure.firstTokenMs(), 1),
                    Figures.number(figure.gapMs50(), 2),
                    Figures.number(figure.gapMs99(), 2));
        }
        return table.withoutEmptyColumns();
    }

    @Override
    public List<String> notes() {
        List<String> notes = new ArrayList<>();
        notes.add("Tokens per second of all sessions together, prompts read inside that time; every configuration gave"
                + " plain decoding's tokens.");
        notes.addAll(PromptPlanner.notes(results.skipped()));
        return notes;
    }

    @Override
    public List<List<String>> csv() {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("round", "configuration", "sessions", "answers", "tokens", "ms", "tokens_per_second"));
        for (Burst burst : results.bursts()) {
            rows.add(List.of(
                    String.valueOf(burst.round()),
                    burst.contender(),
                    String.valueOf(burst.sessions()),
                    String.valueOf(burst.runs().size()),
                    String.valueOf(burst.tokens()),
                    Figures.format("%.3f", burst.ns() / 1e6),
                    Figures.format("%.3f", burst.tokensPerSecond())));
        }
        return rows;
    }

    @Override
    public Object summary() {
        return new Summary(figures);
    }

    @Override
    public List<ReportSection> sections() {
        return SessionSections.of(this);
    }
}
