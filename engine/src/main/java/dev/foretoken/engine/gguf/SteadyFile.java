package dev.foretoken.engine.gguf;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;

/**
 * A file open for reading, whatever happens to the threads that read it. A channel closes for everybody when a thread is
 * interrupted in it or enters it interrupted. Here a thread's interrupt is put aside during a call and stands again after
 * it; should one come in the middle, the file is opened anew, provided that its path still leads to it. Thread-safe.
 */
final class SteadyFile implements AutoCloseable {
    /** Something to do with the channel; done again from the start if the channel closes under it. */
    @FunctionalInterface
    interface Reading<T> {
        T from(FileChannel channel) throws IOException;
    }

    private final Path path;
    private final BasicFileAttributes opened;
    private FileChannel channel; // guarded by this
    private boolean isClosed; // guarded by this

    SteadyFile(Path path) throws IOException {
        this.path = path;
        channel = open();
        try {
            opened = attributes();
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** @throws IOException if reading fails, or if another file has taken this one's place when it is opened anew */
    synchronized <T> T read(Reading<T> reading) throws IOException {
        if (isClosed) {
            throw new IllegalStateException("the file is closed");
        }
        boolean isInterrupted = Thread.interrupted();
        try {
            while (true) {
                try {
                    return reading.from(channel);
                } catch (ClosedByInterruptException e) {
                    isInterrupted |= Thread.interrupted();
                    channel = openAgain();
                }
            }
        } finally {
            if (isInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private FileChannel open() throws IOException {
        return FileChannel.open(path, StandardOpenOption.READ);
    }

    private BasicFileAttributes attributes() throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class);
    }

    private FileChannel openAgain() throws IOException {
        FileChannel again = open();
        try {
            if (!isOpened(attributes())) {
                throw new IOException("it was replaced while it was read");
            }
            return again;
        } catch (IOException | RuntimeException e) {
            again.close();
            throw e;
        }
    }

    private boolean isOpened(BasicFileAttributes found) {
        return Objects.equals(found.fileKey(), opened.fileKey())
                && found.size() == opened.size()
                && found.lastModifiedTime().equals(opened.lastModifiedTime());
    }

    @Override
    public synchronized void close() throws IOException {
        isClosed = true;
        channel.close();
    }
}
