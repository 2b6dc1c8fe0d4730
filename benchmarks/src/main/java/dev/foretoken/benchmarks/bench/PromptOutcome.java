package dev.foretoken.benchmarks.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A measured prompt set, ready to be shown. */
final class PromptOutcome implements BenchResult {
    private static final int DEPTHS_SHOWN = 4;

    /** The part of summary.json. */
    record Summary(
            int prompts,
            int pairs,
            int skipped,
            @Nullable String bestPeer,
            List<ContenderSummary> configurations,
            @Nullable Object stepCost) {}

    private final PromptResults results;
    private final List<ContenderSummary> contenders;
    private final Control control;
    private final Optional<String> bestPeer;
    private final @Nullable StepOutcome stepCost;
    private final @Nullable String stepCostProblem;

    /**
     * @param stepCost measured on the same model; null: the report does without
     * @param stepCostProblem why it does, if it should not
     */
    PromptOutcome(PromptResults results, @Nullable StepOutcome stepCost, @Nullable String stepCostProblem) {
        this.results = results;
        this.stepCost = stepCost;
        this.stepCostProblem = stepCostProblem;
        PromptSummary summary = new PromptSummary(results);
        this.contenders = summary.contenders();
        this.control = summary.control();
        this.bestPeer = summary.bestPeer();
    }

    @Override
    public String kind() {
        return "prompts";
    }

    @Override
    public Control control() {
        return control;
    }

    @Override
    public List<Highlight> highlights() {
        List<Highlight> highlights = new ArrayList<>();
        for (ContenderSummary contender : contenders) {
            if (contender.decodeSpeedupMean() != null) {
                highlights.add(Highlight.of(
                        contender.decodeSpeedupMean(),
                        "decoding with %s against plain, mean of categories".formatted(contender.name())));
            }
            if (contender.toPeerMean() != null) {
                highlights.add(Highlight.of(
                        contender.toPeerMean(),
                        "decode rate of %s against %s".formatted(contender.name(), bestPeer.orElse("the peer"))));
            }
        }
        return highlights;
    }

    @Override
    public TextTable table() {
        TextTable table = new TextTable(
                2,
                "category",
                "configuration",
                "tokens/s",
                "decode",
                "95 %",
                "with prompt",
                "to peer",
                "95 %",
                "prompt to peer",
                "tokens/step",
                "accepted at depth 1, 2, …",
                "first token ms",
                "gap p50 ms",
                "gap p99 ms");
        for (int i = 0; i < contenders.getFirst().categories().size(); i++) {
            table.gap();
            for (ContenderSummary contender : contenders) {
                row(table, contender, contender.categories().get(i));
            }
        }
        table.gap();
        contenders.forEach(contender -> row(table, contender, contender.all()));
        table.gap();
        contenders.stream()
                .filter(contender -> contender.decodeSpeedupMean() != null)
                .forEach(contender -> meanRow(table, contender));
        return table.withoutEmptyColumns();
    }

    private static void row(TextTable table, ContenderSummary contender, GroupSummary group) {
        table.row(
                group.category(),
                contender.name(),
                Figures.number(group.tokensPerSecond(), 1),
                Figures.times(group.decodeSpeedup()),
                Figures.range(group.decodeSpeedup()),
                Figures.times(group.totalSpeedup()),
                Figures.times(group.toPeer()),
                Figures.range(group.toPeer()),
                Figures.times(group.promptToPeer()),
                Figures.number(group.emittedPerStep(), 2),
                depths(group.acceptance()),
                Figures.number(group.firstTokenMs(), 1),
                Figures.number(group.gapMs50(), 2),
                Figures.number(group.gapMs99(), 2));
    }

    private static void meanRow(TextTable table, ContenderSummary contender) {
        table.row(
                "mean of categories",
                contender.name(),
                "",
                Figures.times(contender.decodeSpeedupMean()),
                Figures.range(contender.decodeSpeedupMean()),
                Figures.times(contender.totalSpeedupMean()),
                Figures.times(contender.toPeerMean()),
                Figures.range(contender.toPeerMean()),
                "",
                "",
                "",
                "",
                "",
                "");
    }

    private static String depths(List<DepthRate> rates) {
        return rates.isEmpty()
                ? Figures.UNKNOWN
                : rates.stream()
                        .limit(DEPTHS_SHOWN)
                        .map(rate -> Figures.percent(rate.rate()))
                        .collect(Collectors.joining(" "));
    }

    @Override
    public List<String> notes() {
        List<String> notes = new ArrayList<>();
        notes.add("%d answers in each of %d rounds; every configuration gave plain decoding's tokens."
                .formatted(results.cases().size(), results.pairs()));
        notes.addAll(PromptPlanner.notes(results.skipped()));
        bestPeer.ifPresent(peer -> notes.add("The ratio to the peer is to its fastest mode, %s.".formatted(peer)));
        contenders.stream()
                .filter(contender -> !contender.ours() && contender.all().sameAnswers() != null)
                .forEach(contender -> notes.add("%s gave plain decoding's tokens in %s of the answers."
                        .formatted(
                                contender.name(),
                                Figures.percent(contender.all().sameAnswers()))));
        if (stepCostProblem != null) {
            notes.add("The report does without the cost of a step: %s.".formatted(stepCostProblem));
        }
        return notes;
    }

    @Override
    public List<List<String>> csv() {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of(
                "round",
                "position",
                "configuration",
                "category",
                "question_id",
                "turn",
                "prompt_tokens",
                "tokens",
                "steps",
                "first_block",
                "first_token_ms",
                "decode_ms",
                "rest_ms",
                "total_ms",
                "tokens_per_second",
                "steps_by_accepted"));
        results.runs().forEach(timed -> rows.add(csvRow(timed)));
        return rows;
    }

    private static List<String> csvRow(TimedRun timed) {
        PromptCase promptCase = timed.promptCase();
        PromptRun run = timed.run();
        return List.of(
                String.valueOf(timed.round()),
                String.valueOf(timed.position()),
                timed.contender(),
                promptCase.category(),
                promptCase.questionId(),
                String.valueOf(promptCase.turn()),
                String.valueOf(promptCase.promptIds().size()),
                String.valueOf(run.tokens()),
                String.valueOf(run.steps()),
                String.valueOf(run.firstBlock()),
                Figures.format("%.3f", run.firstTokenNs() / 1e6),
                Figures.format("%.3f", run.decodeNs() / 1e6),
                Figures.format("%.3f", run.restNs() / 1e6),
                Figures.format("%.3f", run.totalNs() / 1e6),
                run.isTimed() ? Figures.format("%.3f", run.tokensPerSecond()) : "",
                withoutTrailingZeros(run.stepsByPath()));
    }

    private static String withoutTrailingZeros(List<Integer> counts) {
        int length = counts.size();
        while (length > 0 && counts.get(length - 1) == 0) {
            length--;
        }
        return counts.subList(0, length).stream().map(String::valueOf).collect(Collectors.joining(" "));
    }

    @Override
    public Object summary() {
        return new Summary(
                results.cases().size(),
                results.pairs(),
                results.skipped().size(),
                bestPeer.orElse(null),
                contenders,
                stepCost == null ? null : stepCost.summary());
    }

    @Override
    public List<ReportSection> sections() {
        List<ReportSection> sections = new ArrayList<>(PromptSections.of(contenders, control, table()));
        if (stepCost != null) {
            sections.add(sections.size() - 1, stepCost.sections().getFirst());
        }
        return sections;
    }
}
