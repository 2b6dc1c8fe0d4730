package dev.foretoken.transport.trace;

import java.io.Closeable;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** The events of one run in the order of writing, file after file. Not thread-safe. */
final class RunEvents implements Iterator<TraceEvent>, Closeable {
    private final Iterator<Path> files;
    private @Nullable RecordReader current;
    private @Nullable TraceEvent ahead;

    RunEvents(List<Path> files) {
        this.files = files.iterator();
    }

    @Override
    public boolean hasNext() {
        while (ahead == null) {
            if (current == null) {
                if (!files.hasNext()) {
                    return false;
                }
                current = new RecordReader(QueueFile.open(files.next()));
            }
            ahead = current.next();
            if (ahead == null) {
                close();
            }
        }
        return true;
    }

    @Override
    public TraceEvent next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        TraceEvent event = ahead;
        ahead = null;
        return java.util.Objects.requireNonNull(event);
    }

    @Override
    public void close() {
        if (current != null) {
            current.close();
            current = null;
        }
    }
}
