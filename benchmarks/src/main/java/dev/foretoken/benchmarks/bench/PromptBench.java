package dev.foretoken.benchmarks.bench;

import dev.foretoken.benchmarks.bench.PromptResults.ContenderTitle;
import dev.foretoken.engine.error.InvalidInputException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Measures a prompt set. In every round each prompt is answered once by every contender, and twice by plain decoding (the A/A
 * control), in an order that is drawn anew for each prompt; ratios are taken within such a group alone. Everything is loaded
 * at once and warmed up before the first timed run. Another answer than plain decoding's ends the measurement.
 */
final class PromptBench implements AutoCloseable {
    /** Name of the second plain run of each round. */
    static final String CONTROL = "plain (again)";

    static final int PAIRS_DEFAULT = 3;
    private static final long WARM_UP_NS = TimeUnit.SECONDS.toNanos(2);

    private final BenchOptions options;
    private final ProgressBar progress;
    private final Engines engines;
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    PromptBench(BenchOptions options, ProgressBar progress) {
        this.options = options;
        this.progress = progress;
        this.engines = new Engines(options, 1, progress);
    }

    PromptResults run() {
        List<ForetokenContender> ours = engines.contenders();
        List<Contender> peers = peers(); // first of all: if one does not start, nobody waits for the answers
        PromptPlanner planner = new PromptPlanner(options, progress);
        List<PromptCase> cases = planner.cases(ours.getFirst());
        List<Contender> contenders = new ArrayList<>(ours);
        contenders.add(new ForetokenContender(
                CONTROL, Configuration.PLAIN, ours.getFirst().engine(), options));
        contenders.addAll(peers);
        contenders.addAll(warm(ours, planner.tables(), cases));
        warmUp(contenders, cases);
        List<TimedRun> runs = measure(contenders, cases, options.pairs(PAIRS_DEFAULT));
        List<ContenderTitle> titles = contenders.stream()
                .filter(contender -> !contender.name().equals(CONTROL))
                .map(PromptBench::title)
                .toList();
        return new PromptResults(titles, cases, runs, options.pairs(PAIRS_DEFAULT), planner.skipped());
    }

    static ContenderTitle title(Contender contender) {
        return new ContenderTitle(contender.name(), contender.description(), contender.isOurs());
    }

    /** Each configuration with recycling once more, warm, if that is wanted. */
    private List<Contender> warm(List<ForetokenContender> ours, WarmTables tables, List<PromptCase> cases) {
        if (!options.warm()) {
            return List.of();
        }
        if (cases.stream().map(PromptCase::questionId).distinct().count() < 2) {
            throw new InvalidInputException(
                    "--warm learns from the other questions of the set, and there is only one: give it more");
        }
        List<Contender> warm = new ArrayList<>();
        for (ForetokenContender contender : ours) {
            engines.recycling(contender.configuration())
                    .ifPresent(recycling -> warm.add(new WarmContender(contender, recycling, tables)));
        }
        if (warm.isEmpty()) {
            throw new InvalidInputException(
                    "--warm is about the table of the drafter recycling, and no configuration has it: name it in"
                            + " --config");
        }
        return warm;
    }

    private List<Contender> peers() {
        List<Contender> peers = new ArrayList<>();
        if (options.peerCommand() != null) {
            progress.begin("starting the peer", 1);
            PeerModel model = keep(PeerModel.of(options.model()));
            PeerProcess process = keep(PeerProcess.start(
                    options.peerCommand(),
                    List.of("--model", model.path().toString(), "--threads", String.valueOf(options.threads()))));
            PeerContender.MODES.forEach(mode -> peers.add(new PeerContender(process, mode, options.maxTokens())));
        }
        if (options.peerUrl() != null) {
            peers.add(keep(new ServerContender(options.peerUrl(), options)));
        }
        return peers;
    }

    private <T extends AutoCloseable> T keep(T part) {
        opened.push(part);
        return part;
    }

    /** Every contender answers, untimed, for two seconds or until it has answered everything once. */
    private void warmUp(List<Contender> contenders, List<PromptCase> cases) {
        progress.begin("warming up", contenders.size());
        for (Contender contender : contenders) {
            long since = System.nanoTime();
            for (int i = 0; i < cases.size() && (i == 0 || System.nanoTime() - since < WARM_UP_NS); i++) {
                check(contender, cases.get(i), contender.run(cases.get(i)));
            }
            progress.advance("warming up");
        }
    }

    private List<TimedRun> measure(List<Contender> contenders, List<PromptCase> cases, int rounds) {
        progress.begin("measuring", (long) rounds * cases.size() * contenders.size());
        Random random = new Random(options.seed());
        List<TimedRun> runs = new ArrayList<>();
        List<Contender> order = new ArrayList<>(contenders);
        for (int round = 0; round < rounds; round++) {
            for (PromptCase promptCase : cases) {
                Collections.shuffle(order, random);
                for (int position = 0; position < order.size(); position++) {
                    Contender contender = order.get(position);
                    PromptRun run = contender.run(promptCase);
                    check(contender, promptCase, run);
                    runs.add(new TimedRun(round, position, contender.name(), promptCase, run));
                    progress.advance("round %d of %d, %s".formatted(round + 1, rounds, promptCase.category()));
                }
            }
        }
        return runs;
    }

    static void check(Contender contender, PromptCase promptCase, PromptRun run) {
        if (contender.isOurs()) {
            AnswersDifferException.check(contender.name(), promptCase, run.ids());
        }
    }

    @Override
    public void close() {
        Closing.all(opened);
        engines.close();
    }
}
