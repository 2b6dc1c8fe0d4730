package dev.foretoken.benchmarks.bench;

import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.transport.cli.Numbers;
import dev.foretoken.transport.cli.Terminal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "bench",
        description =
                "Measures plain and speculative decoding in pairs, on prompts, on single verify steps or with many"
                        + " sessions.",
        footer = {
            "",
            "Examples:",
            "  foretoken bench",
            "  foretoken bench --model m.gguf --prompts spec-bench.jsonl --limit 5 --config fast=ngram,recycling:8"
                    + " --out results",
            "  foretoken bench --model m.gguf --steps 1,2,4,8 --peer-command \"python3 llamacpp_step.py\"",
            "  foretoken bench --model m.gguf --sessions 1,2,4,8",
            "  foretoken bench --model m.gguf --sessions 1,2,4 --long-prompt 1000"
        })
final class BenchCommand implements Callable<Integer> {
    private static final int LIST_MAX = 32;
    private static final List<Integer> STEPS_OF_REPORT = List.of(1, 2, 4, 8, 16, 32);
    private static final int PAIRS_OF_REPORT = 12;

    private final Terminal terminal;

    @Option(
            names = "--model",
            paramLabel = "FILE",
            description = "GGUF file of the target model (default: the embedded one).")
    @Nullable
    Path model;

    @Option(
            names = "--draft-model",
            paramLabel = "FILE",
            description = "GGUF file for the drafter model (default: the embedded one beside the embedded target).")
    @Nullable
    Path draftModel;

    @Option(
            names = "--prompts",
            paramLabel = "FILE",
            description = "JSON Lines with question_id, category and turns (default: a few short prompts of our own).")
    @Nullable
    Path prompts;

    @Option(
            names = "--config",
            paramLabel = "NAME=DRAFTERS[:TREE]",
            description =
                    "A configuration to measure beside plain decoding; repeatable. DRAFTERS as for generate, TREE a"
                            + " number of nodes or auto; plain: nothing else (default: auto=auto).")
    List<String> configurations = new ArrayList<>();

    @Option(
            names = "--warm",
            description = "Measures each configuration with recycling once more, its table warm from the answers to all"
                    + " other questions.")
    boolean warm;

    @Option(
            names = "--max-tokens",
            paramLabel = "N",
            converter = Numbers.Whole.class,
            description = "Most tokens of an answer (default: ${DEFAULT-VALUE}).")
    int maxTokens = 128;

    @Option(
            names = "--limit",
            paramLabel = "N",
            converter = Numbers.Whole.class,
            description = "First so many questions of each category (default: all).")
    int limit = Integer.MAX_VALUE;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            converter = Numbers.Decimal.class,
            description = "0 is greedy (default: ${DEFAULT-VALUE}).")
    double temperature;

    @Option(
            names = "--seed",
            paramLabel = "N",
            converter = Numbers.Seed.class,
            description = "Of the sampling and of the order of runs (default: ${DEFAULT-VALUE}).")
    long seed = 1;

    @Option(
            names = "--threads",
            paramLabel = "N",
            converter = Numbers.Whole.class,
            description = "Threads of a forward pass, ours and the peer's (default: one per core).")
    int threads = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--pairs",
            paramLabel = "N",
            converter = Numbers.Whole.class,
            description = "Rounds in which everything runs once (default: 3 for prompts and sessions, 40 for steps).")
    @Nullable
    Integer pairs;

    @Option(
            names = "--steps",
            paramLabel = "N,N,…",
            description = "Measures verify steps of so many rows instead of prompts, for example 1,2,4,8.")
    @Nullable
    String steps;

    @Option(
            names = "--past",
            paramLabel = "N",
            converter = Numbers.Whole.class,
            description = "Cached positions before a measured step (default: ${DEFAULT-VALUE}).")
    int past = 256;

    @Option(
            names = "--sessions",
            paramLabel = "N,N,…",
            description = "Measures the throughput of so many sessions at once, for example 1,2,4,8.")
    @Nullable
    String sessions;

    @Option(
            names = "--long-prompt",
            paramLabel = "TOKENS",
            converter = Numbers.Whole.class,
            description = "With --sessions: measures the gaps between the sessions' tokens while a prompt of so many"
                    + " tokens is read beside them, and without it.")
    @Nullable
    Integer longPrompt;

    @Option(
            names = "--peer-command",
            paramLabel = "CMD",
            description =
                    "A program that drives another engine, asked in turn with ours (protocol: benchmarks/README.md).")
    @Nullable
    String peerCommand;

    @Option(
            names = "--peer-url",
            paramLabel = "URL",
            description = "An OpenAI-compatible server to compare with, for example http://127.0.0.1:8000/v1.")
    @Nullable
    String peerUrl;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Writes results.csv, report.html and summary.json there.")
    @Nullable
    Path out;

    BenchCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        BenchOptions options = options();
        BenchOutput output = new BenchOutput(terminal, options);
        try (ProgressBar progress = new ProgressBar(terminal)) {
            output.show(measure(options, progress), progress);
        }
        return CommandLine.ExitCode.OK;
    }

    private static BenchResult measure(BenchOptions options, ProgressBar progress) {
        if (!options.steps().isEmpty()) {
            try (StepBench bench =
                    new StepBench(options, options.steps(), options.pairs(StepBench.PAIRS_DEFAULT), progress)) {
                return new StepOutcome(bench.run());
            }
        }
        if (options.longPrompt() != null) {
            try (PaceBench bench = new PaceBench(options, options.longPrompt(), progress)) {
                return new PaceOutcome(bench.run());
            }
        }
        if (!options.sessions().isEmpty()) {
            try (SessionBench bench = new SessionBench(options, progress)) {
                return new SessionOutcome(bench.run());
            }
        }
        PromptResults prompts;
        try (PromptBench bench = new PromptBench(options, progress)) {
            prompts = bench.run();
        }
        return options.out() == null
                ? new PromptOutcome(prompts, null, null)
                : withStepCost(prompts, options, progress);
    }

    /** A report of prompts shows what a step costs, too; without the peer, whose program speaks another protocol now. */
    private static PromptOutcome withStepCost(PromptResults prompts, BenchOptions options, ProgressBar progress) {
        try (StepBench bench = new StepBench(options.withoutPeer(), STEPS_OF_REPORT, PAIRS_OF_REPORT, progress)) {
            return new PromptOutcome(prompts, new StepOutcome(bench.run()), null);
        } catch (InvalidInputException e) {
            return new PromptOutcome(prompts, null, e.getMessage()); // the answers are measured and must not be lost
        }
    }

    private BenchOptions options() {
        atLeastOne("--max-tokens", maxTokens);
        atLeastOne("--limit", limit);
        atLeastOne("--threads", threads);
        atLeastOne("--past", past);
        if (pairs != null) {
            atLeastOne("--pairs", pairs);
        }
        if (longPrompt != null) {
            atLeastOne("--long-prompt", longPrompt);
        }
        if (steps != null && (prompts != null || sessions != null || peerUrl != null)) {
            throw new InvalidInputException(
                    "--steps measures single steps: leave out --prompts, --sessions and --peer-url");
        }
        if (warm && (steps != null || sessions != null)) {
            throw new InvalidInputException("--warm is measured on prompts: leave out --steps and --sessions");
        }
        if (temperature > 0 && (peerCommand != null || peerUrl != null)) {
            throw new InvalidInputException(
                    "--temperature is %s, but peers are compared at 0, where answers are alike: leave it out"
                            .formatted(temperature));
        }
        if (sessions != null && peerCommand != null) {
            throw new InvalidInputException(
                    "--sessions compares with servers: give --peer-url instead of --peer-command");
        }
        if (longPrompt != null && (sessions == null || peerUrl != null)) {
            throw new InvalidInputException(
                    "--long-prompt is read beside sessions of ours: give --sessions and leave out --peer-url");
        }
        return new BenchOptions(
                model,
                draftModel,
                prompts,
                Configuration.parseAll(configurations),
                warm,
                maxTokens,
                limit,
                temperature,
                seed,
                threads,
                pairs,
                numbers("--steps", steps),
                past,
                numbers("--sessions", sessions),
                longPrompt,
                peerCommand,
                peerUrl,
                out);
    }

    private static void atLeastOne(String option, int value) {
        if (value < 1) {
            throw new InvalidInputException("%s is %d, expected 1 or more".formatted(option, value));
        }
    }

    static List<Integer> numbers(String option, @Nullable String list) {
        if (list == null) {
            return List.of();
        }
        List<Integer> numbers = new ArrayList<>();
        for (String part : list.split(",", -1)) {
            String digits = part.strip();
            int number = digits.matches("\\d{1,6}") ? Integer.parseInt(digits) : 0;
            if (number < 1 || numbers.contains(number) || numbers.size() == LIST_MAX) {
                throw new InvalidInputException(
                        "%s is \"%s\", expected up to %d different whole numbers from 1, for example 1,2,4,8"
                                .formatted(option, list, LIST_MAX));
            }
            numbers.add(number);
        }
        return List.copyOf(numbers);
    }
}
