package dev.foretoken.transport.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.foretoken.drafters.control.VerifyCostModel;
import dev.foretoken.engine.error.AdmissionRefusedException;
import dev.foretoken.engine.error.EngineClosedException;
import dev.foretoken.engine.session.FinishReason;
import dev.foretoken.engine.testing.HashTarget;
import dev.foretoken.engine.testing.HashVocabulary;
import dev.foretoken.engine.verify.TreeBatch;
import dev.foretoken.engine.verify.VerdictsOut;
import dev.foretoken.engine.verify.Verifier;
import dev.foretoken.engine.verify.VerifierShape;
import dev.foretoken.engine.verify.VerifierStart;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RehearsalTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    private final VerifyCostModel costModel = new VerifyCostModel();

    @Test
    void shouldTeachTheCostModelWhatRowsCost() {
        int passes = rehearse(rows -> 1_000_000L + 100_000L * rows);

        assertThat(passes).isEqualTo(528);
        assertThat(costModel.ns(1)).isCloseTo(1.1e6, within(1.0));
        assertThat(costModel.ns(7)).isCloseTo(1.7e6, within(1.0));
        assertThat(costModel.ns(16)).isCloseTo(2.6e6, within(1.0));
    }

    @Test
    void shouldTeachTheCostModelWhatATextCosts() {
        rehearse(rows -> 1_000_000L + 100_000L * rows);

        assertThat(costModel.context().nsPerPosition()).isCloseTo(Timed.NS_PER_POSITION, within(1e-6));
        assertThat(costModel.context().nsPerRowPosition()).isCloseTo(Timed.NS_PER_ROW_POSITION, within(1e-6));
    }

    @ParameterizedTest(name = "{displayName} contextMax={0} pages={1}")
    @CsvSource({"16, 1000", "20, 1000", "8192, 1000", "8192, 5", "8192, 2"})
    void shouldTakeNoMoreRoomThanThereIs(int contextMax, int pages) {
        Rehearsal rehearsal = new Rehearsal(new Timed(rows -> 1_000_000L, contextMax, pages), costModel);

        assertThat(passes(rehearsal)).isEqualTo(528);
        assertThat(costModel.ns(1)).isCloseTo(1e6, within(1.0));
    }

    @Test
    void shouldNotCountThePassAfterTheLargest() {
        AtomicInteger before = new AtomicInteger();
        rehearse(rows -> (1_000_000L + 100_000L * rows) * (before.getAndSet(rows) == 16 ? 2 : 1));

        assertThat(costModel.ns(1)).isCloseTo(1.1e6, within(1.0));
        assertThat(costModel.ns(2)).isCloseTo(1.2e6, within(1.0));
    }

    @Test
    void shouldTakeTheShortestOfSeveralPasses() {
        AtomicInteger pass = new AtomicInteger();
        rehearse(rows -> (1_000_000L + 100_000L * rows) * (pass.getAndIncrement() % 7 == 0 ? 1 : 3));

        assertThat(costModel.ns(1)).isCloseTo(1.1e6, within(1.0));
        assertThat(costModel.ns(8)).isCloseTo(1.8e6, within(1.0));
    }

    @Test
    void shouldMeasureALargeModelAfterFewerRounds() {
        int passes = rehearse(rows -> 20_000_000L + 2_000_000L * rows);

        assertThat(passes).isBetween(100, 300);
        assertThat(costModel.ns(1)).isBetween(20.0e6, 24.0e6);
        assertThat(costModel.ns(16)).isBetween(48.0e6, 56.0e6);
        assertThat(costModel.curve().orElseThrow().points()).hasSize(10);
    }

    @Test
    void shouldStopWherePassesTakeTooLongForASessionToWait() {
        assertThat(rehearse(rows -> 200_000_000L)).isLessThan(25);
    }

    @Test
    void shouldDoNothingWithAVerifierThatHasNothingToRehearse() {
        assertThat(rehearse(rows -> 0)).isEqualTo(1);
        assertThat(costModel.ns(1)).isZero();
    }

    @Test
    void shouldWaitForAVerifierThatMakesItselfFast() {
        Timed verifier = new Timed(rows -> 1_000_000L);
        Rehearsal rehearsal = new Rehearsal(verifier, costModel);
        verifier.isWarm = false;
        assertThat(rehearsal.runOnePass()).isFalse();
        assertThat(rehearsal.isWaiting()).isTrue();
        assertThat(rehearsal.isDone()).isFalse();

        verifier.isWarm = true;
        assertThat(passes(rehearsal)).isEqualTo(528);
        assertThat(rehearsal.isWaiting()).isFalse();
    }

    @Test
    void shouldBeginWhenTheVerifierIsFastThoughNobodyComes() throws InterruptedException {
        Timed verifier = new Timed(rows -> 1_000_000L);
        verifier.isWarm = false;
        try (Pipeline pipeline = pipeline(verifier)) {
            Thread.sleep(50);
            assertThat(pipeline.warmedUp()).isNotDone();
            verifier.isWarm = true;
            assertThat(pipeline.warmedUp()).succeedsWithin(SOON);
        }
    }

    @Test
    void shouldTellThoseWhoWaitThatTheEngineIsWarm() {
        try (Pipeline pipeline = pipeline(rows -> 1_000_000L)) {
            assertThat(pipeline.warmedUp()).succeedsWithin(SOON);
        }
    }

    @Test
    void shouldTellThoseWhoWaitThatTheEngineEndedBefore() {
        CountDownLatch closing = new CountDownLatch(1);
        Pipeline pipeline = pipeline(rows -> await(closing));
        CompletableFuture<Void> warmedUp = pipeline.warmedUp();
        CompletableFuture<Void> closed = CompletableFuture.runAsync(pipeline::close);
        while (closesNot(pipeline)) {
            Thread.onSpinWait();
        }
        closing.countDown();

        assertThat(closed).succeedsWithin(SOON);
        assertThat(warmedUp)
                .failsWithin(SOON)
                .withThrowableThat()
                .havingRootCause()
                .isInstanceOf(EngineClosedException.class)
                .withMessageContaining("before it was warm");
    }

    private static boolean closesNot(Pipeline pipeline) {
        try {
            pipeline.cancel(pipeline.admit(StressSessions.start(), new int[] {1}), FinishReason.CANCELLED);
            return true;
        } catch (EngineClosedException | AdmissionRefusedException e) {
            return e instanceof AdmissionRefusedException;
        }
    }

    private static long await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return 1_000_000;
    }

    private static Pipeline pipeline(IntToLongFunction cost) {
        return pipeline(new Timed(cost));
    }

    private static Pipeline pipeline(Verifier verifier) {
        return new Pipeline(verifier, new HashVocabulary(), List.of(), null, PipelineSettings.STANDARD);
    }

    private int rehearse(IntToLongFunction cost) {
        return passes(new Rehearsal(new Timed(cost), costModel));
    }

    private static int passes(Rehearsal rehearsal) {
        int passes = 0;
        while (rehearsal.runOnePass()) {
            passes++;
            assertThat(passes).isLessThan(1000);
        }
        return passes;
    }

    /** A verifier whose passes take what the test says. */
    private static final class Timed implements Verifier {
        static final double NS_PER_POSITION = 700;
        static final double NS_PER_ROW_POSITION = 300;

        private final HashTarget target;
        private final IntToLongFunction cost;
        volatile boolean isWarm = true;

        Timed(IntToLongFunction cost) {
            this(cost, 64, 64);
        }

        Timed(IntToLongFunction cost, int contextMax, int pagesTotal) {
            this.cost = cost;
            target = new HashTarget(4, contextMax, pagesTotal, 0);
        }

        @Override
        public boolean isWarm() {
            return isWarm;
        }

        @Override
        public long rehearse(int rows, int positions) {
            assertThat(positions + rows)
                    .isLessThanOrEqualTo(Math.min(shape().contextMax(), shape().pagesTotal() * shape().pageTokens()));
            long ns = cost.applyAsLong(rows);
            return ns == 0 ? 0 : ns + Math.round(positions * (NS_PER_POSITION + rows * NS_PER_ROW_POSITION));
        }

        @Override
        public VerifierShape shape() {
            return target.shape();
        }

        @Override
        public void open(int slot, VerifierStart start) {
            target.open(slot, start);
        }

        @Override
        public void submit(TreeBatch batch) {
            target.submit(batch);
        }

        @Override
        public boolean poll(VerdictsOut verdictsOut) {
            return target.poll(verdictsOut);
        }

        @Override
        public int committedLength(int slot) {
            return target.committedLength(slot);
        }

        @Override
        public void release(int slot) {
            target.release(slot);
        }

        @Override
        public int pagesInUse() {
            return target.pagesInUse();
        }

        @Override
        public void close() {
            target.close();
        }
    }
}
