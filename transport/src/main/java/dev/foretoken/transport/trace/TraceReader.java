package dev.foretoken.transport.trace;

import dev.foretoken.engine.error.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A trace directory, or one run in it, as a reader sees it.
 *
 * <pre>{@code
 * try (Stream<RecordedSession> sessions = TraceReader.open(Path.of("traces")).sessions()) {
 *     sessions.forEach(session -> System.out.println(session.emittedTokens()));
 * }
 * }</pre>
 *
 * <p>Immutable and thread-safe; the runs are those that existed when it was opened.
 */
public final class TraceReader {
    private final List<TraceRun> runs;

    private TraceReader(List<TraceRun> runs) {
        this.runs = List.copyOf(runs);
    }

    /**
     * @param directory the one given to {@code --trace}, or one run's sub-directory
     * @throws InvalidInputException if it does not exist, is no directory or holds no run
     */
    public static TraceReader open(Path directory) {
        if (directory.toString().isEmpty()) {
            throw new InvalidInputException(
                    "the path of the trace directory is empty, expected one written with --trace");
        }
        if (!Files.isDirectory(directory)) {
            throw new InvalidInputException("trace directory %s %s, expected a directory written with --trace"
                    .formatted(directory, Files.exists(directory) ? "is a file" : "does not exist"));
        }
        TraceRun itself = new TraceRun(directory);
        List<TraceRun> runs =
                itself.name().startsWith(TraceRun.PREFIX) || !itself.files().isEmpty()
                        ? List.of(itself)
                        : runsIn(directory);
        if (runs.isEmpty()) {
            throw new InvalidInputException(
                    "trace directory %s holds no run, expected sub-directories named %s...: pass the directory given to --trace"
                            .formatted(directory, TraceRun.PREFIX));
        }
        return new TraceReader(runs);
    }

    private static List<TraceRun> runsIn(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(Files::isDirectory)
                    .map(TraceRun::new)
                    .filter(run -> run.name().startsWith(TraceRun.PREFIX))
                    .sorted((a, b) -> a.name().compareTo(b.name()))
                    .toList();
        } catch (IOException e) {
            throw TraceRun.unreadable(directory, e);
        }
    }

    /** By name, which is by time of their start. */
    public List<TraceRun> runs() {
        return runs;
    }

    /** The events of all runs, one run after another; to be closed. Errors: {@link TraceRun#events()}. */
    public Stream<TraceEvent> events() {
        return runs.stream().flatMap(TraceRun::events);
    }

    /** The sessions of all runs, one run after another; to be closed. Errors: {@link TraceRun#sessions()}. */
    public Stream<RecordedSession> sessions() {
        return runs.stream().flatMap(TraceRun::sessions);
    }
}
