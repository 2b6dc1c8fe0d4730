package dev.foretoken.benchmarks.bench;

import dev.foretoken.transport.stream.GenerationEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Sessions that decode until they are stopped, and when each of their tokens came. Their model may not end an answer; one that
 * has all its tokens is begun anew. Each stream has a thread of its own; what they saw is read after {@link #stop}.
 */
final class EndlessStreams {
    /** Every stream has so many tokens, of all its answers, before anything is measured. */
    private static final int TOKENS_BEFORE = 8;

    /** Between two neighbouring tokens of one answer, in {@link System#nanoTime}. */
    record Gap(long fromNs, long toNs) {
        long ns() {
            return toNs - fromNs;
        }
    }

    /** Gaps of one stream, those of all its answers one behind the other: number {@code from} and more, before {@code to}. */
    record Range(int from, int to) {
        /** The gaps of which a part lies in a window. */
        static Range touching(List<Gap> gaps, long windowFromNs, long windowToNs) {
            int from = 0;
            while (from < gaps.size() && gaps.get(from).toNs() <= windowFromNs) {
                from++;
            }
            int to = from;
            while (to < gaps.size() && gaps.get(to).fromNs() < windowToNs) {
                to++;
            }
            return new Range(from, to);
        }
    }

    /** One stream: its answers so far, the last one perhaps cut short. */
    static final class Seen {
        private final PromptCase promptCase;
        private final List<Gap> gaps = new ArrayList<>();
        private final List<List<Integer>> answers = new ArrayList<>();
        private volatile int gapCount;
        private int tokenCount;
        private long lastNs;

        Seen(PromptCase promptCase) {
            this.promptCase = promptCase;
        }

        PromptCase promptCase() {
            return promptCase;
        }

        List<List<Integer>> answers() {
            return answers;
        }

        Range touching(long windowFromNs, long windowToNs) {
            return Range.touching(gaps, windowFromNs, windowToNs);
        }

        /** Lengths of some gaps in ns. */
        List<Long> gapsNs(Range range) {
            return gaps.subList(range.from(), range.to()).stream().map(Gap::ns).toList();
        }

        private void begin() {
            answers.add(new ArrayList<>());
        }

        private void token(int id, long nowNs) {
            List<Integer> answer = answers.getLast();
            if (!answer.isEmpty()) {
                gaps.add(new Gap(lastNs, nowNs));
                gapCount = gaps.size();
            }
            lastNs = nowNs;
            tokenCount++;
            answer.add(id);
        }
    }

    private final ForetokenContender contender;
    private final int maxTokens;
    private final CountDownLatch begun;
    private final List<Seen> seen;
    private final List<Future<?>> ends = new ArrayList<>();
    private final ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor();
    private volatile boolean stopped;

    /**
     * Starts one stream for each case.
     *
     * @param maxTokens of an answer
     */
    EndlessStreams(ForetokenContender contender, List<PromptCase> cases, int maxTokens) {
        this.contender = contender;
        this.maxTokens = maxTokens;
        this.begun = new CountDownLatch(cases.size());
        this.seen = cases.stream().map(Seen::new).toList();
        seen.forEach(stream -> ends.add(readers.submit(() -> read(stream))));
    }

    private void read(Seen stream) {
        try {
            while (!stopped) {
                stream.begin();
                contender
                        .withoutEnd(stream.promptCase(), maxTokens)
                        .doOnNext(event -> take(stream, event))
                        .takeUntil(_ -> stopped)
                        .blockLast();
            }
        } finally {
            begun.countDown();
        }
    }

    private void take(Seen stream, GenerationEvent event) {
        if (event instanceof GenerationEvent.Token(var token)) {
            stream.token(token.id(), System.nanoTime());
            if (stream.tokenCount == TOKENS_BEFORE) {
                begun.countDown();
            }
        }
    }

    /** Returns when every stream decodes, or has failed: {@link #stop} says so then. */
    void awaitBegun() throws InterruptedException {
        begun.await();
    }

    /** Returns when every stream has so many gaps behind it, or one has failed. */
    void awaitGaps(List<Range> ranges) throws InterruptedException {
        for (int i = 0; i < ranges.size(); i++) {
            while (seen.get(i).gapCount < ranges.get(i).to() && !ends.get(i).isDone()) {
                TimeUnit.MILLISECONDS.sleep(1);
            }
        }
    }

    /** Ends all streams and tells what each of them saw; throws what any of them threw. */
    List<Seen> stop() throws InterruptedException {
        stopped = true;
        readers.close();
        for (Future<?> end : ends) {
            try {
                end.get();
            } catch (ExecutionException e) {
                throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
            }
        }
        return seen;
    }
}
