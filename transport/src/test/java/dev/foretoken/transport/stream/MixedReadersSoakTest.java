package dev.foretoken.transport.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.engine.draft.Drafter;
import dev.foretoken.engine.error.ParkedTooLongException;
import dev.foretoken.engine.session.GenerationRequest;
import dev.foretoken.engine.testing.HashTarget;
import dev.foretoken.transport.pipeline.EngineCounter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;

/** 64 sessions at once with readers of every kind; at the end nothing is held. */
@Timeout(120)
class MixedReadersSoakTest {
    private static final int SESSIONS = 64;
    private static final int ROUNDS = 8;

    @Test
    void shouldHoldNothingAfterMixedReaders() throws InterruptedException {
        HashTarget target = ToyEngine.endless(SESSIONS);
        Drafter oracle = ToyEngine.oracle(target);
        Drafter wrong = new ToyEngine.ToyDrafter("wrong", true, (text, depthMax, draft) -> draft.add(0, 1, 0.1f, 0));
        AtomicInteger mismatches = new AtomicInteger();
        try (ToyEngine engine = ToyEngine.builder(target)
                .drafters(oracle, wrong)
                .settings(ToyEngine.parkingAfter(Duration.ofMillis(500)))
                .start()) {
            for (int round = 0; round < ROUNDS; round++) {
                CountDownLatch ended = new CountDownLatch(SESSIONS);
                for (int i = 0; i < SESSIONS; i++) {
                    Random random = new Random(round * 1000L + i);
                    GenerationRequest request =
                            ToyEngine.prompt(random.nextInt(1000), 1 + random.nextInt(200), 50 + random.nextInt(300));
                    Reader reader = new Reader(
                            Reader.Kind.values()[i % Reader.Kind.values().length],
                            engine.expected(request),
                            ended,
                            mismatches);
                    engine.generate(request).tokens().subscribe(reader);
                }
                assertThat(ended.await(30, TimeUnit.SECONDS)).as("all streams of round %d ended", round).isTrue();
                Awaiting.await(() -> engine.pipeline.sessionCount() == 0, Duration.ofSeconds(10), "sessions to leave");
            }
            assertThat(mismatches).hasValue(0);
            assertThat(engine.pipeline.reservedPages()).isZero();
            assertThat(target.pagesInUse()).isZero();
            assertThat(target.openSessions()).isZero();
            assertThat(engine.pipeline.counters().get(EngineCounter.DUPLICATE_EVENTS)).isZero();
            assertThat(engine.pipeline.counters().get(EngineCounter.DRAFT_RING_REFUSALS)).isZero();
            assertThat(engine.pipeline.counters().get(EngineCounter.SESSION_FAILURES)).isZero();
        }
        assertThat(target.isClosed()).isTrue();
        assertThat(Thread.getAllStackTraces().keySet().stream().map(Thread::getName).filter(name -> name.startsWith("foretoken-")))
                .isEmpty();
    }

    private static final class Reader extends BaseSubscriber<GeneratedToken> {
        enum Kind {
            FAST,
            SLOW,
            ONE_BY_ONE,
            CANCELLING,
            NEVER_REQUESTING
        }

        private final Kind kind;
        private final List<Integer> expected;
        private final CountDownLatch ended;
        private final AtomicInteger mismatches;
        private final List<Integer> seen = new ArrayList<>();

        Reader(Kind kind, List<Integer> expected, CountDownLatch ended, AtomicInteger mismatches) {
            this.kind = kind;
            this.expected = expected;
            this.ended = ended;
            this.mismatches = mismatches;
        }

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            switch (kind) {
                case FAST, CANCELLING -> requestUnbounded();
                case SLOW, ONE_BY_ONE -> request(1);
                case NEVER_REQUESTING -> {}
            }
        }

        @Override
        protected void hookOnNext(GeneratedToken token) {
            seen.add(token.id());
            switch (kind) {
                case FAST, NEVER_REQUESTING -> {}
                case ONE_BY_ONE -> request(1);
                case SLOW -> {
                    java.util.concurrent.locks.LockSupport.parkNanos(200_000);
                    request(1);
                }
                case CANCELLING -> {
                    if (seen.size() == 20) {
                        cancel();
                    }
                }
            }
        }

        @Override
        protected void hookFinally(reactor.core.publisher.SignalType type) {
            List<Integer> wanted = switch (kind) {
                case FAST, SLOW, ONE_BY_ONE -> expected;
                case CANCELLING -> expected.subList(0, 20);
                case NEVER_REQUESTING -> List.of();
            };
            if (!seen.equals(wanted)) {
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
