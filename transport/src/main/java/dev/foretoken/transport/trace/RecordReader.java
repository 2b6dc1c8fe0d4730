package dev.foretoken.transport.trace;

import dev.foretoken.engine.error.InvalidInputException;
import java.io.Closeable;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Puts the records of one queue file together from its documents and decodes them. Not thread-safe. */
final class RecordReader implements Closeable {
    private final QueueFile documents;
    private final CRC32C crc = new CRC32C();
    private byte[] joined = new byte[0];
    private int joinedBytes;
    private int joinedKind;
    private int partsRead;
    private int partsExpected;

    RecordReader(QueueFile documents) {
        this.documents = documents;
    }

    /**
     * @return null at the end of what was completely written
     * @throws InvalidInputException if the file is damaged, of another program or of a newer major version
     */
    @Nullable
    TraceEvent next() {
        while (documents.next()) {
            if (!checkPart()) {
                return null;
            }
            RecordBody body = addPart();
            if (body != null) {
                TraceEvent event = decode(body);
                if (event != null) {
                    return event;
                }
            }
        }
        return null;
    }

    /** @return false if this is a torn tail: the machine died before all of the last record was on disk */
    private boolean checkPart() {
        byte[] bytes = documents.content();
        int count = documents.contentBytes();
        boolean framed = count >= RecordLayout.HEADER_BYTES && intAt(RecordLayout.MAGIC_AT) == RecordLayout.MAGIC;
        if (framed && bytes[RecordLayout.MAJOR_AT] != RecordLayout.MAJOR_VERSION) {
            throw new InvalidInputException(
                    "trace file %s has record version %d.%d, expected %d: replay it with the version of Foretoken that wrote it"
                            .formatted(
                                    documents.file(),
                                    bytes[RecordLayout.MAJOR_AT] & 0xFF,
                                    bytes[RecordLayout.MINOR_AT] & 0xFF,
                                    RecordLayout.MAJOR_VERSION));
        }
        int bodyBytes = framed ? intAt(RecordLayout.BODY_BYTES_AT) : -1;
        boolean whole = bodyBytes >= 0
                && bodyBytes <= count - RecordLayout.HEADER_BYTES
                && RecordLayout.checksum(crc, bytes, 0, bodyBytes) == intAt(RecordLayout.CHECKSUM_AT);
        if (whole) {
            return true;
        }
        if (documents.isAtTail()) {
            return false;
        }
        throw damaged(
                framed
                        ? "its checksum does not match its content"
                        : "it does not start as a trace record does, the queue may be another program's");
    }

    /** @return the body of the record that this part completes, else null */
    private @Nullable RecordBody addPart() {
        byte[] bytes = documents.content();
        int kind = shortAt(RecordLayout.KIND_AT);
        int part = shortAt(RecordLayout.PART_AT);
        int parts = shortAt(RecordLayout.PARTS_AT);
        int bodyBytes = intAt(RecordLayout.BODY_BYTES_AT);
        if (part == 0) {
            restart(kind, parts);
        }
        if (part >= parts || part != partsRead || parts != partsExpected || kind != joinedKind) {
            throw damaged(
                    "it is part %d of %d, expected part %d of %d".formatted(part, parts, partsRead, partsExpected));
        }
        partsRead++;
        if (parts == 1) {
            return new RecordBody(bytes, RecordLayout.HEADER_BYTES, bodyBytes);
        }
        join(bytes, bodyBytes);
        return partsRead == parts ? new RecordBody(joined, 0, joinedBytes) : null;
    }

    private void restart(int kind, int parts) {
        joinedBytes = 0;
        joinedKind = kind;
        partsRead = 0;
        partsExpected = parts;
    }

    private void join(byte[] bytes, int bodyBytes) {
        if (bodyBytes > RecordLayout.BODY_MAX - joinedBytes) {
            throw damaged("it is longer than %d bytes".formatted(RecordLayout.BODY_MAX));
        }
        if (bodyBytes > joined.length - joinedBytes) {
            joined = Arrays.copyOf(
                    joined, Math.max(joinedBytes + bodyBytes, Math.min(2 * joined.length, RecordLayout.BODY_MAX)));
        }
        System.arraycopy(bytes, RecordLayout.HEADER_BYTES, joined, joinedBytes, bodyBytes);
        joinedBytes += bodyBytes;
    }

    private @Nullable TraceEvent decode(RecordBody body) {
        try {
            return RecordDecoder.decode(joinedKind, body);
        } catch (DamagedRecordException e) {
            throw damaged(String.valueOf(e.getMessage()));
        }
    }

    private InvalidInputException damaged(String why) {
        return new InvalidInputException(
                "trace file %s is damaged, record at byte %d: %s; only the records before it can be used"
                        .formatted(documents.file(), documents.contentAt(), why));
    }

    private int intAt(int offset) {
        return (int) RecordLayout.INT.get(documents.content(), offset);
    }

    private int shortAt(int offset) {
        return (short) RecordLayout.SHORT.get(documents.content(), offset) & 0xFFFF;
    }

    @Override
    public void close() {
        documents.close();
    }
}
