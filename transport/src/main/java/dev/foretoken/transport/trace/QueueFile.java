package dev.foretoken.transport.trace;

import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.error.IoProblem;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Reads the documents of one queue file in order, also while another process appends to it. Nothing is mapped, so a file that
 * shrinks is a short read and not a fault, and nothing is created or locked. Not thread-safe.
 *
 * <pre>
 *    0               4
 *   +---------------+----------------------- ... -+- - - - -+---------------+--
 *   | header        | content                     | to next | header        |
 *   +---------------+----------------------- ... -+- 4 bytes+---------------+--
 *   header, i32 little-endian: bit 31 being written | bit 30 of the queue, not of its user | bits 0-29 content bytes
 *   0: nothing written yet; bits 31 and 30 alone: the file is complete, the next one goes on
 * </pre>
 *
 * <p>The first document describes the file. A header is written after its content, so a document whose header is complete is
 * complete, as long as the machine lived. Source: Chronicle Wire's document framing, data format 1.
 */
final class QueueFile implements Closeable {
    static final String SUFFIX = ".cq4";

    private static final int BEING_WRITTEN = 1 << 31;
    private static final int OF_THE_QUEUE = 1 << 30;
    private static final int END_OF_FILE = BEING_WRITTEN | OF_THE_QUEUE;
    private static final int LENGTH_MASK = OF_THE_QUEUE - 1;
    private static final int HEADER_BYTES = Integer.BYTES;
    private static final int ALIGNMENT = 4;
    /** Longer documents are no trace record of any version. */
    private static final int DOCUMENT_MAX = 16 << 20;

    private static final int DESCRIPTION_MAX = 4 << 10;
    private static final byte[] DESCRIPTION = "SCQStore".getBytes(StandardCharsets.US_ASCII);

    private final Path file;
    private final FileChannel channel;
    private final ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private byte[] content = new byte[4 << 10];
    private int contentBytes;
    private long contentAt;
    private long nextAt;

    private QueueFile(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /** @throws InvalidInputException if the file is no queue file */
    static QueueFile open(Path file) {
        FileChannel channel;
        try {
            channel = FileChannel.open(file, StandardOpenOption.READ);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
        QueueFile queueFile = new QueueFile(file, channel);
        try {
            queueFile.checkDescription();
            return queueFile;
        } catch (RuntimeException e) {
            queueFile.close();
            throw e;
        }
    }

    private static InvalidInputException unreadable(Path file, IOException e) {
        return new InvalidInputException(
                "trace file %s cannot be read (%s), expected a readable file: check it and its permissions"
                        .formatted(file, IoProblem.of(e)),
                e);
    }

    /** A file whose writer was killed before its first document is empty, not foreign. */
    private void checkDescription() {
        int first = readHeader(0);
        if (first == 0 || (first & BEING_WRITTEN) != 0 && (first & LENGTH_MASK) == 0) {
            return;
        }
        int length = first & LENGTH_MASK;
        boolean valid = (first & OF_THE_QUEUE) != 0 && length >= DESCRIPTION.length && length <= DESCRIPTION_MAX;
        if (!valid || !readContent(HEADER_BYTES, length) || !contains(DESCRIPTION)) {
            throw new InvalidInputException(
                    "%s is no trace file: it does not start as a Chronicle queue file does; pass a directory written with --trace"
                            .formatted(file));
        }
    }

    private boolean contains(byte[] sought) {
        for (int at = 0; at + sought.length <= contentBytes; at++) {
            if (java.util.Arrays.equals(content, at, at + sought.length, sought, 0, sought.length)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Reads the next document of the user.
     *
     * @return false at the end of what was completely written
     */
    boolean next() {
        while (true) {
            int documentHeader = readHeader(nextAt);
            if (documentHeader == 0 || (documentHeader & BEING_WRITTEN) != 0) {
                checkNothingFollows(documentHeader);
                return false;
            }
            int length = documentHeader & LENGTH_MASK;
            long at = nextAt + HEADER_BYTES;
            if ((documentHeader & OF_THE_QUEUE) == 0) {
                return nextContent(at, length);
            }
            nextAt = align(at + length);
        }
    }

    /** Behind a document that is being written there is none: if there is, this one was complete once. */
    private void checkNothingFollows(int documentHeader) {
        int length = documentHeader & LENGTH_MASK;
        if (length != 0 && readHeader(align(nextAt + HEADER_BYTES + length)) != 0) {
            throw new InvalidInputException(
                    "trace file %s is damaged at byte %d: a record that is not complete lies before others; only the records before it can be used"
                            .formatted(file, nextAt));
        }
    }

    private boolean nextContent(long at, int length) {
        if (length > DOCUMENT_MAX) {
            throw new InvalidInputException(
                    "trace file %s is damaged at byte %d: a record of %d bytes, expected at most %d"
                            .formatted(file, at, length, DOCUMENT_MAX));
        }
        if (!readContent(at, length)) {
            return false;
        }
        contentAt = at;
        nextAt = align(at + length);
        return true;
    }

    /** True if no further document has begun: the document read last is the tail. */
    boolean isAtTail() {
        int documentHeader = readHeader(nextAt);
        return documentHeader == 0 || (documentHeader & BEING_WRITTEN) != 0 && documentHeader != END_OF_FILE;
    }

    private static long align(long at) {
        return at + ALIGNMENT - 1 & -ALIGNMENT;
    }

    /** Returns the header at an offset, 0 beyond the end of the file. */
    private int readHeader(long at) {
        header.clear();
        return readFully(header, at) ? header.getInt(0) : 0;
    }

    private boolean readContent(long at, int length) {
        if (length > content.length) {
            if (length > remaining(at)) {
                return false;
            }
            content = new byte[Math.max(length, Math.min(2 * content.length, DOCUMENT_MAX))];
        }
        contentBytes = length;
        return readFully(ByteBuffer.wrap(content, 0, length), at);
    }

    private long remaining(long at) {
        try {
            return channel.size() - at;
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private boolean readFully(ByteBuffer into, long from) {
        try {
            long at = from;
            while (into.hasRemaining()) {
                int count = channel.read(into, at);
                if (count < 0) {
                    return false;
                }
                at += count;
            }
            return true;
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    /** The document's bytes, valid up to {@link #contentBytes()} until the next call of {@link #next()}. */
    byte[] content() {
        return content;
    }

    int contentBytes() {
        return contentBytes;
    }

    /** Where the document starts in the file. */
    long contentAt() {
        return contentAt;
    }

    Path file() {
        return file;
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }
}
