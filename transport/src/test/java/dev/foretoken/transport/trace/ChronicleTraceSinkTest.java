package dev.foretoken.transport.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.error.TraceFailedException;
import dev.foretoken.engine.trace.SessionEnd;
import dev.foretoken.engine.trace.SessionStart;
import dev.foretoken.engine.trace.StepView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChronicleTraceSinkTest {
    @TempDir
    Path traces;

    @ParameterizedTest(name = "{displayName} seed={0}")
    @ValueSource(longs = {1, 2, 3, 5, 8})
    void shouldReadBackEveryEventAsItWasWritten(long seed) {
        // given
        RandomTraces random = new RandomTraces(seed);
        List<TraceEvent> written = new ArrayList<>();

        // when
        try (ChronicleTraceSink sink = ChronicleTraceSink.open(traces, seed == 3)) {
            for (long session = 0; session < 5; session++) {
                written.add(write(sink, random.start(session)));
                for (int step = 0; step < 40; step++) {
                    written.add(write(sink, random.step(session, step)));
                }
                written.add(write(sink, random.end(session)));
            }
        }

        // then
        assertThat(read(traces)).isEqualTo(written);
    }

    @Test
    void shouldCutALongRequestIntoPartsAndPutItTogetherAgain() {
        SessionStart small = new RandomTraces(4).start(1);
        SessionStart large = new SessionStart(
                7,
                1,
                dev.foretoken.engine.session.GenerationRequest.raw("a long prompt ".repeat(200_000)),
                small.sampling(),
                java.util.stream.IntStream.range(0, 500_000).boxed().toList(),
                small.model(),
                "cpu-2",
                List.of(),
                "",
                0);

        try (ChronicleTraceSink sink = ChronicleTraceSink.open(traces, false)) {
            sink.sessionStarted(small);
            sink.sessionStarted(large);
            sink.sessionStarted(small);
        }

        assertThat(read(traces))
                .containsExactly(
                        new TraceEvent.SessionStarted(small, "", -1),
                        new TraceEvent.SessionStarted(large, "", -1),
                        new TraceEvent.SessionStarted(small, "", -1));
    }

    @Test
    void shouldGiveEveryRunItsOwnDirectory() {
        RandomTraces random = new RandomTraces(1);

        try (ChronicleTraceSink one = ChronicleTraceSink.open(traces, false);
                ChronicleTraceSink other = ChronicleTraceSink.open(traces, false)) {
            one.sessionStarted(random.start(1));
            other.sessionStarted(random.start(2));

            assertThat(one.runDirectory()).isNotEqualTo(other.runDirectory());
        }

        assertThat(TraceReader.open(traces).runs()).hasSize(2);
        assertThat(read(traces)).extracting(TraceEvent::sessionId).containsExactlyInAnyOrder(1L, 2L);
    }

    @Test
    void shouldKeepAShortRunSmallOnDisk() throws IOException {
        try (ChronicleTraceSink sink = ChronicleTraceSink.open(traces, false)) {
            sink.sessionStarted(new RandomTraces(1).start(1));
        }

        assertThat(TraceReader.open(traces).runs().getFirst().sizeBytes()).isLessThan(100 << 10);
    }

    @Test
    void shouldRefuseADirectoryThatIsAFile() throws IOException {
        Path file = Files.createFile(traces.resolve("file"));

        assertThatThrownBy(() -> ChronicleTraceSink.open(file, false))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("trace directory %s is a file, expected a directory: pass another one".formatted(file));
    }

    @Test
    void shouldRefuseADirectoryThatCannotBeMade() throws IOException {
        Path below = Files.createFile(traces.resolve("file")).resolve("traces");

        assertThatThrownBy(() -> ChronicleTraceSink.open(below, false))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("trace directory " + below + " cannot be written")
                .hasMessageContaining("expected a writable directory");
    }

    @Test
    void shouldRefuseWhatComesAfterClosingAndCloseTwiceQuietly() {
        ChronicleTraceSink sink = ChronicleTraceSink.open(traces, false);
        sink.close();
        sink.close();

        assertThatThrownBy(() -> sink.sessionEnded(new RandomTraces(1).end(1)))
                .isInstanceOf(TraceFailedException.class)
                .hasMessageContaining("the trace is closed");
    }

    static TraceEvent write(ChronicleTraceSink sink, SessionStart start) {
        sink.sessionStarted(start);
        return new TraceEvent.SessionStarted(start, "", -1);
    }

    static TraceEvent write(ChronicleTraceSink sink, StepView step) {
        sink.stepVerified(step);
        return RandomTraces.expected(step);
    }

    static TraceEvent write(ChronicleTraceSink sink, SessionEnd end) {
        sink.sessionEnded(end);
        return new TraceEvent.SessionEnded(end);
    }

    static List<TraceEvent> read(Path directory) {
        try (Stream<TraceEvent> events = TraceReader.open(directory).events()) {
            return events.toList();
        }
    }
}
