package dev.foretoken.transport.trace;

import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.error.IoProblem;
import dev.foretoken.engine.error.TraceFailedException;
import dev.foretoken.engine.session.FinishReason;
import dev.foretoken.engine.trace.SessionEnd;
import dev.foretoken.engine.trace.SessionStart;
import dev.foretoken.engine.trace.StepView;
import dev.foretoken.engine.trace.TraceSink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import net.openhft.chronicle.queue.ChronicleQueue;
import org.jspecify.annotations.Nullable;

/**
 * Writes traces with Chronicle Queue: one directory per run, one record per event ({@link RecordLayout} draws it). When a
 * method returns, the record survives the death of the process; with {@code syncBeforeShow} that of the machine. When it
 * throws, the record is absent, and no later step of its session is written, so recorded steps have no gaps. Room on disk is taken before a record is written, so a full disk is a
 * {@link TraceFailedException} and writing goes on once there is room; after any other failure nothing more is written.
 *
 * <p>A step allocates nothing; mapping the next block does, 1 to 2 KiB per MiB of trace.
 *
 * <p>Not thread-safe: one thread at a time (the tracer's), {@link #close()} included.
 */
public final class ChronicleTraceSink implements TraceSink {
    private static final String CLOSED = "the trace is closed: nothing more can be recorded in this run";

    private final Path runDirectory;
    private final QueueWriter writer;
    private final RecordBuffer record = new RecordBuffer();
    /** Sessions a record of which is missing, and whether their start is there: nothing but their end may follow. */
    private final Map<Long, Boolean> startedByLostSession = new HashMap<>();

    private @Nullable String broken;

    private ChronicleTraceSink(Path runDirectory, QueueWriter writer) {
        this.runDirectory = runDirectory;
        this.writer = writer;
    }

    /**
     * Looks whether a run could start, and leaves nothing behind: for those who have much to do before they open it.
     *
     * @throws InvalidInputException as {@link #open(Path, boolean)}
     */
    public static void check(Path traceDirectory) {
        MappingAccess.check(ChronicleQueue.class.getModule());
        RunDirectory.check(traceDirectory, Instant.now(), run -> {
            try {
                ReservedFile.checkSpace(FreeSpace.OF_THE_FILE_STORE, run, QueueWriter.NEW_FILE_BYTES);
            } catch (NoSpaceException e) {
                throw full(traceDirectory, e);
            }
        });
    }

    /**
     * Starts a run.
     *
     * @param traceDirectory made if it does not exist; each run has its own sub-directory
     * @param syncBeforeShow every record is on disk before the call returns, for those who must survive the machine's death
     * @throws InvalidInputException if the directory cannot be written, its disk is full, or the JVM lacks flags
     */
    public static ChronicleTraceSink open(Path traceDirectory, boolean syncBeforeShow) {
        return open(traceDirectory, syncBeforeShow, FreeSpace.OF_THE_FILE_STORE, InstantSource.system());
    }

    static ChronicleTraceSink open(
            Path traceDirectory, boolean syncBeforeShow, FreeSpace freeSpace, InstantSource clock) {
        MappingAccess.check(ChronicleQueue.class.getModule());
        Path run = RunDirectory.create(traceDirectory, clock.instant());
        try {
            checkSpace(run, freeSpace);
            ChronicleTraceSink sink =
                    new ChronicleTraceSink(run, new QueueWriter(run, syncBeforeShow, freeSpace, clock));
            if (syncBeforeShow) {
                RunDirectory.sync(traceDirectory);
            }
            return sink;
        } catch (NoSpaceException e) {
            throw full(traceDirectory, e);
        } catch (IOException | RuntimeException e) {
            throw new InvalidInputException(
                    "trace directory %s cannot be used (%s), expected a writable directory: check its disk or pass another one"
                            .formatted(traceDirectory, problem(e)),
                    e);
        }
    }

    private static InvalidInputException full(Path traceDirectory, NoSpaceException e) {
        return new InvalidInputException(
                "trace directory %s is full: %s, expected at least %d MiB; free some space or pass another directory"
                        .formatted(traceDirectory, e.getMessage(), spaceMiB()),
                e);
    }

    /** What the disk said; the queue wraps it. */
    private static String problem(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof IOException disk) {
                return IoProblem.of(disk);
            }
        }
        return failure.getMessage() == null ? "a file could not be written" : failure.getMessage();
    }

    private static void checkSpace(Path run, FreeSpace freeSpace) throws IOException, NoSpaceException {
        try {
            ReservedFile.checkSpace(freeSpace, run, QueueWriter.NEW_FILE_BYTES);
        } catch (NoSpaceException e) {
            Files.delete(run);
            throw e;
        }
    }

    private static long spaceMiB() {
        return QueueWriter.NEW_FILE_BYTES + ReservedFile.FREE_MARGIN_BYTES >> 20;
    }

    /** This run's own directory. */
    public Path runDirectory() {
        return runDirectory;
    }

    @Override
    public void sessionStarted(SessionStart start) {
        RecordEncoder.encode(start, "", -1, record);
        append(start.sessionId(), false);
    }

    @Override
    public void stepVerified(StepView step) {
        if (!startedByLostSession.isEmpty() && startedByLostSession.containsKey(step.sessionId())) {
            throw lost(step.sessionId());
        }
        RecordEncoder.encode(step, record);
        append(step.sessionId(), true);
    }

    /** A session that lost a record ends as {@link FinishReason#TRACE_FAILED} in the trace, as it does for its reader. */
    @Override
    public void sessionEnded(SessionEnd end) {
        Boolean started = startedByLostSession.remove(end.sessionId());
        if (Boolean.FALSE.equals(started)) {
            throw lost(end.sessionId());
        }
        SessionEnd shown = started == null
                ? end
                : new SessionEnd(
                        end.sessionId(), FinishReason.TRACE_FAILED, end.steps(), end.emittedTokens(), end.durationNs());
        RecordEncoder.encode(shown, record);
        append();
    }

    private static TraceFailedException lost(long sessionId) {
        return new TraceFailedException(
                "session %d is not recorded any further: an earlier record of it could not be written"
                        .formatted(sessionId));
    }

    private void append(long sessionId, boolean started) {
        try {
            append();
        } catch (TraceFailedException e) {
            startedByLostSession.put(sessionId, started);
            throw e;
        }
    }

    private void append() {
        if (broken != null) {
            throw new TraceFailedException(broken);
        }
        if (record.bodyBytes() > RecordLayout.BODY_MAX) {
            throw new TraceFailedException(
                    "a trace record would have %d bytes, expected at most %d: send a shorter request"
                            .formatted(record.bodyBytes(), RecordLayout.BODY_MAX));
        }
        try {
            writer.append(record);
        } catch (NoSpaceException e) {
            throw new TraceFailedException(
                    "the disk of trace directory %s is full: %s, expected at least %d MiB; free some space or trace elsewhere"
                            .formatted(runDirectory, e.getMessage(), spaceMiB()),
                    e);
        } catch (IOException | RuntimeException | InternalError e) {
            // InternalError is how the JVM reports a fault in a mapping.
            broken = "trace directory %s cannot be written any more (%s): check its disk and start the engine again"
                    .formatted(runDirectory, problem(e));
            throw new TraceFailedException(broken, e);
        }
    }

    @Override
    public void close() {
        if (CLOSED.equals(broken)) {
            return;
        }
        broken = CLOSED;
        try {
            writer.close();
        } catch (IOException | RuntimeException e) {
            throw new TraceFailedException(
                    "trace directory %s cannot be closed (%s): its records are written, check its disk"
                            .formatted(runDirectory, problem(e)),
                    e);
        }
    }
}
