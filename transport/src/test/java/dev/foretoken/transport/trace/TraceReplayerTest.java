package dev.foretoken.transport.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.session.FinishReason;
import dev.foretoken.engine.trace.ModelIdentity;
import dev.foretoken.engine.verify.StepVerdict;
import dev.foretoken.engine.verify.Verifier;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TraceReplayerTest {
    @TempDir
    Path traces;

    @ParameterizedTest(name = "{displayName} seed={0}")
    @ValueSource(longs = {1, 2, 3, 5, 8, 13})
    void shouldFindNoDifferenceWithTheVerifierThatWasRecorded(long seed) {
        // given sessions of several lengths, cut wherever the maximum fell
        record(seed, generation -> {
            for (int session = 0; session < 12; session++) {
                generation.generate(session, 1 + 3 * session, 1 + 2 * session);
            }
        });

        // when
        HashVerifier verifier = new HashVerifier();
        ReplayReport report = replay(TracedGeneration.MODEL, verifier);

        // then
        assertThat(report.firstDifference()).isNull();
        assertThat(report.sessions()).isEqualTo(12);
        assertThat(report.unfinishedSessions()).isZero();
        assertThat(report.tokens()).isEqualTo(144);
        assertThat(report.steps()).isBetween(12L, 144L);
        assertThat(verifier.promptRowsSeen).isEqualTo(3 * 66);
        assertThat(verifier.pagesInUse()).isZero();
    }

    @Test
    void shouldReplayAllRunsOfADirectoryAndTellHowFarItIs() {
        record(1, generation -> generation.generate(0, 4, 10));
        record(2, generation -> generation.generate(0, 4, 20));
        List<String> told = new ArrayList<>();

        ReplayReport report = new TraceReplayer(
                        model -> new ReplayTarget(model, new HashVerifier(), 1 << 20),
                        (sessions, steps, tokens) -> told.add(sessions + " " + steps + " " + tokens))
                .replay(TraceReader.open(traces));

        assertThat(report.tokens()).isEqualTo(30);
        assertThat(told).hasSize((int) report.steps()).last().isEqualTo("2 %d 30".formatted(report.steps()));
    }

    @Test
    void shouldOpenAModelOncePerRunOfSessionsThatHaveIt() {
        record(1, generation -> {
            generation.generate(0, 4, 10);
            generation.generate(1, 4, 10);
        });
        record(2, generation -> generation.generate(0, 4, 20));
        List<ModelIdentity> opened = new ArrayList<>();

        ReplayReport report = new TraceReplayer(
                        model -> {
                            opened.add(model);
                            return new ReplayTarget(model, new HashVerifier(), 1 << 20);
                        },
                        ReplayProgress.NONE)
                .replay(TraceReader.open(traces));

        assertThat(report.sessions()).isEqualTo(3);
        assertThat(opened).containsExactly(TracedGeneration.MODEL);
    }

    @Test
    void shouldAskForNoMoreRoomThanTheRecordedTokensNeed() {
        // given a request whose most tokens would fill any context, ended by its own context after 20
        try (ChronicleTraceSink sink = ChronicleTraceSink.open(traces, false)) {
            new TracedGeneration(4, new AlteringSinks.UnboundedSink(sink)).generate(0, 9, 20);
        }
        HashVerifier verifier = new HashVerifier();

        ReplayReport report = replay(TracedGeneration.MODEL, verifier);

        assertThat(report.isEqual()).isTrue();
        assertThat(verifier.tokensMaxSeen).isEqualTo(9 + 20 + StepVerdict.EMITTED_MAX);
    }

    @Test
    void shouldReplayASessionThatWasCutShortAsFarAsItGoes() {
        record(3, generation -> {
            generation.generate(0, 4, 10, null);
            generation.generate(1, 4, 10);
        });

        ReplayReport report = replay(TracedGeneration.MODEL, new HashVerifier());

        assertThat(report.firstDifference()).isNull();
        assertThat(report.unfinishedSessions()).isEqualTo(1);
        assertThat(report.tokens()).isEqualTo(20);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        TOKEN        | 2 | token 0: its id is
        CHOSEN_LOGIT | 0 | token 0: its logit is
        BEST_LOGIT   | 1 | token 0: the best logit is
        SECOND_LOGIT | 2 | token 0: the second logit is
        LOG_SUM_EXP  | 3 | token 0: the log-sum-exp of its row is
        TOP_ID       | 1 | token 0: best id 7 is
        NAN          | 2 | the verifier's failure is NaN logit, the trace has none
        """)
    void shouldNameTheFirstDifference(HashVerifier.Fault fault, int step, String expected) {
        record(4, generation -> {
            generation.generate(6, 3, 1);
            generation.generate(7, 9, 60);
        });

        ReplayReport report = replay(TracedGeneration.MODEL, new HashVerifier(HashVerifier.BACKEND, fault, step));

        String run = TraceReader.open(traces).runs().getFirst().name();
        int session = step == 0 ? 6 : 7;
        assertThat(report.firstDifference())
                .startsWith("run %s, session %d, step %d, %s".formatted(run, session, step, expected))
                .contains("the trace has");
        assertThat(report.isEqual()).isFalse();
        assertThat(report.steps()).isEqualTo(step == 0 ? 0 : step + 1L);
    }

    @Test
    void shouldNoticeAStepThatEmitsFewerTokensThanRecorded() {
        record(4, generation -> generation.generate(0, 9, 60));
        int longStep = firstStepWithAPath();

        ReplayReport report = replay(
                TracedGeneration.MODEL, new HashVerifier(HashVerifier.BACKEND, HashVerifier.Fault.NO_BONUS, longStep));

        assertThat(report.firstDifference()).contains("step " + longStep + ", the number of emitted tokens is");
    }

    private int firstStepWithAPath() {
        List<TraceEvent.StepVerified> steps =
                TraceReader.open(traces).sessions().findFirst().orElseThrow().steps();
        return (int) steps.stream().takeWhile(step -> step.path().isEmpty()).count();
    }

    @Test
    void shouldNotTakeAStepInTheMiddleForACutOne() {
        // given a session whose second step lost its last token, and a third step after it
        try (ChronicleTraceSink sink = ChronicleTraceSink.open(traces, false)) {
            TracedGeneration generation = new TracedGeneration(4, new AlteringSinks.CuttingSink(sink, 1));
            generation.generate(0, 9, 60);
        }

        ReplayReport report = replay(TracedGeneration.MODEL, new HashVerifier());

        assertThat(report.firstDifference()).contains("step 1, the number of emitted tokens is");
    }

    @Test
    void shouldNotTakeTheLastStepOfACancelledSessionForACutOne() {
        long seed = seedWhoseLastStepIsCut();
        record(seed, generation -> generation.generate(0, 9, 20, FinishReason.CANCELLED));

        ReplayReport report = replay(TracedGeneration.MODEL, new HashVerifier());

        assertThat(report.firstDifference()).contains("the number of emitted tokens is");
    }

    private static long seedWhoseLastStepIsCut() {
        for (long seed = 0; ; seed++) {
            AlteringSinks.CountingSink counted = new AlteringSinks.CountingSink();
            new TracedGeneration(seed, counted).generate(0, 9, 20);
            if (counted.lastStepWasCutInsideItsPath) {
                return seed;
            }
        }
    }

    @Test
    void shouldNoticeStepsMissingBeforeTheEnd() {
        try (ChronicleTraceSink sink = ChronicleTraceSink.open(traces, false)) {
            new TracedGeneration(4, new AlteringSinks.LosingSink(sink, 10)).generate(0, 9, 60);
        }

        ReplayReport report = replay(TracedGeneration.MODEL, new HashVerifier());

        assertThat(report.firstDifference()).contains("totals, the number of recorded steps is 10, the trace has");
    }

    @Test
    void shouldReportAnotherModelFileBeforeAnythingElse() {
        record(4, generation -> generation.generate(3, 9, 20));
        ModelIdentity other = new ModelIdentity("models/other.gguf", 1234, "0badcafe");
        HashVerifier verifier = new HashVerifier("other-9", HashVerifier.Fault.TOKEN, 0);

        ReplayReport report = replay(other, verifier);

        assertThat(report.firstDifference())
                .endsWith("session 3, model file: models/other.gguf (1234 bytes, hash 0badcafe) "
                        + "is not the recorded models/hash.gguf (1234 bytes, hash 00c0ffee)");
        assertThat(verifier.sessionsOpened).isZero();
    }

    @Test
    void shouldReportAnotherBackend() {
        record(4, generation -> generation.generate(3, 9, 20));

        ReplayReport report = replay(TracedGeneration.MODEL, new HashVerifier("hash-2", HashVerifier.Fault.NONE, 0));

        assertThat(report.firstDifference()).endsWith("session 3, backend: it is hash-2, the trace has hash-1");
    }

    @Test
    void shouldReplayWhatIsSoundAndNameTheDamageOfEachRun() throws IOException {
        // given three runs, a byte in the middle of the second one flipped
        for (long seed = 1; seed <= 3; seed++) {
            record(seed, generation -> {
                for (int session = 0; session < 6; session++) {
                    generation.generate(session, 5, 20);
                }
            });
        }
        ReplayReport sound = replay(TracedGeneration.MODEL, new HashVerifier());
        TraceRun second = TraceReader.open(traces).runs().get(1);
        Path file = second.files().getFirst();
        flipByte(file, middleOfRecords(second));

        // when
        HashVerifier verifier = new HashVerifier();
        ReplayReport report = replay(TracedGeneration.MODEL, verifier);

        // then
        assertThat(sound.isEqual()).isTrue();
        assertThat(report.isEqual()).isFalse();
        assertThat(report.firstDifference()).isNull();
        assertThat(report.damages()).hasSize(1);
        assertThat(report.damages().getFirst()).startsWith("trace file %s is damaged, record at byte".formatted(file));
        assertThat(report.unfinishedSessions()).isEqualTo(1);
        assertThat(report.sessions()).isBetween(13L, 17L);
        assertThat(report.tokens()).isBetween(240L, sound.tokens() - 1);
        assertThat(verifier.pagesInUse()).isZero();
    }

    private static void flipByte(Path file, long at) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(at);
            int was = bytes.read();
            bytes.seek(at);
            bytes.write(was ^ 0x10);
        }
    }

    /** Inside a step of a session that began before and ends behind it. */
    private static long middleOfRecords(TraceRun run) {
        long sessions = 0;
        long steps = 0;
        try (QueueFile file = QueueFile.open(run.files().getFirst());
                Stream<TraceEvent> events = run.events()) {
            for (TraceEvent event : (Iterable<TraceEvent>) events::iterator) {
                file.next();
                sessions += event instanceof TraceEvent.SessionStarted ? 1 : 0;
                steps = event instanceof TraceEvent.StepVerified && sessions == 3 ? steps + 1 : 0;
                if (steps == 2) {
                    return file.contentAt() + file.contentBytes() / 2;
                }
            }
        }
        throw new AssertionError("no session of two steps");
    }

    @Test
    void shouldLeaveOutASessionThatFindsNoRoomAndGoOn() {
        // given sessions that may hold 47, 102 and 47 tokens beside a tree of 64, and pages of 16
        record(4, generation -> {
            generation.generate(0, 4, 10);
            generation.generate(1, 9, 60, null);
            generation.generate(2, 4, 10);
        });
        HashVerifier verifier = new HashVerifier();
        verifier.pagesTotal = 7;

        ReplayReport report = replay(TracedGeneration.MODEL, verifier);

        String run = TraceReader.open(traces).runs().getFirst().name();
        assertThat(report.notReplayed())
                .containsExactly("session 1 of trace run %s was not replayed: it needs 11 MiB for keys and values, the"
                                .formatted(run)
                        + " verifier has 7 MiB: allow it more, on the command line by a larger heap (-Xmx)");
        assertThat(report.firstDifference()).isNull();
        assertThat(report.isEqual()).isFalse();
        assertThat(report.sessions()).isEqualTo(2);
        assertThat(report.unfinishedSessions()).isZero();
        assertThat(report.tokens()).isEqualTo(20);
        assertThat(verifier.sessionsOpened).isEqualTo(2);
    }

    @Test
    void shouldRefuseTokensThatTheModelDoesNotKnow() {
        try (ChronicleTraceSink sink = ChronicleTraceSink.open(traces, false)) {
            sink.sessionStarted(new RandomTraces(1).start(5));
        }
        TraceReplayer replayer = new TraceReplayer(
                model -> new ReplayTarget(model, new HashVerifier("cpu-2", HashVerifier.Fault.NONE, 0), 1 << 20),
                ReplayProgress.NONE);

        assertThatThrownBy(() -> replayer.replay(TraceReader.open(traces)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("session 5 of trace run")
                .hasMessageContaining("the model's ids are below 50; is the trace complete?");
    }

    private void record(long seed, Consumer<TracedGeneration> sessions) {
        try (ChronicleTraceSink sink = ChronicleTraceSink.open(traces, false)) {
            sessions.accept(new TracedGeneration(seed, sink));
        }
    }

    private ReplayReport replay(ModelIdentity model, Verifier verifier) {
        return new TraceReplayer(recorded -> new ReplayTarget(model, verifier, 1 << 20), ReplayProgress.NONE)
                .replay(TraceReader.open(traces));
    }
}
