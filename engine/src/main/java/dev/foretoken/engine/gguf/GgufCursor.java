package dev.foretoken.engine.gguf;

import dev.foretoken.engine.error.InvalidInputException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Reads little-endian values one after the other and never past the end. Not thread-safe. */
final class GgufCursor {
    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Longest text: far above any chat template. A file full of text must not become a heap full of text. */
    private static final long TEXT_BYTES_MAX = 16 << 20;

    private static final int REPLACEMENT = 0xFFFD;

    private final MemorySegment data;
    private final String name;
    private long position;

    GgufCursor(MemorySegment data, String name, long position) {
        this.data = data;
        this.name = name;
        this.position = position;
    }

    long position() {
        return position;
    }

    long remaining() {
        return data.byteSize() - position;
    }

    byte readByte(String what) {
        return data.get(ValueLayout.JAVA_BYTE, advance(1, what));
    }

    short readShort(String what) {
        return data.get(SHORT, advance(2, what));
    }

    int readInt(String what) {
        return data.get(INT, advance(4, what));
    }

    long readLong(String what) {
        return data.get(LONG, advance(8, what));
    }

    /** A type number and nothing else; numbers that no version defines are refused. */
    ValueType readValueType(String what) {
        int id = readInt(what);
        if (id < 0 || id >= ValueType.values().length) {
            throw damaged("%s has type number %s, expected 0 to %d"
                    .formatted(what, Integer.toUnsignedString(id), ValueType.values().length - 1));
        }
        return ValueType.values()[id];
    }

    /**
     * A count of things that take at least this many bytes each, so that the file's length bounds it.
     *
     * @return 0 to the largest count allowed
     */
    int readCount(int bytesEachMin, int countMax, String what) {
        long count = readLong(what);
        if (count < 0 || count > remaining() / bytesEachMin) {
            throw damaged("%s is %s, which cannot fit in the %d bytes that are left"
                    .formatted(what, Long.toUnsignedString(count), remaining()));
        }
        if (count > countMax) {
            throw damaged("%s is %d, expected at most %d".formatted(what, count, countMax));
        }
        return (int) count;
    }

    /** Reads the length of a text, moves past its bytes and returns where they lie. */
    GgufValue.Text readText(String what) {
        long length = readLong(what);
        if (length < 0 || length > remaining()) {
            throw damaged("%s has a length of %s bytes, but %d bytes are left"
                    .formatted(what, Long.toUnsignedString(length), remaining()));
        }
        if (length > TEXT_BYTES_MAX) {
            throw damaged("%s has a length of %d bytes, expected at most %d".formatted(what, length, TEXT_BYTES_MAX));
        }
        return new GgufValue.Text(advance(length, what), (int) length);
    }

    /** A short name (key or tensor name), valid UTF-8 without control characters. */
    String readName(int bytesMax, String what) {
        GgufValue.Text text = readText(what);
        if (text.bytes() == 0 || text.bytes() > bytesMax) {
            throw damaged("%s has %d bytes, expected 1 to %d".formatted(what, text.bytes(), bytesMax));
        }
        byte[] bytes = bytes(data, text);
        String decoded = new String(bytes, StandardCharsets.UTF_8);
        if (decoded.codePoints().anyMatch(c -> isInvisible(c) || c == REPLACEMENT)) {
            throw damaged("%s is not readable text".formatted(what));
        }
        return decoded;
    }

    long advance(long bytes, String what) {
        if (bytes > remaining()) {
            throw damaged("it ends inside %s, at byte %d".formatted(what, data.byteSize()));
        }
        long start = position;
        position += bytes;
        return start;
    }

    InvalidInputException damaged(String problem) {
        return GgufFile.refused(name, problem + "; the file is damaged or incomplete, fetch it again");
    }

    /** True for what could move the cursor of a terminal, or reorder or break the line of whoever reads a file's text. */
    static boolean isInvisible(int codePoint) {
        int category = Character.getType(codePoint);
        return category == Character.CONTROL
                || category == Character.FORMAT
                || category == Character.LINE_SEPARATOR
                || category == Character.PARAGRAPH_SEPARATOR;
    }

    static byte[] bytes(MemorySegment data, GgufValue.Text text) {
        return data.asSlice(text.offset(), text.bytes()).toArray(ValueLayout.JAVA_BYTE);
    }
}
