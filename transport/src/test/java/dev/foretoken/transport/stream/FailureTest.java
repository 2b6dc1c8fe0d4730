package dev.foretoken.transport.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.foretoken.engine.error.AdmissionRefusedException;
import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.error.SessionFailedException;
import dev.foretoken.engine.session.FinishReason;
import dev.foretoken.engine.session.GenerationRequest;
import dev.foretoken.engine.testing.HashTarget;
import dev.foretoken.engine.verify.TreeBatch;
import dev.foretoken.transport.pipeline.EngineCounter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/** What breaks ends its own session, by a typed error, and the engine goes on. */
@Timeout(30)
class FailureTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    @Test
    void shouldRefuseASessionTooManyAndRecover() {
        try (ToyEngine engine = ToyEngine.builder(ToyEngine.endless(2)).start()) {
            ManualReader<GeneratedToken> first = parked(engine, 1);
            ManualReader<GeneratedToken> second = parked(engine, 2);

            assertThat(parked(engine, 3).awaitFailure())
                    .isInstanceOf(AdmissionRefusedException.class)
                    .hasMessage("all 2 sessions of the engine are busy: try again when one has ended");
            assertThat(engine.count(EngineCounter.SESSIONS_REFUSED)).isEqualTo(1);

            first.cancel();
            Awaiting.await(() -> engine.pipeline.sessionCount() == 1, LIMIT, "the slot to be free");
            ToyEngineProbe.tokens(engine, 4, 20);
            second.cancel();
            engine.awaitAllGone();
        }
    }

    private static ManualReader<GeneratedToken> parked(ToyEngine engine, int seed) {
        return ManualReader.of(engine.generate(ToyEngine.prompt(seed, 4, 100)).tokens());
    }

    @Test
    void shouldRefuseASessionThatFindsNoPagesAndRecover() {
        // 4 + 100 tokens and a tree of 64 take 11 pages of 16
        HashTarget target = new HashTarget(8, ToyEngine.CONTEXT, 25, 0);
        try (ToyEngine engine = ToyEngine.builder(target).start()) {
            ManualReader<GeneratedToken> first = parked(engine, 1);
            ManualReader<GeneratedToken> second = parked(engine, 2);

            assertThat(parked(engine, 3).awaitFailure())
                    .isInstanceOf(AdmissionRefusedException.class)
                    .hasMessage("the request needs 11 KV pages, 3 of 25 are free: try again when other sessions have"
                            + " ended");

            second.cancel();
            Awaiting.await(() -> engine.pipeline.reservedPages() == 11, LIMIT, "the pages to be free");
            ToyEngineProbe.tokens(engine, 4, 20);
            first.cancel();
            engine.awaitAllGone();
        }
    }

    @Test
    void shouldRefuseForGoodWhatCanNeverFit() {
        HashTarget target = new HashTarget(8, ToyEngine.CONTEXT, 25, 0);
        try (ToyEngine engine = ToyEngine.builder(target).start()) {
            assertThatThrownBy(() -> engine.generate(ToyEngine.prompt(1, 10, 1000))
                            .summary()
                            .block(LIMIT))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("1010 tokens need 68 KV pages, the engine has 25");
            assertThatThrownBy(() -> engine.generate(ToyEngine.prompt(1, ToyEngine.CONTEXT, 10))
                            .summary()
                            .block(LIMIT))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("the prompt has 4096 tokens, expected fewer than the 4096 of the context");
            assertThat(engine.pipeline.sessionCount()).isZero();
        }
    }

    @Test
    void shouldEndTheContextWithLength() {
        try (ToyEngine engine = ToyEngine.with()) {
            GenerationRequest request = ToyEngine.prompt(1, ToyEngine.CONTEXT - 7, Integer.MAX_VALUE);

            GenerationSummary summary = engine.generate(request).summary().block(LIMIT);

            assertThat(summary.tokenIds()).isEqualTo(engine.expected(request.maxTokens(7)));
        }
    }

    @Test
    void shouldEndOnlyTheSessionWhoseLogitsAreNotNumbersAndShowWhatWasVerifiedBefore() {
        try (ToyEngine engine = ToyEngine.with()) {
            GenerationRequest request = ToyEngine.prompt(7, 4, 200);
            List<Integer> expected = engine.expected(request);
            int poisonedAt = firstNewTokenAfter(expected, 20);
            GenerationRequest healthy = requestWithout(engine, expected.get(poisonedAt));
            engine.target.poison(expected.get(poisonedAt));
            ManualReader<GeneratedToken> other =
                    ManualReader.of(engine.generate(healthy).tokens());
            ManualReader<GeneratedToken> reader =
                    ManualReader.of(engine.generate(request).tokens());
            other.request(Long.MAX_VALUE);
            reader.request(Long.MAX_VALUE);

            assertThat(reader.awaitFailure())
                    .isInstanceOf(SessionFailedException.class)
                    .hasMessageContaining("not numbers");
            assertThat(ids(reader)).isEqualTo(expected.subList(0, poisonedAt + 1));
            other.awaitEnd();
            assertThat(ids(other)).isEqualTo(engine.expected(healthy));
            engine.awaitAllGone();
            assertThat(engine.count(EngineCounter.SESSION_FAILURES)).isEqualTo(1);
        }
    }

    @Test
    void shouldEndOnlyTheSessionWhosePromptCannotBeTakenOver() {
        try (ToyEngine engine = ToyEngine.with()) {
            engine.target.beforeTakeOver(promptLength -> {
                if (promptLength == 9) {
                    throw new OutOfMemoryError("no room for a page");
                }
            });
            List<GenerationRequest> healthy = new ArrayList<>();
            List<ManualReader<GeneratedToken>> readers = new ArrayList<>();
            for (int seed = 0; seed < 3; seed++) {
                healthy.add(ToyEngine.prompt(seed, 100, 20));
                readers.add(ManualReader.of(engine.generate(healthy.get(seed)).tokens()));
            }
            ManualReader<GeneratedToken> broken =
                    ManualReader.of(engine.generate(ToyEngine.prompt(7, 9, 20)).tokens());
            broken.request(Long.MAX_VALUE);
            readers.forEach(reader -> reader.request(Long.MAX_VALUE));

            assertThat(broken.awaitFailure())
                    .isInstanceOf(SessionFailedException.class)
                    .hasMessage("the prompt could not be read: no room for a page");
            for (int i = 0; i < healthy.size(); i++) {
                readers.get(i).awaitEnd();
                assertThat(ids(readers.get(i))).isEqualTo(engine.expected(healthy.get(i)));
            }
            engine.awaitAllGone();
            assertThat(engine.count(EngineCounter.SESSION_FAILURES)).isEqualTo(1);
        }
    }

    private static int firstNewTokenAfter(List<Integer> tokens, int from) {
        for (int i = from; i < tokens.size(); i++) {
            if (tokens.indexOf(tokens.get(i)) == i) {
                return i;
            }
        }
        throw new AssertionError("choose another seed");
    }

    private static GenerationRequest requestWithout(ToyEngine engine, int token) {
        for (int seed = 100; ; seed++) {
            GenerationRequest request = ToyEngine.prompt(seed, 1, 30);
            if (!engine.expected(request).contains(token)
                    && !((dev.foretoken.engine.session.Prompt.Tokens) request.prompt())
                            .ids()
                            .contains(token)) {
                return request;
            }
        }
    }

    private static List<Integer> ids(ManualReader<GeneratedToken> reader) {
        return reader.items.stream().map(GeneratedToken::id).toList();
    }

    @ParameterizedTest
    @ValueSource(classes = {IllegalStateException.class, AssertionError.class, OutOfMemoryError.class})
    void shouldEndTheSessionsOfABatchThatTheVerifierCouldNotRunAndGoOn(Class<? extends Throwable> kind) {
        AtomicReference<Throwable> next = new AtomicReference<>();
        HashTarget target = ToyEngine.endless(4);
        try (ToyEngine engine = ToyEngine.builder(target)
                .onSubmit(batch -> throwOnce(next, batch))
                .start()) {
            List<ManualReader<GeneratedToken>> readers = new ArrayList<>();
            GenerationRequest request = ToyEngine.prompt(1, 4, 3000);
            for (int i = 0; i < 3; i++) {
                readers.add(ManualReader.of(engine.generate(request).tokens()));
                readers.get(i).request(1);
                readers.get(i).awaitItems(1);
                awaitParked(engine);
            }
            next.set(newThrowable(kind));
            readers.get(0).request(Long.MAX_VALUE);

            assertThat(readers.get(0).awaitFailure())
                    .isInstanceOf(SessionFailedException.class)
                    .hasMessageContaining("the verifier failed")
                    .hasCauseInstanceOf(kind);
            for (ManualReader<GeneratedToken> parked : readers.subList(1, 3)) {
                parked.request(Long.MAX_VALUE);
                parked.awaitEnd();
                assertThat(ids(parked)).isEqualTo(engine.expected(request));
            }
            engine.awaitAllGone();
            ToyEngineProbe.tokens(engine, 9, 50);
        }
    }

    /** Waits until the target has nothing to do. */
    private static void awaitParked(ToyEngine engine) {
        Awaiting.await(
                () -> {
                    int before = engine.target.forwards();
                    Awaiting.pause(Duration.ofMillis(20));
                    return before == engine.target.forwards();
                },
                LIMIT,
                "the session to park");
    }

    private static Throwable newThrowable(Class<? extends Throwable> kind) {
        try {
            return kind.getDeclaredConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    private static void throwOnce(AtomicReference<Throwable> next, TreeBatch batch) {
        Throwable cause = batch.treeCount() == 0 ? null : next.getAndSet(null);
        switch (cause) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new AssertionError(cause);
        }
    }

    @Test
    void shouldSurviveASubscriberThatThrowsInOnNext() {
        try (ToyEngine engine = ToyEngine.with()) {
            AtomicReference<Throwable> reported = new AtomicReference<>();
            Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
            Thread.setDefaultUncaughtExceptionHandler((thread, cause) -> reported.set(cause));
            try {
                ManualReader<GeneratedToken> broken = ManualReader.of(
                        engine.publisher(ToyEngine.prompt(1, 4, 300), StreamView.TOKENS), (self, token) -> {
                            throw new IllegalStateException("a reader's own mistake");
                        });
                broken.request(Long.MAX_VALUE);
                engine.awaitAllGone();
                Awaiting.await(() -> reported.get() != null, LIMIT, "the mistake to be reported");

                assertThat(broken.items).hasSize(1);
                assertThat(broken.hasEnded()).isFalse();
                assertThat(reported.get()).hasMessage("a reader's own mistake");
            } finally {
                Thread.setDefaultUncaughtExceptionHandler(before);
            }
            ToyEngineProbe.tokens(engine, 2, 20);
        }
    }

    /** The event of which a reader's items cannot be made, as when the heap is full. */
    private record BrokenView(Class<?> brokenAt) implements StreamView<GenerationEvent> {
        @Override
        public GenerationEvent started(GenerationEvent.Started started) {
            return made(started);
        }

        @Override
        public GenerationEvent token(GeneratedToken token) {
            return made(new GenerationEvent.Token(token));
        }

        @Override
        public GenerationEvent finished(GenerationSummary summary) {
            return made(new GenerationEvent.Finished(summary));
        }

        private GenerationEvent made(GenerationEvent event) {
            if (brokenAt.isInstance(event)) {
                throw new OutOfMemoryError("no room for an item");
            }
            return event;
        }
    }

    @ParameterizedTest
    @ValueSource(classes = {GenerationEvent.Started.class, GenerationEvent.Token.class, GenerationEvent.Finished.class})
    void shouldTellAReaderWhoseItemsCannotBeMade(Class<?> brokenAt) {
        MemorySink sink = new MemorySink();
        try (ToyEngine engine =
                ToyEngine.builder(ToyEngine.endless(2)).sink(sink).start()) {
            ManualReader<GenerationEvent> reader =
                    ManualReader.of(engine.publisher(ToyEngine.prompt(1, 4, 100), new BrokenView(brokenAt)));
            reader.request(Long.MAX_VALUE);

            assertThat(reader.awaitFailure())
                    .isInstanceOf(SessionFailedException.class)
                    .hasMessageContaining("no room for an item")
                    .hasCauseInstanceOf(OutOfMemoryError.class);
            assertThat(reader.items).noneMatch(brokenAt::isInstance);
            engine.awaitAllGone();
            boolean hadEnded = brokenAt == GenerationEvent.Finished.class;
            assertThat(sink.end(1)).isEqualTo(hadEnded ? FinishReason.LENGTH : FinishReason.INTERNAL_ERROR);
            ToyEngineProbe.tokens(engine, 2, 20);
        }
    }

    @Test
    void shouldFreeTheSessionOfASubscriberThatThrowsInOnSubscribe() {
        try (ToyEngine engine = ToyEngine.with()) {
            AtomicBoolean signalled = new AtomicBoolean();
            Subscriber<GeneratedToken> broken = new Subscriber<>() {
                @Override
                public void onSubscribe(Subscription subscription) {
                    subscription.request(10);
                    throw new IllegalStateException("no");
                }

                @Override
                public void onNext(GeneratedToken token) {
                    signalled.set(true);
                }

                @Override
                public void onError(Throwable cause) {
                    signalled.set(true);
                }

                @Override
                public void onComplete() {
                    signalled.set(true);
                }
            };
            Publisher<GeneratedToken> tokens = engine.publisher(ToyEngine.prompt(1, 4, 100), StreamView.TOKENS);

            assertThatThrownBy(() -> tokens.subscribe(broken)).hasMessage("no");
            engine.awaitAllGone();
            assertThat(signalled).isFalse();
        }
    }
}
