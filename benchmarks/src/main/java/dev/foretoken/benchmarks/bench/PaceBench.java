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
 * with every number of streams twice: through the reading of the prompt, and without one until the same tokens have come, each
 * time with streams that begin anew with the same prompts; in an order drawn anew. Plain decoding is measured without a prompt
 * once more, for the A/A control.
 */
final class PaceBench implements AutoCloseable {
    static final int PAIRS_DEFAULT = 3;

    /** @param sessions 0: the long prompt alone */
    private record Turn(ForetokenContender contender, int sessions, boolean besidePrompt) {}

    private record Place(String drafters, int sessions) {}

    private final BenchOptions options;
    private final int promptTokens;
    private final ProgressBar progress;
    private final Engines engines;
    /** Which gaps of each stream touched the reading of the prompt at each place, the last time. */
    private final Map<Place, List<Range>> readWith = new HashMap<>();
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

    private List<Turn> turns(List<ForetokenContender> contenders) {
        List<Turn> turns = new ArrayList<>();
        for (ForetokenContender contender : contenders) {
            turns.add(new Turn(contender, 0, true));
            for (int sessions : options.sessions()) {
                turns.add(new Turn(contender, sessions, true));
                turns.add(new Turn(contender, sessions, false));
            }
        }
        ForetokenContender plain = contenders.getFirst();
        ForetokenContender again =
                new ForetokenContender(PromptBench.CONTROL, Configuration.PLAIN, plain.engine(), options);
        options.sessions().forEach(sessions -> turns.add(new Turn(again, sessions, false)));
        return turns;
    }

    private List<Window> measure(List<ForetokenContender> contenders, List<PromptCase> cases) {
        List<Turn> turns = turns(contenders); // the warming round's order: with a prompt first
        List<Integer> longPrompt = longPrompt(cases);
        int rounds = options.pairs(PAIRS_DEFAULT);
        progress.begin("measuring", (long) (rounds + 1) * turns.size());
        Random random = new Random(options.seed());
        List<Window> windows = new ArrayList<>();
        for (int round = -1; round < rounds; round++) { // the first one warms up
            for (Turn turn : turns) {
                Window window = window(round, turn, cases, longPrompt);
                if (round >= 0) {
                    windows.add(window);
                }
                progress.advance(round < 0 ? "warming up" : "round %d of %d".formatted(round + 1, rounds));
            }
            Collections.shuffle(turns, random);
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

    private Window window(int round, Turn turn, List<PromptCase> cases, List<Integer> longPrompt) {
        try {
            return turn.sessions() == 0
                    ? new Window(
                            round,
                            turn.contender().name(),
                            0,
                            true,
                            turn.contender().firstTokenNs(longPrompt),
                            List.of())
                    : streamWindow(round, turn, cases, longPrompt);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private Window streamWindow(int round, Turn turn, List<PromptCase> cases, List<Integer> longPrompt)
            throws InterruptedException {
        ForetokenContender contender = turn.contender();
        Place place = new Place(contender.configuration().description(), turn.sessions());
        List<PromptCase> streamed = IntStream.range(0, turn.sessions())
                .mapToObj(i -> cases.get(i % cases.size()))
                .toList();
        int room = contender.engine().context()
                - streamed.stream()
                        .mapToInt(streamedCase -> streamedCase.promptIds().size())
                        .max()
                        .orElseThrow();
        EndlessStreams streams =
                new EndlessStreams(contender, streamed, Math.min(Math.max(options.maxTokens(), promptTokens), room));
        List<Range> ranges = turn.besidePrompt() ? List.of() : readWith.get(place);
        long fromNs;
        long toNs;
        List<Seen> seen;
        try {
            streams.awaitBegun();
            fromNs = System.nanoTime();
            if (turn.besidePrompt()) {
                toNs = fromNs + contender.firstTokenNs(longPrompt);
            } else {
                streams.awaitGaps(ranges);
                toNs = System.nanoTime();
            }
        } finally {
            seen = streams.stop();
        }
        check(contender, seen);
        if (turn.besidePrompt()) {
            ranges = seen.stream().map(stream -> stream.touching(fromNs, toNs)).toList();
            readWith.put(place, ranges);
        }
        List<Long> gapsNs = new ArrayList<>();
        for (int i = 0; i < seen.size(); i++) {
            gapsNs.addAll(seen.get(i).gapsNs(ranges.get(i)));
        }
        return new Window(round, contender.name(), turn.sessions(), turn.besidePrompt(), toNs - fromNs, gapsNs);
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
