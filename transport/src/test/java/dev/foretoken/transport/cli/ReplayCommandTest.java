package dev.foretoken.transport.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.sampling.SamplingParameters;
import dev.foretoken.engine.session.GenerationRequest;
import dev.foretoken.engine.trace.ModelIdentity;
import dev.foretoken.engine.trace.SessionStart;
import dev.foretoken.transport.trace.ChronicleTraceSink;
import dev.foretoken.transport.trace.ReplayReport;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of a replay, and its exit status. */
class ReplayCommandTest {
    private static CliRun show(ReplayReport report) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = new ReplayCommand(CliRun.terminal(new byte[0], out, err, false, Map.of())).show(report);
        return new CliRun(status, out.toString(UTF_8), err.toString(UTF_8));
    }

    private static ReplayReport report(
            long sessions, @Nullable String difference, List<String> damages, List<String> notReplayed) {
        return new ReplayReport(sessions, 0, 5, 9, difference, damages, notReplayed);
    }

    @Test
    void shouldSucceedWhenEveryBitWasComparedAndIsEqual() {
        assertThat(show(report(2, null, List.of(), List.of())))
                .isEqualTo(new CliRun(0, "2 sessions, 5 steps, 9 tokens replayed: every bit is equal\n", ""));
    }

    @Test
    void shouldFailWhenNotAllOfATraceCouldBeCompared() {
        CliRun run = show(report(2, null, List.of("a file is damaged"), List.of("session 3 was not replayed")));

        assertThat(run).isEqualTo(new CliRun(1, "", """
            foretoken: a file is damaged
            foretoken: session 3 was not replayed
            foretoken: 2 sessions, 5 steps, 9 tokens replayed: every bit that could be compared is equal
            """));
        assertThat(show(report(0, null, List.of(), List.of("session 1 was not replayed"))))
                .satisfies(one -> assertThat(one.status()).isEqualTo(1))
                .satisfies(one -> assertThat(one.err()).startsWith("foretoken: session 1 was not replayed"));
    }

    @Test
    void shouldRefuseAModelWhoseRecordedPathIsNone(@TempDir Path traces) {
        try (ChronicleTraceSink sink = ChronicleTraceSink.open(traces, false)) {
            sink.sessionStarted(new SessionStart(
                    1,
                    0,
                    GenerationRequest.raw("x"),
                    SamplingParameters.GREEDY,
                    List.of(1),
                    new ModelIdentity("a\0b.gguf", 1, "0"),
                    "cpu-3",
                    List.of(),
                    "",
                    0));
        }

        CliRun run = CliRun.of(ForetokenEngine::open, "replay", traces.toString());

        assertThat(run)
                .isEqualTo(new CliRun(
                        2,
                        "",
                        "foretoken: the trace was recorded with model a?b.gguf, which is no path on this system: say"
                                + " where it lies now with --model FILE\n"));
    }

    @Test
    void shouldRefuseATraceWithoutSessions() {
        assertThatThrownBy(() -> show(report(0, null, List.of(), List.of())))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("holds no session yet");
    }
}
