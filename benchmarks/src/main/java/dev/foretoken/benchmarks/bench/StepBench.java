package dev.foretoken.benchmarks.bench;

import dev.foretoken.benchmarks.bench.StepResults.Runner;
import dev.foretoken.benchmarks.bench.StepResults.TimedStep;
import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.gguf.GgufFile;
import dev.foretoken.engine.model.LanguageModel;
import dev.foretoken.engine.model.ModelConfig;
import dev.foretoken.verifiers.cpu.CpuVerifier;
import dev.foretoken.verifiers.cpu.CpuVerifierOptions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Measures single steps of given row counts. Each round runs every row count once with every runner, in an order that is drawn
 * anew. Before each timed step the other teams' threads are given time to park, and one untimed step of the same kind runs:
 * in decoding, steps follow each other too.
 */
final class StepBench implements AutoCloseable {
    static final int PAIRS_DEFAULT = 40;
    private static final int ROWS_MAX = 1024;
    /** For each runner and row count. */
    private static final long WARM_UP_NS = TimeUnit.MILLISECONDS.toNanos(400);

    private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(1);

    private record Turn(Runner runner, int rows) {}

    private final BenchOptions options;
    private final ProgressBar progress;
    private final List<Integer> rows;
    private final int pairs;
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final Map<Runner, StepTimer> timers = new EnumMap<>(Runner.class);

    /** @param rows counts to measure; 1 is added where it is missing, everything is compared with it */
    StepBench(BenchOptions options, List<Integer> rows, int pairs, ProgressBar progress) {
        this.options = options;
        this.progress = progress;
        this.pairs = pairs;
        this.rows = new ArrayList<>(rows);
        if (!rows.contains(1)) {
            this.rows.addFirst(1);
        }
    }

    StepResults run() {
        int rowsMax = Collections.max(rows);
        if (rowsMax > ROWS_MAX) {
            throw new InvalidInputException("--steps has %d rows, expected at most %d".formatted(rowsMax, ROWS_MAX));
        }
        StepWork work = load(rowsMax);
        String peer = options.peerCommand() == null ? null : startPeer(options.peerCommand());
        progress.begin("measuring the host's limits", 1);
        Roofline roofline = Roofline.measure(work.weightBytes(), work.weightType(), options.threads());
        warmUp();
        return new StepResults(rows, options.past(), measure(), work, roofline, peer);
    }

    private StepWork load(int rowsMax) {
        progress.begin("loading", 100);
        try (GgufFile file = ModelTitle.open(options.model())) {
            ModelConfig config = ModelConfig.read(file);
            int contextMax = VerifyTimer.contextMax(options.past(), rowsMax);
            if (contextMax > config.contextLength()) {
                throw new InvalidInputException(
                        "--past %d and steps of %d rows need a context of %d, the model has %d: lower --past"
                                .formatted(options.past(), rowsMax, contextMax, config.contextLength()));
            }
            StepWork work = StepWork.of(file, config, options.past());
            LanguageModel model = LanguageModel.load(file, config, options.threads(), progress::loading);
            CpuVerifier verifier = new CpuVerifier(
                    model,
                    CpuVerifierOptions.STANDARD
                            .threads(options.threads())
                            .slots(1)
                            .contextMax(contextMax));
            timers.put(Runner.VERIFY, keep(new VerifyTimer(verifier, options.past())));
            ForwardTimer forward = keep(new ForwardTimer(model, options.threads(), options.past(), rowsMax));
            timers.put(Runner.FORWARD, forward);
            timers.put(Runner.FORWARD_AGAIN, forward);
            return work;
        }
    }

    private String startPeer(String command) {
        progress.begin("starting the peer", 1);
        PeerModel model = keep(PeerModel.of(options.model()));
        PeerProcess peer = PeerProcess.start(
                command,
                List.of(
                        "--model", model.path().toString(),
                        "--threads", String.valueOf(options.threads()),
                        "--past", String.valueOf(options.past())));
        timers.put(Runner.PEER, keep(new PeerTimer(peer)));
        return "%s %s".formatted(peer.name(), peer.version()).strip();
    }

    private <T extends AutoCloseable> T keep(T part) {
        opened.push(part);
        return part;
    }

    /** Small steps are warmed up apart from large ones, which would leave them too few calls to be compiled. */
    private void warmUp() {
        progress.begin("warming up", timers.size());
        for (StepTimer timer : timers.values()) {
            for (int count : rows) {
                long since = System.nanoTime();
                do {
                    timer.stepNs(count);
                } while (System.nanoTime() - since < WARM_UP_NS || !timer.isWarm());
            }
            progress.advance("warming up");
        }
    }

    private List<TimedStep> measure() {
        List<Turn> turns = new ArrayList<>();
        timers.keySet().forEach(runner -> rows.forEach(count -> turns.add(new Turn(runner, count))));
        progress.begin("measuring", (long) pairs * turns.size());
        Random random = new Random(options.seed());
        List<TimedStep> steps = new ArrayList<>();
        for (int round = 0; round < pairs; round++) {
            Collections.shuffle(turns, random);
            for (int position = 0; position < turns.size(); position++) {
                Turn turn = turns.get(position);
                StepTimer timer = timers.get(turn.runner());
                LockSupport.parkNanos(PAUSE_NS);
                timer.stepNs(turn.rows());
                steps.add(new TimedStep(round, position, turn.runner(), turn.rows(), timer.stepNs(turn.rows())));
                progress.advance("round %d of %d".formatted(round + 1, pairs));
            }
        }
        return steps;
    }

    @Override
    public void close() {
        Closing.all(opened);
    }
}
