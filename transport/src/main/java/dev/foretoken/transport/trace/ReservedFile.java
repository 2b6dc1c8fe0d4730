package dev.foretoken.transport.trace;

import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;

/**
 * Keeps room on disk ahead of the end of a mapped file. A store into a sparse mapping on a full disk is a fault; here the same
 * want of space is an exception, because zeros are written to the file before the mapping is stored to. Not thread-safe: owned
 * by the one writer of the file.
 */
final class ReservedFile implements Closeable {
    /** Left free on the disk for everybody else. */
    static final long FREE_MARGIN_BYTES = 16L << 20;

    private static final int STEP_BYTES = 256 << 10;
    private static final int PAGE_BYTES = 4 << 10;
    private static final byte[] ZEROS = new byte[STEP_BYTES];

    private final Path directory;
    private final FreeSpace freeSpace;
    private final RandomAccessFile file;
    private long reservedTo;

    /** @param usedTo end of what was stored through the mapping */
    ReservedFile(File path, long usedTo, FreeSpace freeSpace) throws IOException {
        this.directory = path.toPath().toAbsolutePath().getParent();
        this.freeSpace = freeSpace;
        this.file = new RandomAccessFile(path, "rw");
        this.reservedTo = pageEnd(usedTo);
    }

    private static long pageEnd(long at) {
        return at + PAGE_BYTES - 1 & -PAGE_BYTES;
    }

    /** Looks whether so many bytes can be written and the margin stays free. */
    static void checkSpace(FreeSpace freeSpace, Path directory, long bytes) throws NoSpaceException {
        long usable = freeSpace.usableBytes(directory);
        if (usable < bytes + FREE_MARGIN_BYTES) {
            throw new NoSpaceException(usable);
        }
    }

    /** Makes sure of the room up to an offset; what is stored through the mapping until then stays below it. */
    void reserve(long to) throws IOException, NoSpaceException {
        while (reservedTo < to) {
            checkSpace(freeSpace, directory, STEP_BYTES);
            file.seek(reservedTo);
            try {
                file.write(ZEROS);
            } catch (IOException e) {
                throw new NoSpaceException(e);
            }
            reservedTo += STEP_BYTES;
        }
    }

    /** Puts the file's content on disk, what came through the mapping included. */
    void sync() throws IOException {
        file.getFD().sync();
    }

    /** Gives back what was reserved; one page stays, so that readers find the empty header after the last record. */
    void trim(long usedTo) throws IOException {
        long end = pageEnd(usedTo) + PAGE_BYTES;
        if (end < file.length()) {
            file.setLength(end);
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
