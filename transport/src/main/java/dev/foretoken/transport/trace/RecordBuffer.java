package dev.foretoken.transport.trace;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * The record being written: primitives are appended in the order of {@link RecordLayout}, then its parts are read out. Grows
 * for a long request; a size that ordinary ones have is kept, so that steps allocate nothing. Not thread-safe: owned by the tracer.
 */
final class RecordBuffer {
    private static final int INITIAL_BYTES = 16 << 10;
    private static final int KEPT_BYTES = 1 << 20;

    private final CRC32C crc = new CRC32C();
    private byte[] bytes = new byte[INITIAL_BYTES];
    private int position;
    private int kind;

    /** Empties the buffer; the record's first header keeps its place. What a very long record took is given back. */
    void restart(int recordKind) {
        if (bytes.length > KEPT_BYTES) {
            bytes = new byte[INITIAL_BYTES];
        }
        kind = recordKind;
        position = RecordLayout.HEADER_BYTES;
    }

    void putByte(int value) {
        ensure(1);
        bytes[position++] = (byte) value;
    }

    void putShort(int value) {
        ensure(Short.BYTES);
        RecordLayout.SHORT.set(bytes, position, (short) value);
        position += Short.BYTES;
    }

    void putInt(int value) {
        ensure(Integer.BYTES);
        RecordLayout.INT.set(bytes, position, value);
        position += Integer.BYTES;
    }

    void putLong(long value) {
        ensure(Long.BYTES);
        RecordLayout.LONG.set(bytes, position, value);
        position += Long.BYTES;
    }

    void putFloat(float value) {
        putInt(Float.floatToRawIntBits(value));
    }

    void putDouble(double value) {
        putLong(Double.doubleToRawLongBits(value));
    }

    void putText(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        if (new String(utf8, StandardCharsets.UTF_8).equals(text)) {
            putInt(utf8.length);
            ensure(utf8.length);
            System.arraycopy(utf8, 0, bytes, position, utf8.length);
            position += utf8.length;
            return;
        }
        putInt(-text.length());
        for (int i = 0; i < text.length(); i++) {
            putShort(text.charAt(i));
        }
    }

    void putTexts(List<String> texts) {
        putInt(texts.size());
        texts.forEach(this::putText);
    }

    void putIds(List<Integer> ids) {
        putInt(ids.size());
        ids.forEach(this::putInt);
    }

    private void ensure(int more) {
        if (more > bytes.length - position) {
            long wanted = Math.max(2L * bytes.length, (long) position + more);
            bytes = Arrays.copyOf(bytes, Math.toIntExact(Math.min(wanted, Integer.MAX_VALUE - 64)));
        }
    }

    int bodyBytes() {
        return position - RecordLayout.HEADER_BYTES;
    }

    /** Queue documents that this record takes. */
    int parts() {
        return Math.max(1, Math.ceilDiv(bodyBytes(), RecordLayout.PART_BODY_MAX));
    }

    /** Bytes of one part, header included. */
    int partBytes(int part) {
        int from = part * RecordLayout.PART_BODY_MAX;
        return RecordLayout.HEADER_BYTES + Math.min(RecordLayout.PART_BODY_MAX, bodyBytes() - from);
    }

    /**
     * Completes the header of one part, in order: it overwrites the end of the part before.
     *
     * @return where in {@link #array} the part starts
     */
    int sealPart(int part) {
        int at = part * RecordLayout.PART_BODY_MAX;
        int body = partBytes(part) - RecordLayout.HEADER_BYTES;
        RecordLayout.INT.set(bytes, at + RecordLayout.MAGIC_AT, RecordLayout.MAGIC);
        bytes[at + RecordLayout.MAJOR_AT] = RecordLayout.MAJOR_VERSION;
        bytes[at + RecordLayout.MINOR_AT] = RecordLayout.MINOR_VERSION;
        RecordLayout.SHORT.set(bytes, at + RecordLayout.KIND_AT, (short) kind);
        RecordLayout.INT.set(bytes, at + RecordLayout.BODY_BYTES_AT, body);
        RecordLayout.SHORT.set(bytes, at + RecordLayout.PART_AT, (short) part);
        RecordLayout.SHORT.set(bytes, at + RecordLayout.PARTS_AT, (short) parts());
        int checksum = RecordLayout.checksum(crc, bytes, at, body);
        RecordLayout.INT.set(bytes, at + RecordLayout.CHECKSUM_AT, checksum);
        return at;
    }

    byte[] array() {
        return bytes;
    }
}
