package dev.foretoken.transport.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.engine.testing.HashTarget;
import dev.foretoken.transport.pipeline.EngineCounter;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whenever a reader cancels, its slot and pages are free within one step and nobody else notices. */
@Timeout(30)
class CancellationTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final HashTarget target = ToyEngine.endless(4);
    private final ToyEngine engine = ToyEngine.builder(target).start();
    /** Each forward needs a permit once {@link #holdForwards} was called. */
    private final Semaphore permits = new Semaphore(0);

    @AfterEach
    void shouldHoldNothing() {
        permits.release(1_000_000);
        engine.awaitAllGone();
        assertThat(engine.count(EngineCounter.SESSION_FAILURES)).isZero();
        assertThat(engine.count(EngineCounter.DUPLICATE_EVENTS)).isZero();
        engine.close();
    }

    private void holdForwards() {
        target.beforeForward(permits::acquireUninterruptibly);
    }

    private ManualReader<GeneratedToken> reader(int seed, int promptTokens) {
        return ManualReader.of(engine.generate(ToyEngine.prompt(seed, promptTokens, 4000 - promptTokens))
                .tokens());
    }

    @Test
    void shouldFreeASessionThatIsCancelledInOnSubscribe() {
        engine.generate(ToyEngine.prompt(1, 4, 100)).tokens().take(0).blockLast(LIMIT);
        reader(1, 4).cancel();
        engine.awaitAllGone();

        assertThat(target.forwards()).isZero();
    }

    @Test
    void shouldFreeASessionThatIsCancelledBeforeItsAdmissionIsSeen() {
        holdForwards();
        ManualReader<GeneratedToken> busy = reader(1, 4);
        busy.request(1);
        Awaiting.await(permits::hasQueuedThreads, LIMIT, "the lane to be in a forward");

        ManualReader<GeneratedToken> reader = reader(2, 4);
        reader.request(1);
        reader.cancel();
        assertThat(target.openSessions()).isEqualTo(1);

        permits.release(1_000_000);
        Awaiting.await(() -> engine.pipeline.sessionCount() == 1, LIMIT, "the cancelled session to leave");
        assertThat(reader.items).isEmpty();
        busy.cancel();
    }

    @Test
    void shouldFreeASessionThatIsCancelledDuringPrefill() {
        holdForwards();
        ManualReader<GeneratedToken> reader = reader(3, 3000);
        reader.request(1);
        permits.release(2);
        Awaiting.await(() -> target.forwards() == 2 && permits.hasQueuedThreads(), LIMIT, "a part to be prefilled");

        reader.cancel();
        permits.release(1);
        engine.awaitAllGone();

        assertThat(target.forwards()).as("the forward in hand was the last").isEqualTo(3);
        assertThat(reader.items).isEmpty();
    }

    @Test
    void shouldDropTheVerdictOfASessionThatIsCancelledDuringAForward() {
        ManualReader<GeneratedToken> reader = reader(4, 4);
        reader.request(5);
        reader.awaitItems(5);
        holdForwards();
        reader.request(1000);
        Awaiting.await(permits::hasQueuedThreads, LIMIT, "the lane to be in a forward");
        long emitted = engine.count(EngineCounter.EMITTED_TOKENS);

        reader.cancel();
        permits.release(1);
        engine.awaitAllGone();

        assertThat(engine.count(EngineCounter.EMITTED_TOKENS)).isEqualTo(emitted);
    }

    @Test
    void shouldFreeASessionThatIsCancelledWhileParked() {
        ManualReader<GeneratedToken> reader = reader(5, 4);
        reader.request(3);
        reader.awaitItems(3);
        Awaiting.await(() -> engine.count(EngineCounter.PARKS) >= 1, LIMIT, "the session to park");

        reader.cancel();
        engine.awaitAllGone();

        assertThat(reader.items).hasSize(3);
        assertThat(reader.hasEnded()).as("silence after cancel").isFalse();
    }

    @Test
    void shouldIgnoreACancelAfterTheEndAndASecondOne() {
        ManualReader<GeneratedToken> reader =
                ManualReader.of(engine.generate(ToyEngine.prompt(6, 4, 10)).tokens());
        reader.request(Long.MAX_VALUE);
        reader.awaitEnd();
        engine.awaitAllGone();
        long ended = engine.count(EngineCounter.SESSIONS_ENDED);

        reader.cancel();
        reader.cancel();
        reader.request(1);

        assertThat(ToyEngineProbe.tokens(engine, 7, 20)).hasSize(20);
        engine.awaitAllGone();
        assertThat(engine.count(EngineCounter.SESSIONS_ENDED)).isEqualTo(ended + 1);
    }

    @Test
    void shouldStopSignallingWhenCancelledInsideOnNext() {
        CountDownLatch cancelled = new CountDownLatch(1);
        ManualReader<GeneratedToken> reader =
                ManualReader.of(engine.generate(ToyEngine.prompt(8, 4, 1000)).tokens(), (self, token) -> {
                    if (self.items.size() == 3) {
                        self.cancel();
                        self.request(10);
                        cancelled.countDown();
                    }
                });
        reader.request(Long.MAX_VALUE);
        Awaiting.await(() -> cancelled.getCount() == 0, LIMIT, "the cancel");
        engine.awaitAllGone();

        assertThat(reader.items).hasSize(3);
        assertThat(reader.hasEnded()).isFalse();
    }

    @Test
    void shouldGiveTheSlotToTheNextSessionAtOnce() {
        for (int i = 0; i < 200; i++) {
            ManualReader<GeneratedToken> reader = reader(i, 40);
            reader.request(Long.MAX_VALUE);
            reader.awaitItems(1);
            reader.cancel();
            Awaiting.await(() -> engine.pipeline.sessionCount() < 4, LIMIT, "a free slot");
        }
    }
}
