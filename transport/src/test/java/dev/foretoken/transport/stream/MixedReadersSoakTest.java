package dev.foretoken.transport.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.engine.draft.Drafter;
import dev.foretoken.engine.error.ParkedTooLongException;
import dev.foretoken.engine.session.GenerationRequest;
import dev.foretoken.engine.testing.HashTarget;
import dev.foretoken.transport.pipeline.EngineCounter;
import dev.foretoken.transport.pipeline.PipelineSettings;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;

/** 64 sessions at once with readers of every kind; at the end nothing is held. */
@Timeout(120)
class MixedReadersSoakTest {
    private static final int SESSIONS = 64;
    private static final int ROUNDS = 4;

    private final HashTarget target = ToyEngine.endless(SESSIONS);
    private final AtomicInteger mismatches = new AtomicInteger();

    @ParameterizedTest(name = "with a trace: {0}, drafter threads: {1}")
    @CsvSource({"false, 1", "true, 1", "true, 3"})
    void shouldHoldNothingAfterMixedReaders(boolean traced, int drafterThreads) throws InterruptedException {
        Drafter wrong = new ToyEngine.ToyDrafter("wrong", true, (text, depthMax, draft) -> draft.add(0, 1, 0.1f, 0));
        MemorySink sink = new MemorySink();
        ToyEngine.Builder builder = ToyEngine.builder(target)
                .drafters(ToyEngine.oracle(target), wrong)
                .settings(new PipelineSettings(
                        drafterThreads, Duration.ofMillis(500), Duration.ofSeconds(10), Duration.ofSeconds(10)));
        try (ToyEngine engine = (traced ? builder.sink(sink) : builder).start()) {
            for (int round = 0; round < ROUNDS; round++) {
                run(engine, round);
            }
            assertThat(mismatches).hasValue(0);
            assertThat(engine.count(EngineCounter.SESSIONS_ADMITTED)).isEqualTo(SESSIONS * ROUNDS);
            assertThat(engine.count(EngineCounter.SESSIONS_ENDED)).isEqualTo(SESSIONS * ROUNDS);
            assertThat(engine.count(EngineCounter.DUPLICATE_EVENTS)).isZero();
            assertThat(engine.count(EngineCounter.DRAFT_RING_REFUSALS)).isZero();
            assertThat(engine.count(EngineCounter.SESSION_FAILURES)).isZero();
            Awaiting.await(() -> VirtualThreads.streams() == 0, Duration.ofSeconds(10), "the streams' threads to end");
        }
        assertThat(target.isClosed()).isTrue();
        assertThat(Thread.getAllStackTraces().keySet().stream()
                        .map(Thread::getName)
                        .filter(name -> name.startsWith("foretoken-")))
                .isEmpty();
        for (long session = 1; traced && session <= SESSIONS * ROUNDS; session++) {
            assertThat(sink.end(session)).as("end of session %d", session).isNotNull();
        }
    }

    private void run(ToyEngine engine, int round) throws InterruptedException {
        CountDownLatch ended = new CountDownLatch(SESSIONS);
        for (int i = 0; i < SESSIONS; i++) {
            Random random = new Random(round * 1000L + i);
            GenerationRequest request =
                    ToyEngine.prompt(random.nextInt(1000), 1 + random.nextInt(200), 50 + random.nextInt(300));
            Reader.Kind kind = Reader.Kind.values()[i % Reader.Kind.values().length];
            Reader reader = new Reader(kind, engine.expected(request), random.nextInt(60), ended, mismatches);
            engine.generate(request).tokens().subscribe(reader);
            if (kind == Reader.Kind.CANCELLED_BY_ANOTHER_THREAD) {
                Thread.ofVirtual().start(() -> {
                    LockSupport.parkNanos(random.nextInt(30_000_000));
                    reader.cancel();
                });
            }
        }
        assertThat(ended.await(30, TimeUnit.SECONDS))
                .as("all streams of round %d ended", round)
                .isTrue();
        engine.awaitAllGone();
    }

    private static final class Reader extends BaseSubscriber<GeneratedToken> {
        enum Kind {
            FAST,
            SLOW,
            ONE_BY_ONE,
            CANCELLING,
            CANCELLED_BY_ANOTHER_THREAD,
            NEVER_REQUESTING
        }

        private final Kind kind;
        private final List<Integer> expected;
        private final int enough;
        private final CountDownLatch ended;
        private final AtomicInteger mismatches;
        private final List<Integer> seen = new CopyOnWriteArrayList<>();

        /** @param enough how many tokens a cancelling reader reads */
        Reader(Kind kind, List<Integer> expected, int enough, CountDownLatch ended, AtomicInteger mismatches) {
            this.kind = kind;
            this.expected = expected;
            this.enough = Math.min(1 + enough, expected.size() - 1);
            this.ended = ended;
            this.mismatches = mismatches;
        }

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            switch (kind) {
                case FAST, CANCELLING, CANCELLED_BY_ANOTHER_THREAD -> requestUnbounded();
                case SLOW, ONE_BY_ONE -> request(1);
                case NEVER_REQUESTING -> {}
            }
        }

        @Override
        protected void hookOnNext(GeneratedToken token) {
            seen.add(token.id());
            switch (kind) {
                case FAST, CANCELLED_BY_ANOTHER_THREAD, NEVER_REQUESTING -> {}
                case ONE_BY_ONE -> request(1);
                case SLOW -> {
                    LockSupport.parkNanos(200_000);
                    request(1);
                }
                case CANCELLING -> {
                    if (seen.size() == enough) {
                        cancel();
                    }
                }
            }
        }

        @Override
        protected void hookFinally(reactor.core.publisher.SignalType type) {
            boolean right = switch (kind) {
                case FAST, SLOW, ONE_BY_ONE -> seen.equals(expected);
                case CANCELLING -> seen.equals(expected.subList(0, enough));
                case CANCELLED_BY_ANOTHER_THREAD ->
                    expected.subList(0, Math.min(seen.size(), expected.size())).equals(seen);
                case NEVER_REQUESTING -> seen.isEmpty();
            };
            if (!right) {
                mismatches.incrementAndGet();
            }
            ended.countDown();
        }

        @Override
        protected void hookOnError(Throwable failure) {
            if (kind != Kind.NEVER_REQUESTING || !(failure instanceof ParkedTooLongException)) {
                mismatches.incrementAndGet();
            }
        }
    }
}
