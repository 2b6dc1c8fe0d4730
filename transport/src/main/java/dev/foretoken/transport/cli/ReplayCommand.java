package dev.foretoken.transport.cli;

import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.transport.trace.ReplayReport;
import dev.foretoken.transport.trace.TraceReader;
import dev.foretoken.transport.trace.TraceReplayer;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "replay",
        description =
                "Runs every recorded session again and compares it with the trace bit for bit; exit status 1 at the"
                        + " first difference, or if a run is damaged or a session needs more memory than there is: then"
                        + " what lies before the damage is compared, and all else.",
        footer = {
            "",
            "Examples:",
            "  foretoken replay traces",
            "  foretoken replay --model /models/smollm2-135m-instruct.gguf traces/run-20260102-030405"
        })
final class ReplayCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Spec
    CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "DIR", description = "The directory given to --trace, or one run's directory in it.")
    Path directory = Path.of("");

    @Option(
            names = "--model",
            paramLabel = "FILE",
            description = "Where the model lies now (default: where the trace says).")
    @Nullable
    Path model;

    @Option(
            names = "--threads",
            paramLabel = "N",
            converter = Numbers.Whole.class,
            description = "Threads of a forward pass; changes the speed, never a bit (default: one per core).")
    @Nullable
    Integer threads;

    ReplayCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        EngineOptions.checkRange(spec.commandLine(), "--threads", threads, EngineOptions.THREADS_MAX);
        int computeThreads = threads != null ? threads : Runtime.getRuntime().availableProcessors();
        TraceReader traces = TraceReader.open(directory);
        try (Progress progress = new Progress(terminal);
                ReplayTargets targets = new ReplayTargets(model, computeThreads, progress::loading)) {
            progress.begin("replaying");
            TraceReplayer replayer = new TraceReplayer(
                    targets,
                    (sessions, steps, tokens) ->
                            progress.update("replaying session %d, %d steps".formatted(sessions, steps)));
            ReplayReport report = replayer.replay(traces);
            progress.done();
            return show(report);
        }
    }

    int show(ReplayReport report) {
        if (report.sessions() == 0
                && report.damages().isEmpty()
                && report.notReplayed().isEmpty()) {
            throw new InvalidInputException(
                    "trace directory %s holds no session yet, expected at least one to replay".formatted(directory));
        }
        if (report.isEqual()) {
            new TextOutput(terminal.out()).writeLine(counts(report) + " replayed: every bit is equal");
            return CommandLine.ExitCode.OK;
        }
        report.damages().forEach(terminal::errorLine);
        report.notReplayed().forEach(terminal::errorLine);
        terminal.errorLine(
                report.firstDifference() != null
                        ? "replay differs after %s: %s".formatted(counts(report), report.firstDifference())
                        : counts(report) + " replayed: every bit that could be compared is equal");
        return ErrorReporter.FAILURE;
    }

    private static String counts(ReplayReport report) {
        return String.format(
                Locale.ROOT,
                "%d session%s%s, %,d steps, %,d tokens",
                report.sessions(),
                report.sessions() == 1 ? "" : "s",
                report.unfinishedSessions() == 0 ? "" : " (%d unfinished)".formatted(report.unfinishedSessions()),
                report.steps(),
                report.tokens());
    }
}
