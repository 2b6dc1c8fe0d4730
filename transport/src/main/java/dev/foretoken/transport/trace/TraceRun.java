package dev.foretoken.transport.trace;

import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.error.IoProblem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * What one run of an engine recorded. Reading takes nothing but read permission, changes nothing, and works while the run goes
 * on: it ends with the last record that is complete then. Immutable; every stream is its own reader, to be closed.
 *
 * @param directory the run's own
 */
public record TraceRun(Path directory) {
    /** Names of run directories start so; the rest is time, process and chance. */
    static final String PREFIX = "run-";

    public String name() {
        return String.valueOf(directory.toAbsolutePath().normalize().getFileName());
    }

    /**
     * Every record in the order of writing.
     *
     * @throws InvalidInputException here and from the stream, if the run cannot be read or is damaged
     */
    public Stream<TraceEvent> events() {
        RunEvents events = new RunEvents(files());
        return stream(events).onClose(events::close);
    }

    /** Ended sessions in the order of their ends, then those without an end in the order of their starts. In a damaged run, the
     * sessions before the damage, as far as they were recorded, come before the error, which is as above. */
    public Stream<RecordedSession> sessions() {
        RunEvents events = new RunEvents(files());
        return stream(new RunSessions(name(), events)).onClose(events::close);
    }

    private static <T> Stream<T> stream(Iterator<T> items) {
        int traits = Spliterator.ORDERED | Spliterator.NONNULL | Spliterator.IMMUTABLE;
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(items, traits), false);
    }

    /** Bytes of its files, sparse parts included. */
    public long sizeBytes() {
        try {
            long bytes = 0;
            for (Path file : files()) {
                bytes += Files.size(file);
            }
            return bytes;
        } catch (IOException e) {
            throw unreadable(directory, e);
        }
    }

    /** Queue files by name, which is by time; none if the run was killed before its first record. */
    List<Path> files() {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(TraceRun::isQueueFile).sorted().toList();
        } catch (IOException e) {
            throw unreadable(directory, e);
        }
    }

    /** Only regular files: opening a pipe would wait for ever. */
    private static boolean isQueueFile(Path file) {
        return String.valueOf(file.getFileName()).endsWith(QueueFile.SUFFIX) && Files.isRegularFile(file);
    }

    static InvalidInputException unreadable(Path directory, IOException e) {
        return new InvalidInputException(
                "trace directory %s cannot be listed (%s), expected a readable directory: check it and its permissions"
                        .formatted(directory, IoProblem.of(e)),
                e);
    }
}
