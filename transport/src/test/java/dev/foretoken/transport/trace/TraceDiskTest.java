package dev.foretoken.transport.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.error.TraceFailedException;
import dev.foretoken.engine.session.FinishReason;
import dev.foretoken.engine.trace.SessionEnd;
import dev.foretoken.engine.trace.StepView;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the sink meets a full disk, a new day, an interrupt, and a long run. */
class TraceDiskTest {
    private static final long PLENTY = 1L << 40;

    @TempDir
    Path traces;

    private long usableBytes = PLENTY;
    private Instant now = Instant.parse("2026-03-14T23:59:00Z");
    private final FreeSpace freeSpace = directory -> usableBytes;
    private final InstantSource clock = () -> now;

    private ChronicleTraceSink open() {
        return ChronicleTraceSink.open(traces, false, freeSpace, clock);
    }

    @Test
    void shouldRefuseToStartOnAFullDiskAndLeaveNothingBehind() throws IOException {
        usableBytes = 3 << 20;

        assertThatThrownBy(this::open)
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(
                        "trace directory %s is full: 3 MiB are free, expected at least 17 MiB; free some space or pass another directory"
                                .formatted(traces));
        try (Stream<Path> left = Files.list(traces)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void shouldFailInOneSentenceWhenTheDiskFillsUpAndGoOnWhenThereIsRoomAgain() {
        RandomTraces random = new RandomTraces(1);
        List<TraceEvent> written = new ArrayList<>();
        try (ChronicleTraceSink sink = open()) {
            written.add(ChronicleTraceSinkTest.write(sink, random.start(1)));
            usableBytes = 17 << 20 >> 1;

            // when
            TraceFailedException failure = writeUntilFull(sink, random, written);

            // then
            assertThat(failure)
                    .hasMessage(
                            "the disk of trace directory %s is full: 8 MiB are free, expected at least 17 MiB; free some space or trace elsewhere"
                                    .formatted(sink.runDirectory()));
            assertThat(written).hasSizeLessThan(1_000);
            assertThat(ChronicleTraceSinkTest.read(traces)).isEqualTo(written);

            usableBytes = PLENTY;
            written.add(ChronicleTraceSinkTest.write(sink, random.start(2)));
            assertThat(ChronicleTraceSinkTest.read(traces)).isEqualTo(written);
        }
    }

    @Test
    void shouldWriteNothingButTheEndOfASessionThatLostARecord() {
        RandomTraces random = new RandomTraces(6);
        List<TraceEvent> written = new ArrayList<>();
        try (ChronicleTraceSink sink = open()) {
            written.add(ChronicleTraceSinkTest.write(sink, random.start(1)));
            written.add(ChronicleTraceSinkTest.write(sink, random.start(2)));
            written.add(ChronicleTraceSinkTest.write(sink, random.step(1, 0)));
            now = now.plus(Duration.ofMinutes(2));
            usableBytes = 0;
            assertThatThrownBy(() -> sink.stepVerified(random.step(1, 1))).isInstanceOf(TraceFailedException.class);
            assertThatThrownBy(() -> sink.sessionStarted(random.start(3))).isInstanceOf(TraceFailedException.class);

            // when there is room again
            usableBytes = PLENTY;
            assertThatThrownBy(() -> sink.stepVerified(random.step(1, 2)))
                    .isInstanceOf(TraceFailedException.class)
                    .hasMessageContaining("session 1 is not recorded any further");
            assertThatThrownBy(() -> sink.sessionEnded(random.end(3))).isInstanceOf(TraceFailedException.class);
            written.add(ChronicleTraceSinkTest.write(sink, random.step(2, 0)));
            sink.sessionEnded(new SessionEnd(1, FinishReason.STOP, 2, 9, 10));
            written.add(new TraceEvent.SessionEnded(new SessionEnd(1, FinishReason.TRACE_FAILED, 2, 9, 10)));
        }

        // then
        assertThat(ChronicleTraceSinkTest.read(traces)).isEqualTo(written);
        assertThat(TraceReader.open(traces).sessions()).hasSize(2);
    }

    private static TraceFailedException writeUntilFull(
            ChronicleTraceSink sink, RandomTraces random, List<TraceEvent> written) {
        for (int step = 0; step < 100_000; step++) {
            StepView view = random.step(1, step);
            try {
                sink.stepVerified(view);
            } catch (TraceFailedException e) {
                return e;
            }
            written.add(RandomTraces.expected(view));
        }
        throw new AssertionError("the disk never filled up");
    }

    @Test
    void shouldGoOnInANewFileWhenTheDayChanges() {
        RandomTraces random = new RandomTraces(2);
        List<TraceEvent> written = new ArrayList<>();
        try (ChronicleTraceSink sink = open()) {
            written.add(ChronicleTraceSinkTest.write(sink, random.start(1)));
            now = now.plus(Duration.ofMinutes(2));
            written.add(ChronicleTraceSinkTest.write(sink, random.step(1, 0)));
            now = now.minus(Duration.ofMinutes(2)); // a clock that was set back does not reopen yesterday
            written.add(ChronicleTraceSinkTest.write(sink, random.step(1, 1)));
            now = now.plus(Duration.ofDays(3));
            written.add(ChronicleTraceSinkTest.write(sink, random.end(1)));
        }

        TraceRun run = TraceReader.open(traces).runs().getFirst();
        assertThat(run.files())
                .extracting(file -> file.getFileName().toString())
                .containsExactly("20260314F.cq4", "20260315F.cq4", "20260317F.cq4");
        assertThat(ChronicleTraceSinkTest.read(traces)).isEqualTo(written);
    }

    @Test
    void shouldNotBeginANewFileOnAFullDisk() {
        RandomTraces random = new RandomTraces(2);
        try (ChronicleTraceSink sink = open()) {
            sink.sessionStarted(random.start(1));
            now = now.plus(Duration.ofMinutes(2));
            usableBytes = 1;

            assertThatThrownBy(() -> sink.stepVerified(random.step(1, 0))).isInstanceOf(TraceFailedException.class);
        }

        assertThat(TraceReader.open(traces).runs().getFirst().files()).hasSize(1);
    }

    @Test
    void shouldWriteWholeRecordsOnAnInterruptedThread() {
        RandomTraces random = new RandomTraces(3);
        List<TraceEvent> written = new ArrayList<>();
        boolean stillInterrupted;
        try (ChronicleTraceSink sink = open()) {
            Thread.currentThread().interrupt();
            written.add(ChronicleTraceSinkTest.write(sink, random.start(1)));
            for (int step = 0; step < 3_000; step++) {
                written.add(ChronicleTraceSinkTest.write(sink, random.step(1, step)));
            }
        } finally {
            stillInterrupted = Thread.interrupted();
        }

        assertThat(stillInterrupted).isTrue();
        assertThat(ChronicleTraceSinkTest.read(traces)).isEqualTo(written);
    }

    @Test
    void shouldAllocateOnlyToMapTheNextBlock() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        RandomTraces random = new RandomTraces(4);
        List<StepView> steps = new ArrayList<>();
        for (int step = 0; step < 500; step++) {
            steps.add(random.step(1, step));
        }
        long leastPerRound = Long.MAX_VALUE;
        try (ChronicleTraceSink sink = ChronicleTraceSink.open(traces, false)) {
            for (int round = 0; round < 6; round++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                writeAll(sink, steps, 40);
                // the least of several: classes load, and a slow disk makes Chronicle write a log line
                leastPerRound = Math.min(leastPerRound, threads.getCurrentThreadAllocatedBytes() - before);
            }
        }

        long mebibytesPerRound = TraceReader.open(traces).runs().getFirst().sizeBytes() / 6 >> 20;
        assertThat(mebibytesPerRound).isGreaterThan(5);
        assertThat(leastPerRound)
                .as("bytes allocated for 20000 steps in %d MiB", mebibytesPerRound)
                .isLessThan(4096 * mebibytesPerRound);
    }

    private static void writeAll(ChronicleTraceSink sink, List<StepView> steps, int times) {
        for (int time = 0; time < times; time++) {
            for (int i = 0; i < steps.size(); i++) {
                sink.stepVerified(steps.get(i));
            }
        }
    }

    @Test
    void shouldNotHaveChroniclesStatisticsOnItsClassPath() {
        assertThatThrownBy(() -> Class.forName("net.openhft.chronicle.analytics.Analytics"))
                .isInstanceOf(ClassNotFoundException.class);
    }
}
