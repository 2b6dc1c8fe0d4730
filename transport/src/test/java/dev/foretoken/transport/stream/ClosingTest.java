package dev.foretoken.transport.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.engine.error.EngineClosedException;
import dev.foretoken.engine.testing.HashTarget;
import dev.foretoken.transport.pipeline.PipelineSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Closing ends every stream with a defined signal, within its limit, whatever state it is in. */
@Timeout(30)
class ClosingTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final HashTarget target = ToyEngine.endless(8);

    private static ManualReader<GeneratedToken> reader(ToyEngine engine, int seed, int promptTokens) {
        return ManualReader.of(engine.generate(ToyEngine.prompt(seed, promptTokens, 4000 - promptTokens))
                .tokens());
    }

    @Test
    void shouldEndStreamsInEveryState() {
        ToyEngine engine = ToyEngine.builder(target).start();
        ManualReader<GeneratedToken> neverRequested = reader(engine, 1, 10);
        ManualReader<GeneratedToken> parked = reader(engine, 2, 10);
        parked.request(2);
        parked.awaitItems(2);
        Semaphore permits = new Semaphore(0);
        target.beforeForward(permits::acquireUninterruptibly);
        ManualReader<GeneratedToken> prefilling = reader(engine, 3, 3000);
        prefilling.request(Long.MAX_VALUE);
        ManualReader<GeneratedToken> streaming = reader(engine, 4, 1);
        streaming.request(Long.MAX_VALUE);
        // one forward after another, until the stream has begun: how many that takes depends on who comes first
        Awaiting.await(
                () -> {
                    permits.release();
                    return !streaming.items.isEmpty();
                },
                LIMIT,
                "the first token");
        Awaiting.await(permits::hasQueuedThreads, LIMIT, "the lane to be in a forward");

        Thread closer = Thread.ofPlatform().start(engine::close);
        permits.release(1_000_000);
        List.of(neverRequested, parked, prefilling, streaming)
                .forEach(reader -> assertThat(reader.awaitFailure())
                        .isInstanceOf(EngineClosedException.class)
                        .hasMessage("the engine was closed while the stream was running"));
        Awaiting.await(() -> !closer.isAlive(), LIMIT, "close to return");

        assertThat(parked.items).hasSize(2);
        assertThat(target.isClosed()).isTrue();
        assertThat(target.openSessions()).isZero();
        assertThat(engine.pipeline.sessionCount()).isZero();
        assertNoThreads();
    }

    private static void assertNoThreads() {
        Awaiting.await(
                () -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(t -> t.getName().startsWith("foretoken-")),
                LIMIT,
                "the engine's threads to end");
    }

    @Test
    void shouldRefuseNewSessionsOnceClosed() {
        ToyEngine engine = ToyEngine.builder(target).start();
        engine.close();
        engine.close();

        ManualReader<GeneratedToken> late = reader(engine, 1, 10);
        assertThat(late.awaitFailure())
                .isInstanceOf(EngineClosedException.class)
                .hasMessage("the engine is closed");
        assertThat(engine.pipeline.sessionCount()).isZero();
    }

    @Test
    void shouldLetAReaderTakeTheRestOfAnAnswerThatWasComplete() {
        ToyEngine engine = ToyEngine.builder(target).start();
        ManualReader<GeneratedToken> reader =
                ManualReader.of(engine.generate(ToyEngine.prompt(1, 4, 20)).tokens());
        reader.request(1);
        engine.awaitAllGone();
        engine.close();

        reader.request(Long.MAX_VALUE);
        reader.awaitEnd();
        assertThat(reader.isCompleted()).isTrue();
        assertThat(reader.items).hasSize(20);
    }

    @Test
    void shouldEndStreamsAndReturnInTimeThoughTheSinkIsStuck() {
        CountDownLatch never = new CountDownLatch(1);
        MemorySink sink = new MemorySink();
        sink.blockAt(1, 5, never);
        PipelineSettings settings =
                new PipelineSettings(1, Duration.ofMinutes(5), Duration.ofMinutes(5), Duration.ofMillis(500));
        ToyEngine engine =
                ToyEngine.builder(target).sink(sink).settings(settings).start();
        ManualReader<GeneratedToken> stuck = reader(engine, 1, 10);
        ManualReader<GeneratedToken> other = reader(engine, 2, 10);
        stuck.request(Long.MAX_VALUE);
        stuck.awaitItems(5);

        long beginNs = System.nanoTime();
        engine.close();

        assertThat(Duration.ofNanos(System.nanoTime() - beginNs)).isLessThan(Duration.ofSeconds(5));
        assertThat(stuck.awaitFailure()).isInstanceOf(EngineClosedException.class);
        assertThat(other.awaitFailure()).isInstanceOf(EngineClosedException.class);
        assertThat(target.isClosed()).isTrue();
        never.countDown();
        assertNoThreads();
        assertThat(sink.closed).hasValue(1);
        assertThat(stuck.items).as("nothing is shown after the end").hasSize(5);
    }

    @Test
    void shouldWaitForTheStagesThoughTheCallerIsInterrupted() {
        Semaphore permits = new Semaphore(0);
        target.beforeForward(permits::acquireUninterruptibly);
        ToyEngine engine = ToyEngine.builder(target).start();
        reader(engine, 1, 10).request(1);
        Awaiting.await(permits::hasQueuedThreads, LIMIT, "the lane to be in a forward");
        AtomicBoolean stillInterrupted = new AtomicBoolean();
        Thread closer = Thread.ofPlatform().start(() -> {
            Thread.currentThread().interrupt();
            engine.close();
            stillInterrupted.set(Thread.currentThread().isInterrupted());
        });
        Awaiting.pause(Duration.ofMillis(50));
        assertThat(closer.isAlive()).isTrue();

        permits.release(1_000_000);
        Awaiting.await(() -> !closer.isAlive(), LIMIT, "close to return");
        assertThat(target.isClosed()).isTrue();
        assertThat(stillInterrupted).isTrue();
    }

    @Test
    void shouldCloseFromInsideAStream() {
        ToyEngine engine = ToyEngine.builder(target).start();
        ManualReader<GeneratedToken> reader =
                ManualReader.of(engine.generate(ToyEngine.prompt(1, 4, 3000)).tokens(), (self, token) -> {
                    if (self.items.size() == 10) {
                        engine.close();
                    }
                });
        reader.request(10);

        assertThat(reader.awaitFailure()).isInstanceOf(EngineClosedException.class);
        assertThat(reader.items).hasSize(10);
        assertNoThreads();
    }

    @Test
    void shouldEndEveryStreamWhenSubscribersRaceWithClose() {
        for (int round = 0; round < 30; round++) {
            HashTarget fresh = ToyEngine.endless(64);
            ToyEngine engine = ToyEngine.builder(fresh).start();
            List<ManualReader<GeneratedToken>> readers = new ArrayList<>();
            CountDownLatch some = new CountDownLatch(1 + round % 5);
            Thread subscriber = Thread.ofPlatform().start(() -> {
                for (int i = 0; i < 40; i++) {
                    ManualReader<GeneratedToken> reader = reader(engine, i, 10);
                    reader.request(Long.MAX_VALUE);
                    readers.add(reader);
                    some.countDown();
                }
            });
            Awaiting.await(() -> some.getCount() == 0, LIMIT, "the first sessions");
            engine.close();
            Awaiting.await(() -> !subscriber.isAlive(), LIMIT, "the subscriber");

            assertThat(readers)
                    .hasSize(40)
                    .allSatisfy(reader -> assertThat(reader.awaitFailure()).isInstanceOf(EngineClosedException.class));
            assertThat(fresh.openSessions()).isZero();
        }
    }
}
