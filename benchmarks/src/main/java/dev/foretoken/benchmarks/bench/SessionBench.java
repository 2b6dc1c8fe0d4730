package dev.foretoken.benchmarks.bench;

import dev.foretoken.benchmarks.bench.PromptResults.ContenderTitle;
import dev.foretoken.benchmarks.bench.SessionResults.Burst;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Measures throughput: all prompts are answered, so many at a time (a reader takes the next prompt as soon as its answer is
 * complete). In each round all configurations run directly after each other for every number of sessions, in an order drawn
 * anew: what is compared is close in time. Plain decoding runs twice, for the A/A control.
 */
final class SessionBench implements AutoCloseable {
    static final int PAIRS_DEFAULT = 3;
    /** Every reader gets at least so many prompts, the set is repeated for that. */
    private static final int PROMPTS_PER_READER = 2;

    private static final long WARM_UP_NS = TimeUnit.SECONDS.toNanos(2);
    /** The round that warms up. */
    private static final int UNTIMED = -1;

    private record Turn(Contender contender, int sessions) {}

    private final BenchOptions options;
    private final ProgressBar progress;
    private final Engines engines;
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    SessionBench(BenchOptions options, ProgressBar progress) {
        this.options = options;
        this.progress = progress;
        this.engines = new Engines(options, Collections.max(options.sessions()), progress);
    }

    SessionResults run() {
        List<ForetokenContender> ours = engines.contenders();
        ForetokenContender plain = ours.getFirst();
        PromptPlanner planner = new PromptPlanner(options, progress);
        List<PromptCase> cases = planner.cases(plain);
        List<Contender> contenders = new ArrayList<>(ours);
        contenders.add(new ForetokenContender(PromptBench.CONTROL, Configuration.PLAIN, plain.engine(), options));
        if (options.peerUrl() != null) {
            ServerContender server = new ServerContender(options.peerUrl(), options);
            opened.push(server);
            contenders.add(server);
        }
        warmUp(contenders, cases);
        List<Burst> bursts = measure(contenders, cases);
        List<ContenderTitle> titles = contenders.stream()
                .filter(contender -> !contender.name().equals(PromptBench.CONTROL))
                .map(PromptBench::title)
                .toList();
        return new SessionResults(titles, options.sessions(), bursts, planner.skipped());
    }

    /** For two seconds each contender answers as many prompts at once as there will be readers at most. */
    private void warmUp(List<Contender> contenders, List<PromptCase> cases) {
        progress.begin("warming up", contenders.size());
        int readers = Collections.max(options.sessions());
        for (Contender contender : contenders) {
            long since = System.nanoTime();
            while (System.nanoTime() - since < WARM_UP_NS) {
                burst(UNTIMED, new Turn(contender, readers), cases, readers);
            }
            progress.advance("warming up");
        }
    }

    private List<Burst> measure(List<Contender> contenders, List<PromptCase> cases) {
        int rounds = options.pairs(PAIRS_DEFAULT);
        progress.begin(
                "measuring",
                (long) rounds * contenders.size() * options.sessions().size());
        Random random = new Random(options.seed());
        List<Burst> bursts = new ArrayList<>();
        List<Integer> counts = new ArrayList<>(options.sessions());
        List<Contender> order = new ArrayList<>(contenders);
        for (int round = 0; round < rounds; round++) {
            Collections.shuffle(counts, random);
            for (int sessions : counts) {
                Collections.shuffle(order, random);
                int total = Math.max(cases.size(), PROMPTS_PER_READER * sessions);
                for (Contender contender : order) {
                    bursts.add(burst(round, new Turn(contender, sessions), cases, total));
                    progress.advance("round %d of %d".formatted(round + 1, rounds));
                }
            }
        }
        return bursts;
    }

    private static Burst burst(int round, Turn turn, List<PromptCase> cases, int total) {
        AtomicInteger next = new AtomicInteger();
        ConcurrentLinkedQueue<PromptRun> runs = new ConcurrentLinkedQueue<>();
        long start = System.nanoTime();
        try (ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> ends = new ArrayList<>();
            for (int reader = 0; reader < turn.sessions(); reader++) {
                ends.add(readers.submit(() -> {
                    for (int i = next.getAndIncrement(); i < total; i = next.getAndIncrement()) {
                        PromptCase promptCase = cases.get(i % cases.size());
                        PromptRun run = turn.contender().run(promptCase);
                        PromptBench.check(turn.contender(), promptCase, run);
                        runs.add(run);
                    }
                }));
            }
            for (Future<?> end : ends) {
                await(end);
            }
        }
        return new Burst(round, turn.contender().name(), turn.sessions(), System.nanoTime() - start, List.copyOf(runs));
    }

    private static void await(Future<?> end) {
        try {
            end.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    @Override
    public void close() {
        Closing.all(opened);
        engines.close();
    }
}
