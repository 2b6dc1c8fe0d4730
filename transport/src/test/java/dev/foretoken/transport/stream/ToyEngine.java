package dev.foretoken.transport.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.engine.draft.DraftSession;
import dev.foretoken.engine.draft.DraftStart;
import dev.foretoken.engine.draft.DraftText;
import dev.foretoken.engine.draft.Drafter;
import dev.foretoken.engine.sampling.SamplingParameters;
import dev.foretoken.engine.session.GenerationRequest;
import dev.foretoken.engine.session.Prompt;
import dev.foretoken.engine.testing.HashTarget;
import dev.foretoken.engine.testing.HashVocabulary;
import dev.foretoken.engine.tokenizer.Vocabulary;
import dev.foretoken.engine.trace.ModelIdentity;
import dev.foretoken.engine.trace.SessionStart;
import dev.foretoken.engine.trace.TraceSink;
import dev.foretoken.engine.tree.TokenTree;
import dev.foretoken.engine.verify.TreeBatch;
import dev.foretoken.engine.verify.Verifier;
import dev.foretoken.transport.pipeline.EngineCounter;
import dev.foretoken.transport.pipeline.Pipeline;
import dev.foretoken.transport.pipeline.PipelineSettings;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;

/** A whole pipeline around a target that costs nothing, for tests of the dataflow. */
final class ToyEngine implements AutoCloseable {
    static final int CONTEXT = 4096;

    final HashTarget target;
    final Pipeline pipeline;
    private final Vocabulary vocabulary;
    private final AtomicLong sessionIds = new AtomicLong();

    private ToyEngine(Builder builder) {
        this.target = builder.target;
        this.vocabulary = builder.vocabulary;
        Verifier verifier = builder.onSubmit == null ? target : new WatchedVerifier(target, builder.onSubmit);
        this.pipeline = new Pipeline(verifier, vocabulary, builder.drafters, builder.sink, builder.settings);
    }

    static ToyEngine with(Drafter... drafters) {
        return builder(endless(64)).drafters(drafters).start();
    }

    static Builder builder(HashTarget target) {
        return new Builder(target);
    }

    /** What a test may change about its engine. */
    static final class Builder {
        private final HashTarget target;
        private List<Drafter> drafters = List.of();
        private Vocabulary vocabulary = new HashVocabulary();
        private PipelineSettings settings = PipelineSettings.STANDARD;
        private @Nullable TraceSink sink;
        private @Nullable Consumer<TreeBatch> onSubmit;

        private Builder(HashTarget target) {
            this.target = target;
        }

        Builder drafters(Drafter... list) {
            drafters = List.of(list);
            return this;
        }

        Builder vocabulary(Vocabulary tokens) {
            vocabulary = tokens;
            return this;
        }

        Builder settings(PipelineSettings value) {
            settings = value;
            return this;
        }

        Builder sink(TraceSink value) {
            sink = value;
            return this;
        }

        /** Sees every batch before its forward, on the lane's thread. */
        Builder onSubmit(Consumer<TreeBatch> watcher) {
            onSubmit = watcher;
            return this;
        }

        ToyEngine start() {
            return new ToyEngine(this);
        }
    }

    static HashTarget endless(int slots) {
        return new HashTarget(slots, CONTEXT, 1 << 20, 0);
    }

    /** Timeouts that a test can afford to wait for. */
    static PipelineSettings impatient() {
        return new PipelineSettings(1, Duration.ofMinutes(1), Duration.ofMillis(200), Duration.ofMillis(500));
    }

    static PipelineSettings parkingAfter(Duration timeout) {
        return new PipelineSettings(1, timeout, Duration.ofSeconds(10), Duration.ofSeconds(10));
    }

    Generation generate(GenerationRequest request) {
        Prompt.Tokens prompt = (Prompt.Tokens) request.prompt();
        int[] ids = prompt.ids().stream().mapToInt(Integer::intValue).toArray();
        return new Generation(pipeline, vocabulary, () -> start(request, prompt), ids);
    }

    /** The bare publisher, without what Reactor wraps around it. */
    <T> Publisher<T> publisher(GenerationRequest request, StreamView<T> view) {
        Prompt.Tokens prompt = (Prompt.Tokens) request.prompt();
        int[] ids = prompt.ids().stream().mapToInt(Integer::intValue).toArray();
        return new GenerationPublisher<>(pipeline, vocabulary, () -> start(request, prompt), ids, view);
    }

    private SessionStart start(GenerationRequest request, Prompt.Tokens prompt) {
        return new SessionStart(
                sessionIds.incrementAndGet(),
                0,
                request,
                SamplingParameters.GREEDY,
                prompt.ids(),
                new ModelIdentity("hash", 0, "0"),
                "hash-1",
                pipeline.drafterNames(),
                "",
                0);
    }

    /** A prompt that belongs to a seed. */
    static GenerationRequest prompt(int seed, int promptTokens, int maxTokens) {
        List<Integer> ids = IntStream.range(0, promptTokens)
                .map(i -> 1 + Math.floorMod(seed * 31 + i * 7, HashVocabulary.SIZE - 1))
                .boxed()
                .toList();
        return GenerationRequest.of(new Prompt.Tokens(ids)).maxTokens(maxTokens);
    }

    long count(EngineCounter counter) {
        return pipeline.counters().get(counter);
    }

    /** Waits until nobody holds a slot, a page or a session of the target. */
    void awaitAllGone() {
        Awaiting.await(
                () -> pipeline.sessionCount() == 0 && pipeline.reservedPages() == 0,
                Duration.ofSeconds(10),
                "all sessions to leave");
        assertThat(target.openSessions()).isZero();
        assertThat(target.pagesInUse()).isZero();
    }

    /** What plain decoding gives for a request. */
    List<Integer> expected(GenerationRequest request) {
        int[] ids = ((Prompt.Tokens) request.prompt())
                .ids().stream().mapToInt(Integer::intValue).toArray();
        return IntStream.of(target.decode(ids, request.maxTokens())).boxed().toList();
    }

    @Override
    public void close() {
        pipeline.close();
    }

    /** Knows the target: every guess is right. */
    static Drafter oracle(HashTarget target) {
        return new ToyDrafter("oracle", false, truth(target));
    }

    /** Proposes what the target will say. */
    static Proposal truth(HashTarget target) {
        return (text, depthMax, draft) -> {
            int beforeLast = text.length() > 1 ? text.token(text.length() - 2) : 0;
            int last = text.pendingToken();
            int node = 0;
            for (int depth = 0; depth < depthMax && node != TokenTree.FULL; depth++) {
                int next = target.next(beforeLast, last);
                node = draft.add(node, next, 0.9f, 0);
                beforeLast = last;
                last = next;
            }
        };
    }

    /** What a toy drafter does when it is asked. */
    interface Proposal {
        void propose(DraftText text, int depthMax, TokenTree draftOut);
    }

    record ToyDrafter(String name, boolean needsOwnThread, Proposal proposal) implements Drafter {
        @Override
        public DraftSession open(DraftStart start) {
            return (text, depthMax, draftOut) -> proposal.propose(text, depthMax, draftOut);
        }
    }
}
