package dev.foretoken.benchmarks.bench;

import dev.foretoken.benchmarks.bench.EndlessStreams.Range;
import dev.foretoken.benchmarks.bench.EndlessStreams.Seen;
import dev.foretoken.benchmarks.bench.PaceResults.Window;
import dev.foretoken.benchmarks.bench.PromptResults.ContenderTitle;
import dev.foretoken.engine.error.InvalidInputException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Measures whether streams keep their pace while another session's long prompt is read. Each round measures every configuration
 * with every number of streams, in an order drawn anew: through the reading of the prompt, and directly afterwards without one
 * until the same tokens have come, with streams that begin anew with the same prompts. Plain decoding is measured without a
 * prompt once more, for the A/A control.
 */
final class PaceBench implements AutoCloseable {
    static final int PAIRS_DEFAULT = 3;

    /** @param sessions 0: the long prompt alone */
    private record Place(ForetokenContender contender, int sessions) {}

    /** What streams saw, and the stretch of time that it is about. */
    private record Stretch(long fromNs, long toNs, List<Seen> seen) {
        /** Of each stream, the gaps that touch it. */
        List<Range> ranges() {
            return seen.stream().map(stream -> stream.touching(fromNs, toNs)).toList();
        }
    }

    /** Something that lasts while streams decode. */
    private interface Meanwhile {
        void run(EndlessStreams streams) throws InterruptedException;
    }

    private final BenchOptions options;
    private final int promptTokens;
    private final ProgressBar progress;
    private final Engines engines;
    /** The longest stream of plain decoding for each prompt: all others must agree. */
    private final Map<String, List<Integer>> plainIds = new HashMap<>();

    PaceBench(BenchOptions options, int promptTokens, ProgressBar progress) {
        this.options = options;
        this.promptTokens = promptTokens;
        this.progress = progress;
        this.engines = new Engines(options, Collections.max(options.sessions()) + 1, progress);
    }

    PaceResults run() {
        List<ForetokenContender> contenders = engines.contenders();
        ForetokenContender plain = contenders.getFirst();
        PromptPlanner planner = new PromptPlanner(options, progress);
        List<PromptCase> cases = planner.cases(plain);
        int context = plain.engine().context();
        if (promptTokens >= context) {
            throw new InvalidInputException("--long-prompt is %d, expected less than the model's context of %d tokens"
                    .formatted(promptTokens, context));
        }
        List<Window> windows = measure(contenders, cases);
        List<ContenderTitle> titles =
                contenders.stream().map(PromptBench::title).toList();
        return new PaceResults(titles, options.sessions(), promptTokens, windows, planner.skipped());
    }

    private List<Window> measure(List<ForetokenContender> contenders, List<PromptCase> cases) {
        List<Place> places = new ArrayList<>();
        for (ForetokenContender contender : contenders) {
            places.add(new Place(contender, 0));
            options.sessions().forEach(sessions -> places.add(new Place(contender, sessions)));
        }
        List<Integer> longPrompt = longPrompt(cases);
        int rounds = options.pairs(PAIRS_DEFAULT);
        progress.begin("measuring", (long) (rounds + 1) * places.size());
        Random random = new Random(options.seed());
        List<Window> windows = new ArrayList<>();
        for (int round = -1; round < rounds; round++) { // the first one warms up
            for (Place place : places) {
                List<Window> measured = windows(round, place, cases, longPrompt, random);
                if (round >= 0) {
                    windows.addAll(measured);
                }
                progress.advance(round < 0 ? "warming up" : "round %d of %d".formatted(round + 1, rounds));
            }
            Collections.shuffle(places, random); // the warming round has plain decoding first: its tokens are compared
        }
        return windows;
    }

    /** The prompts and their answers one behind the other, from the last one on, as often as needed. */
    private List<Integer> longPrompt(List<PromptCase> cases) {
        List<Integer> text = new ArrayList<>();
        while (text.size() < promptTokens) {
            for (PromptCase promptCase : cases.reversed()) {
                text.addAll(promptCase.promptIds());
                text.addAll(promptCase.referenceIds());
            }
        }
        return List.copyOf(text.subList(0, promptTokens));
    }

    /** The prompt goes first: how far it is read says which tokens are waited for without it. */
    private List<Window> windows(
            int round, Place place, List<PromptCase> cases, List<Integer> longPrompt, Random random) {
        ForetokenContender contender = place.contender();
        if (place.sessions() == 0) {
            return List.of(new Window(round, contender.name(), 0, true, contender.firstTokenNs(longPrompt), List.of()));
        }
        List<PromptCase> streamed = IntStream.range(0, place.sessions())
                .mapToObj(i -> cases.get(i % cases.size()))
                .toList();
        try {
            Stretch beside = stretch(contender, streamed, _ -> contender.firstTokenNs(longPrompt));
            List<Range> ranges = beside.ranges();
            List<Window> windows = new ArrayList<>(List.of(window(round, contender, true, beside, ranges)));
            for (ForetokenContender each : withoutPrompt(contender, random)) {
                Stretch without = stretch(each, streamed, streams -> streams.awaitGaps(ranges));
                windows.add(window(round, each, false, without, ranges));
            }
            return windows;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** Plain decoding is measured without a prompt twice, for the A/A control; neither of the two always comes first. */
    private List<ForetokenContender> withoutPrompt(ForetokenContender contender, Random random) {
        List<ForetokenContender> contenders = new ArrayList<>(List.of(contender));
        if (contender.configuration().equals(Configuration.PLAIN)) {
            contenders.add(
                    new ForetokenContender(PromptBench.CONTROL, Configuration.PLAIN, contender.engine(), options));
            Collections.shuffle(contenders, random);
        }
        return contenders;
    }

    /** Streams anew, from when all of them have begun. */
    private Stretch stretch(ForetokenContender contender, List<PromptCase> streamed, Meanwhile meanwhile)
            throws InterruptedException {
        int room = contender.engine().context()
                - streamed.stream()
                        .mapToInt(streamedCase -> streamedCase.promptIds().size())
                        .max()
                        .orElseThrow();
        EndlessStreams streams =
                new EndlessStreams(contender, streamed, Math.min(Math.max(options.maxTokens(), promptTokens), room));
        long fromNs;
        long toNs;
        List<Seen> seen;
        try {
            streams.awaitBegun();
            fromNs = System.nanoTime();
            meanwhile.run(streams);
            toNs = System.nanoTime();
        } finally {
            seen = streams.stop();
        }
        check(contender, seen);
        return new Stretch(fromNs, toNs, seen);
    }

    private static Window window(
            int round, ForetokenContender contender, boolean besidePrompt, Stretch stretch, List<Range> ranges) {
        List<Long> gapsNs = new ArrayList<>();
        for (int i = 0; i < ranges.size(); i++) {
            gapsNs.addAll(stretch.seen().get(i).gapsNs(ranges.get(i)));
        }
        long ns = stretch.toNs() - stretch.fromNs();
        return new Window(round, contender.name(), ranges.size(), besidePrompt, ns, gapsNs);
    }

    /** As far as plain decoding came, every stream has its tokens. */
    private void check(ForetokenContender contender, List<Seen> seen) {
        for (Seen stream : seen) {
            PromptCase promptCase = stream.promptCase();
            for (List<Integer> ids : stream.answers()) {
                List<Integer> known = plainIds.getOrDefault(promptCase.label(), List.of());
                int length = Math.min(known.size(), ids.size());
                AnswersDifferException.check(
                        contender.name(), promptCase.withReference(known.subList(0, length)), ids.subList(0, length));
                if (contender.configuration().equals(Configuration.PLAIN) && ids.size() > known.size()) {
                    plainIds.put(promptCase.label(), List.copyOf(ids));
                }
            }
        }
    }

    @Override
    public void close() {
        engines.close();
    }
}
