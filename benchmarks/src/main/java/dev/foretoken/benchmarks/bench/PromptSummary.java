package dev.foretoken.benchmarks.bench;

import dev.foretoken.benchmarks.bench.PromptResults.ContenderTitle;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleBiFunction;
import java.util.function.ToLongFunction;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Makes ratios, medians and intervals of timed runs. */
final class PromptSummary {
    static final String ALL = "all";
    private static final long GAP_NS_MAX = 3_600_000_000_000L;

    /** Runs that were made one after another on the same prompt. */
    private record Pair(String question, int turn, int round) {}

    private final PromptResults results;
    private final Map<String, Map<Pair, PromptRun>> byContender = new HashMap<>();
    private final Optional<String> bestPeer;

    PromptSummary(PromptResults results) {
        this.results = results;
        for (TimedRun timed : results.runs()) {
            PromptCase promptCase = timed.promptCase();
            byContender
                    .computeIfAbsent(timed.contender(), name -> new HashMap<>())
                    .put(new Pair(promptCase.questionId(), promptCase.turn(), timed.round()), timed.run());
        }
        bestPeer = results.contenders().stream()
                .filter(title -> !title.ours())
                .map(ContenderTitle::name)
                .max(Comparator.comparingDouble(name -> orZero(rate(runs(name, results.cases())))));
    }

    private static double orZero(@Nullable Double value) {
        return value == null ? 0 : value;
    }

    /** Name of the peer's mode that decodes fastest; ratios to the peer are to this one. */
    Optional<String> bestPeer() {
        return bestPeer;
    }

    Control control() {
        return new Control(Statistics.medianOf(
                ratios(results.cases(), Configuration.PLAIN.name(), PromptBench.CONTROL, PromptSummary::decodeRatio)));
    }

    List<ContenderSummary> contenders() {
        return results.contenders().stream().map(this::contender).toList();
    }

    private ContenderSummary contender(ContenderTitle title) {
        List<GroupSummary> groups = new ArrayList<>();
        byCategory().forEach((category, cases) -> groups.add(group(title, category, cases)));
        return new ContenderSummary(
                title.name(),
                title.description(),
                title.ours(),
                toPlain(title) ? mean(title, Configuration.PLAIN.name(), PromptSummary::decodeRatio) : null,
                toPlain(title) ? mean(title, Configuration.PLAIN.name(), PromptSummary::totalRatio) : null,
                toPeer(title) ? mean(title, bestPeer.orElseThrow(), PromptSummary::rateRatio) : null,
                group(title, ALL, results.cases()),
                groups);
    }

    private Map<String, List<PromptCase>> byCategory() {
        Map<String, List<PromptCase>> byCategory = new LinkedHashMap<>();
        results.cases()
                .forEach(promptCase -> byCategory
                        .computeIfAbsent(promptCase.category(), name -> new ArrayList<>())
                        .add(promptCase));
        return byCategory;
    }

    private static boolean toPlain(ContenderTitle title) {
        return title.ours() && !title.name().equals(Configuration.PLAIN.name());
    }

    private boolean toPeer(ContenderTitle title) {
        return title.ours() && bestPeer.isPresent();
    }

    private @Nullable Interval mean(ContenderTitle title, String base, ToDoubleBiFunction<PromptRun, PromptRun> ratio) {
        return Statistics.meanOfMedians(byCategory().values().stream()
                .map(cases -> ratios(cases, base, title.name(), ratio))
                .toList());
    }

    private @Nullable Interval median(
            List<PromptCase> cases, ContenderTitle title, String base, ToDoubleBiFunction<PromptRun, PromptRun> ratio) {
        return Statistics.medianOf(ratios(cases, base, title.name(), ratio));
    }

    private GroupSummary group(ContenderTitle title, String category, List<PromptCase> cases) {
        String plain = Configuration.PLAIN.name();
        List<PromptRun> runs = runs(title.name(), cases);
        Histogram gaps = gaps(runs);
        return new GroupSummary(
                category,
                cases.size(),
                toPlain(title) ? median(cases, title, plain, PromptSummary::decodeRatio) : null,
                toPlain(title) ? median(cases, title, plain, PromptSummary::totalRatio) : null,
                toPeer(title) ? median(cases, title, bestPeer.orElseThrow(), PromptSummary::rateRatio) : null,
                toPeer(title) ? median(cases, title, bestPeer.orElseThrow(), PromptSummary::firstTokenRatio) : null,
                rate(runs),
                promptRate(title, cases),
                emittedPerStep(runs),
                DepthRate.of(runs),
                Statistics.median(runs.stream()
                        .mapToDouble(run -> run.firstTokenNs() / 1e6)
                        .toArray()),
                gaps.getTotalCount() == 0 ? null : gaps.getValueAtPercentile(50) / 1e6,
                gaps.getTotalCount() == 0 ? null : gaps.getValueAtPercentile(99) / 1e6,
                sameAnswers(title, cases));
    }

    /** Per prompt, the ratios base / other of its rounds. */
    private List<double[]> ratios(
            List<PromptCase> cases, String base, String other, ToDoubleBiFunction<PromptRun, PromptRun> ratio) {
        List<double[]> clusters = new ArrayList<>();
        for (PromptCase promptCase : cases) {
            List<Double> values = new ArrayList<>();
            for (int round = 0; round < results.pairs(); round++) {
                PromptRun first = run(base, promptCase, round);
                PromptRun second = run(other, promptCase, round);
                if (first != null && second != null && first.isTimed() && second.isTimed()) {
                    values.add(ratio.applyAsDouble(first, second));
                }
            }
            clusters.add(values.stream().mapToDouble(Double::doubleValue).toArray());
        }
        return clusters;
    }

    private @Nullable PromptRun run(String contender, PromptCase promptCase, int round) {
        return byContender
                .getOrDefault(contender, Map.of())
                .get(new Pair(promptCase.questionId(), promptCase.turn(), round));
    }

    private List<PromptRun> runs(String contender, List<PromptCase> cases) {
        List<PromptRun> runs = new ArrayList<>();
        for (PromptCase promptCase : cases) {
            for (int round = 0; round < results.pairs(); round++) {
                PromptRun run = run(contender, promptCase, round);
                if (run != null) {
                    runs.add(run);
                }
            }
        }
        return runs;
    }

    /**
     * Both sides from the same token on, the last one that either had in its first block: that block's tokens come with the
     * first one and take no decode time, while the other side makes steps for them.
     */
    static double decodeRatio(PromptRun base, PromptRun other) {
        int token = Math.max(base.firstBlock(), other.firstBlock());
        return (double) base.decodeNsAfter(token) / other.decodeNsAfter(token);
    }

    static double totalRatio(PromptRun base, PromptRun other) {
        return (double) base.totalNs() / other.totalNs();
    }

    /**
     * Answers may differ in length here, so speeds are compared. Ours is of the tokens after the first block. Peers tell totals
     * or chunks, not blocks: theirs is of all tokens after the first, so what comes with that one counts for them.
     */
    static double rateRatio(PromptRun peer, PromptRun ours) {
        return ours.tokensPerSecond() / peer.tokensPerSecond();
    }

    static double firstTokenRatio(PromptRun peer, PromptRun ours) {
        return (double) peer.firstTokenNs() / ours.firstTokenNs();
    }

    private static long sum(List<PromptRun> runs, ToLongFunction<PromptRun> value) {
        return runs.stream().mapToLong(value).sum();
    }

    private static @Nullable Double rate(List<PromptRun> runs) {
        List<PromptRun> timed = runs.stream().filter(PromptRun::isTimed).toList();
        return timed.isEmpty() ? null : sum(timed, PromptRun::restTokens) * 1e9 / sum(timed, PromptRun::restNs);
    }

    private double promptRate(ContenderTitle title, List<PromptCase> cases) {
        long tokens = cases.stream()
                        .mapToLong(promptCase -> promptCase.promptIds().size())
                        .sum()
                * results.pairs();
        return tokens * 1e9 / Math.max(1, sum(runs(title.name(), cases), PromptRun::firstTokenNs));
    }

    private static @Nullable Double emittedPerStep(List<PromptRun> runs) {
        long steps = sum(runs, PromptRun::steps);
        return steps == 0 ? null : (double) sum(runs, PromptRun::tokens) / steps;
    }

    private static Histogram gaps(List<PromptRun> runs) {
        Histogram histogram = new Histogram(GAP_NS_MAX, 3);
        runs.forEach(run -> run.gapsNs().forEach(gap -> histogram.recordValue(Math.clamp(gap, 0, GAP_NS_MAX))));
        return histogram;
    }

    private @Nullable Double sameAnswers(ContenderTitle title, List<PromptCase> cases) {
        int told = 0;
        int same = 0;
        for (PromptCase promptCase : cases) {
            PromptRun run = run(title.name(), promptCase, 0);
            if (run != null && !run.ids().isEmpty()) {
                told++;
                same += run.ids().equals(promptCase.referenceIds()) ? 1 : 0;
            }
        }
        return told == 0 ? null : (double) same / told;
    }
}
