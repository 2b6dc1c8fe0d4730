package dev.foretoken.transport.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.engine.session.GenerationRequest;
import dev.foretoken.engine.testing.HashTarget;
import dev.foretoken.transport.pipeline.EngineCounter;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A drafter with a thread of its own sits out while it is busy, and comes back. */
@Timeout(60)
class SlowDrafterTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int LONG_PROMPT = 50;

    private final HashTarget target = ToyEngine.endless(8);
    private final ScriptedDrafter slow = new ScriptedDrafter("slow", true);

    private ToyEngine start() {
        slow.onPropose = ToyEngine.truth(target);
        return engine();
    }

    private ToyEngine engine() {
        return ToyEngine.builder(target)
                .drafters(slow)
                .settings(ToyEngine.impatient())
                .start();
    }

    private static ManualReader<GeneratedToken> read(ToyEngine engine, GenerationRequest request) {
        return ManualReader.of(engine.generate(request).tokens());
    }

    /** Reads on, slowly: the target costs nothing and would be done before the drafter's thread has turned round. */
    private static void readUntil(ManualReader<?> reader, BooleanSupplier condition) {
        while (!condition.getAsBoolean() && !reader.hasEnded()) {
            int items = reader.items.size();
            reader.request(8);
            Awaiting.await(() -> reader.hasEnded() || reader.items.size() >= items + 8, LIMIT, "8 more tokens");
            Awaiting.pause(Duration.ofMillis(5));
        }
    }

    /** Nothing of a drafter that was merely busy may look like a fault. */
    private static void assertNoFault(ToyEngine engine) {
        assertThat(engine.count(EngineCounter.DRAFTS_FAILED)).isZero();
        assertThat(engine.count(EngineCounter.DRAFTERS_QUARANTINED)).isZero();
        assertThat(engine.count(EngineCounter.SESSION_FAILURES)).isZero();
    }

    @Test
    void shouldNotBeAskedBeforeItIsPrepared() {
        AtomicBoolean prepared = new AtomicBoolean();
        slow.onPrepare = text -> !prepared.get();
        try (ToyEngine engine = start()) {
            GenerationRequest request = ToyEngine.prompt(1, LONG_PROMPT, 1000).treeSize(8);
            ManualReader<GeneratedToken> reader = read(engine, request);
            reader.request(100);
            reader.awaitItems(100);

            assertThat(slow.asked).hasValue(0);
            assertThat(engine.count(EngineCounter.STEPS)).as("plain steps").isGreaterThanOrEqualTo(100);

            prepared.set(true);
            readUntil(reader, () -> slow.asked.get() > 0);
            long tokensLeft = 1000 - reader.items.size();
            long stepsBefore = engine.count(EngineCounter.STEPS);
            reader.request(Long.MAX_VALUE);
            reader.awaitEnd();
            assertThat(reader.items.stream().map(GeneratedToken::id).toList()).isEqualTo(engine.expected(request));
            assertThat(engine.count(EngineCounter.STEPS) - stepsBefore)
                    .as("drafted steps")
                    .isLessThanOrEqualTo(tokensLeft / 8 + 1);
            assertThat(engine.count(EngineCounter.DRAFTS_MISSED)).isZero();
            assertNoFault(engine);
        }
    }

    @Test
    void shouldDraftForOthersWhileItPreparesALongPrompt() {
        AtomicBoolean prepared = new AtomicBoolean();
        slow.onPrepare = text -> text.promptLength() == LONG_PROMPT && !prepared.get();
        try (ToyEngine engine = start()) {
            ManualReader<GeneratedToken> longOne =
                    read(engine, ToyEngine.prompt(1, LONG_PROMPT, 2000).treeSize(8));
            longOne.request(50);
            longOne.awaitItems(50);

            GenerationSummary other = engine.generate(
                            ToyEngine.prompt(2, 10, 400).treeSize(8))
                    .summary()
                    .block(LIMIT);
            assertThat(other.steps()).as("every step had its draft").isEqualTo(50);
            assertThat(slow.asked).hasValue(50);
            assertNoFault(engine);
            prepared.set(true);
            longOne.cancel();
            engine.awaitAllGone();
        }
        assertThat(slow.closedSessions).hasValue(2);
    }

    @Test
    void shouldDoWithoutADrafterThatFailsToPrepare() {
        slow.onPrepare = text -> {
            throw new IllegalStateException("cannot read this");
        };
        try (ToyEngine engine = start()) {
            GenerationRequest request = ToyEngine.prompt(1, 10, 100).treeSize(8);
            assertThat(engine.generate(request).summary().block(LIMIT).tokenIds())
                    .isEqualTo(engine.expected(request));

            assertThat(engine.count(EngineCounter.DRAFTS_FAILED)).isEqualTo(1);
            assertThat(engine.count(EngineCounter.DRAFTERS_QUARANTINED)).isEqualTo(1);
        }
        assertThat(slow.closedSessions).as("it was opened").hasValue(1);
    }

    @Test
    void shouldDraftAgainAfterItWasLateOnce() {
        CountDownLatch released = new CountDownLatch(1);
        ToyEngine.Proposal truth = ToyEngine.truth(target);
        slow.onPropose = (text, depthMax, draft) -> {
            if (slow.asked.get() == 2) {
                await(released);
            }
            truth.propose(text, depthMax, draft);
        };
        try (ToyEngine engine = engine()) {
            GenerationRequest request = ToyEngine.prompt(1, 10, 1000).treeSize(8);
            ManualReader<GeneratedToken> reader = read(engine, request);
            reader.request(100);
            reader.awaitItems(100);
            assertThat(slow.asked).as("not asked while it is behind").hasValue(2);
            assertThat(engine.count(EngineCounter.STEPS)).isGreaterThan(80);

            released.countDown();
            readUntil(reader, () -> slow.asked.get() > 2);
            long tokensLeft = 1000 - reader.items.size();
            reader.request(Long.MAX_VALUE);
            reader.awaitEnd();
            assertThat(reader.items.stream().map(GeneratedToken::id).toList()).isEqualTo(engine.expected(request));
            assertThat((long) slow.asked.get()).as("most tokens came in eights").isGreaterThan(tokensLeft / 10);
            assertThat(engine.count(EngineCounter.DRAFTS_MISSED)).isEqualTo(1);
            assertNoFault(engine);
        }
    }

    @Test
    void shouldComeBackAfterItsInboxWasFull() {
        CountDownLatch released = new CountDownLatch(1);
        ToyEngine.Proposal truth = ToyEngine.truth(target);
        slow.onPropose = (text, depthMax, draft) -> {
            await(released);
            truth.propose(text, depthMax, draft);
        };
        try (ToyEngine engine = engine()) {
            ManualReader<GeneratedToken> before =
                    read(engine, ToyEngine.prompt(1, 10, 3000).treeSize(8));
            before.request(1500);
            before.awaitItems(1500);
            assertThat(engine.count(EngineCounter.LESSONS_LOST)).isPositive();
            ManualReader<GeneratedToken> after =
                    read(engine, ToyEngine.prompt(2, 10, 3000).treeSize(8));
            after.request(100);
            after.awaitItems(100);
            assertThat(slow.opened)
                    .as("no room to tell it of the second session")
                    .hasValue(1);

            released.countDown();
            readUntil(before, () -> slow.asked.get() > 1);
            readUntil(after, () -> slow.opened.get() > 1);
            before.request(Long.MAX_VALUE);
            after.request(Long.MAX_VALUE);
            before.awaitEnd();
            after.awaitEnd();
            assertThat(slow.opened).hasValue(2);
            assertThat(slow.asked.get()).as("both draft again").isGreaterThan(100);
            assertNoFault(engine);
        }
    }

    @Test
    void shouldBeTaughtOnlyIfItObserves() {
        slow.observes = false;
        try (ToyEngine engine = start()) {
            GenerationSummary summary = engine.generate(
                            ToyEngine.prompt(1, 10, 400).treeSize(8))
                    .summary()
                    .block(LIMIT);

            assertThat(summary.steps()).isEqualTo(50);
            assertThat(slow.taught).hasValue(0);
        }
    }

    @Test
    void shouldNotBeOpenedForASessionThatNeverDrafts() {
        try (ToyEngine engine = start()) {
            assertThat(engine.generate(ToyEngine.prompt(1, 10, 40).treeSize(1))
                            .summary()
                            .block(LIMIT)
                            .steps())
                    .isEqualTo(40);
            engine.awaitAllGone();
        }
        assertThat(slow.opened).hasValue(0);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
