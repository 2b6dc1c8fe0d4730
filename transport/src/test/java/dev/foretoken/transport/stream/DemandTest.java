package dev.foretoken.transport.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.engine.error.ParkedTooLongException;
import dev.foretoken.engine.session.GenerationRequest;
import dev.foretoken.engine.testing.HashTarget;
import dev.foretoken.transport.pipeline.EngineCounter;
import dev.foretoken.transport.pipeline.Outbox;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

/** A reader's demand is its session's pace. */
@Timeout(30)
class DemandTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    /** Long enough for many forwards of a target that costs nothing. */
    private static final Duration WHILE = Duration.ofMillis(100);

    @Test
    void shouldNotPrefillBeforeTheFirstRequest() {
        try (ToyEngine engine = ToyEngine.with()) {
            GenerationRequest request = ToyEngine.prompt(1, 50, 10);
            ManualReader<GenerationEvent> reader =
                    ManualReader.of(engine.generate(request).events());
            Awaiting.await(() -> engine.target.openSessions() == 1, LIMIT, "the session to be admitted");
            Awaiting.pause(WHILE);

            assertThat(engine.target.forwards()).isZero();
            assertThat(reader.items).isEmpty();

            reader.request(Long.MAX_VALUE);
            reader.awaitEnd();
            assertThat(reader.isCompleted()).isTrue();
        }
    }

    @Test
    void shouldParkWhenNobodyAsksAndGoOnWhenSomebodyDoes() {
        try (ToyEngine engine = ToyEngine.with()) {
            GenerationRequest request = ToyEngine.prompt(2, 20, 500);
            ManualReader<GeneratedToken> reader =
                    ManualReader.of(engine.generate(request).tokens());

            reader.request(1);
            int forwards = awaitParked(engine);

            assertThat(reader.items).hasSize(1);
            assertThat(engine.target.openSessions()).as("its KV stays").isEqualTo(1);
            // one prompt chunk; one token delivered, one in the drain's hand; two steps on their way
            assertThat(forwards).isLessThanOrEqualTo(1 + 2 + Outbox.THRESHOLD + 2);

            reader.request(10);
            reader.awaitItems(11);
            Awaiting.await(() -> engine.target.forwards() >= forwards + 9, LIMIT, "the drain to wake the session");
            int again = awaitParked(engine);
            assertThat(again).isLessThanOrEqualTo(forwards + 11);

            reader.request(Long.MAX_VALUE);
            reader.awaitEnd();
            assertThat(ids(reader.items)).isEqualTo(engine.expected(request));
        }
    }

    /** Waits until the target has stopped working, and returns how often it has worked. */
    private static int awaitParked(ToyEngine engine) {
        AtomicInteger seen = new AtomicInteger(-1);
        Awaiting.await(
                () -> {
                    int before = seen.getAndSet(engine.target.forwards());
                    Awaiting.pause(Duration.ofMillis(30));
                    return before == engine.target.forwards() && before > 0;
                },
                LIMIT,
                "the session to park");
        return seen.get();
    }

    @Test
    void shouldNeverHoldMoreThanTheThresholdAndTwoStepsForAReader() {
        HashTarget target = ToyEngine.endless(2);
        try (ToyEngine engine =
                ToyEngine.builder(target).drafters(ToyEngine.oracle(target)).start()) {
            GenerationRequest request = ToyEngine.prompt(3, 4, 2000).treeSize(33);
            ManualReader<GeneratedToken> reader =
                    ManualReader.of(engine.generate(request).tokens());
            reader.request(1);
            awaitParked(engine);

            long emitted = engine.count(EngineCounter.EMITTED_TOKENS);

            assertThat(emitted).isBetween((long) Outbox.THRESHOLD, Outbox.THRESHOLD + 2L * 33 + 2);
        }
    }

    @Test
    void shouldServeAFastReaderBesideAReaderThatBlocks() {
        CountDownLatch unblocked = new CountDownLatch(1);
        try (ToyEngine engine = ToyEngine.with()) {
            ManualReader<GeneratedToken> blocked = ManualReader.of(
                    engine.generate(ToyEngine.prompt(4, 4, 300)).tokens(), (reader, token) -> await(unblocked));
            blocked.request(Long.MAX_VALUE);
            blocked.awaitItems(1);
            GenerationRequest request = ToyEngine.prompt(5, 4, 300);

            List<GeneratedToken> fast =
                    engine.generate(request).tokens().collectList().block(LIMIT);

            assertThat(ids(fast)).isEqualTo(engine.expected(request));
            assertThat(blocked.items).hasSize(1);
            unblocked.countDown();
            blocked.awaitEnd();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void shouldEndASessionWhoseReaderAsksForNothingTooLong() {
        try (ToyEngine engine = ToyEngine.builder(ToyEngine.endless(2))
                .settings(ToyEngine.parkingAfter(Duration.ofMillis(100)))
                .start()) {
            ManualReader<GeneratedToken> never =
                    ManualReader.of(engine.generate(ToyEngine.prompt(6, 4, 300)).tokens());
            ManualReader<GeneratedToken> stopped =
                    ManualReader.of(engine.generate(ToyEngine.prompt(7, 4, 300)).tokens());
            stopped.request(3);

            assertThat(never.awaitFailure())
                    .isInstanceOf(ParkedTooLongException.class)
                    .hasMessageContaining("100 ms");
            assertThat(stopped.awaitFailure()).isInstanceOf(ParkedTooLongException.class);
            assertThat(stopped.items).hasSize(3);
            engine.awaitAllGone();
        }
    }

    @Test
    void shouldNotEndASessionWhoseReaderIsSlowButAsks() {
        try (ToyEngine engine = ToyEngine.builder(ToyEngine.endless(2))
                .settings(ToyEngine.parkingAfter(Duration.ofMillis(100)))
                .start()) {
            GenerationRequest request = ToyEngine.prompt(8, 4, 90);
            ManualReader<GeneratedToken> reader =
                    ManualReader.of(engine.generate(request).tokens(), (self, token) -> {
                        Awaiting.pause(Duration.ofMillis(5));
                        self.request(1);
                    });
            reader.request(1);
            reader.awaitEnd();

            assertThat(reader.failure()).isNull();
            assertThat(ids(reader.items)).isEqualTo(engine.expected(request));
        }
    }

    @Test
    void shouldRefuseDemandThatIsNotPositive() {
        try (ToyEngine engine = ToyEngine.with()) {
            for (long n : new long[] {0, -1, Long.MIN_VALUE}) {
                ManualReader<GeneratedToken> reader =
                        ManualReader.of(engine.publisher(ToyEngine.prompt(9, 4, 100), StreamView.TOKENS));
                reader.request(n);

                assertThat(reader.awaitFailure())
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("3.9");
            }
            engine.awaitAllGone();
        }
    }

    @Test
    void shouldAddUpDemandWithoutOverflow() {
        try (ToyEngine engine = ToyEngine.with()) {
            ManualReader<GeneratedToken> reader = ManualReader.of(
                    engine.generate(ToyEngine.prompt(10, 4, 100)).tokens());
            reader.request(Long.MAX_VALUE - 1);
            reader.request(Long.MAX_VALUE - 1);

            reader.awaitEnd();
            assertThat(reader.items).hasSize(100);
        }
    }

    @Test
    void shouldServeRequestsMadeInsideOnNextAndOnSubscribe() {
        try (ToyEngine engine = ToyEngine.with()) {
            GenerationRequest request = ToyEngine.prompt(11, 4, 3000);
            AtomicInteger depth = new AtomicInteger();
            AtomicInteger deepest = new AtomicInteger();
            List<Integer> seen = new java.util.concurrent.CopyOnWriteArrayList<>();
            CountDownLatch ended = new CountDownLatch(1);
            engine.generate(request).tokens().subscribe(new BaseSubscriber<>() {
                @Override
                protected void hookOnSubscribe(Subscription subscription) {
                    request(1);
                }

                @Override
                protected void hookOnNext(GeneratedToken token) {
                    deepest.accumulateAndGet(depth.incrementAndGet(), Math::max);
                    seen.add(token.id());
                    request(1);
                    depth.decrementAndGet();
                }

                @Override
                protected void hookFinally(reactor.core.publisher.SignalType type) {
                    ended.countDown();
                }
            });
            await(ended);

            assertThat(seen).isEqualTo(engine.expected(request));
            assertThat(deepest).as("signals inside signals").hasValue(1);
        }
    }

    @Test
    void shouldFreeTheSessionWhenAnOperatorHasEnough() {
        try (ToyEngine engine = ToyEngine.with()) {
            GenerationRequest request = ToyEngine.prompt(12, 4, 3000);

            StepVerifier.create(engine.generate(request).tokens().take(5).map(GeneratedToken::id))
                    .expectNextSequence(engine.expected(request).subList(0, 5))
                    .expectComplete()
                    .verify(LIMIT);
            engine.awaitAllGone();
        }
    }

    @Test
    void shouldFreeTheSessionOfAReplacedStream() {
        try (ToyEngine engine = ToyEngine.with()) {
            GenerationRequest first = ToyEngine.prompt(13, 4, 4000);
            GenerationRequest second = ToyEngine.prompt(14, 4, 50);
            Sinks.Many<GenerationRequest> requests = Sinks.many().unicast().onBackpressureBuffer();
            Flux<Integer> answers = requests.asFlux()
                    .switchMap(request -> engine.generate(request).tokens())
                    .map(GeneratedToken::id);

            StepVerifier.create(answers, 0)
                    .then(() -> requests.tryEmitNext(first).orThrow())
                    .thenRequest(1)
                    .expectNext(engine.expected(first).getFirst())
                    .then(() -> requests.tryEmitNext(second).orThrow())
                    .then(() -> requests.tryEmitComplete().orThrow())
                    .thenRequest(Long.MAX_VALUE)
                    .thenConsumeWhile(id -> true)
                    .expectComplete()
                    .verify(LIMIT);
            engine.awaitAllGone();
        }
    }

    @Test
    void shouldFreeTheSessionOfAStreamThatTimedOut() {
        CountDownLatch stuck = new CountDownLatch(1);
        HashTarget target = ToyEngine.endless(2);
        target.beforeForward(() -> await(stuck));
        try (ToyEngine engine = ToyEngine.builder(target).start()) {
            StepVerifier.create(engine.generate(ToyEngine.prompt(15, 4, 100))
                            .tokens()
                            .timeout(Duration.ofMillis(50)))
                    .expectError(java.util.concurrent.TimeoutException.class)
                    .verify(LIMIT);
            stuck.countDown();
            engine.awaitAllGone();
        }
    }

    @Test
    void shouldKeepOrderAcrossPublishOn() {
        try (ToyEngine engine = ToyEngine.with()) {
            GenerationRequest request = ToyEngine.prompt(16, 4, 3000);

            List<Integer> ids = engine.generate(request)
                    .tokens()
                    .publishOn(Schedulers.boundedElastic(), 4)
                    .map(GeneratedToken::id)
                    .collectList()
                    .block(LIMIT);

            assertThat(ids).isEqualTo(engine.expected(request));
        }
    }

    @Test
    void shouldMakeEachSubscriptionASessionOfItsOwn() {
        try (ToyEngine engine = ToyEngine.with()) {
            GenerationRequest request = ToyEngine.prompt(17, 4, 30);
            Flux<GeneratedToken> tokens = engine.generate(request).tokens();

            assertThat(engine.pipeline.sessionCount()).as("cold").isZero();
            assertThat(ids(tokens.collectList().block(LIMIT))).isEqualTo(engine.expected(request));
            assertThat(ids(tokens.collectList().block(LIMIT))).isEqualTo(engine.expected(request));
            assertThat(engine.count(EngineCounter.SESSIONS_ADMITTED)).isEqualTo(2);
        }
    }

    @Test
    void shouldCompleteWithoutDemandOnceTheLastTokenIsTaken() {
        try (ToyEngine engine = ToyEngine.with()) {
            ManualReader<GeneratedToken> reader =
                    ManualReader.of(engine.generate(ToyEngine.prompt(18, 4, 5)).tokens());
            reader.request(5);

            reader.awaitEnd();
            assertThat(reader.isCompleted()).isTrue();
            assertThat(reader.items).hasSize(5);
        }
    }

    private static List<Integer> ids(List<GeneratedToken> tokens) {
        return tokens.stream().map(GeneratedToken::id).toList();
    }
}
