package dev.foretoken.transport.trace;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads a record's body in the order of {@link RecordLayout}. Every count is checked against the bytes that are left before
 * anything is allocated for it. Not thread-safe.
 */
final class RecordBody {
    private final byte[] bytes;
    private final int end;
    private int position;

    RecordBody(byte[] bytes, int from, int count) {
        this.bytes = bytes;
        this.position = from;
        this.end = from + count;
    }

    private int take(int count) {
        if (count > end - position) {
            throw new DamagedRecordException(
                    "it ends %d bytes before a value of %d bytes".formatted(end - position, count));
        }
        int at = position;
        position += count;
        return at;
    }

    int takeByte() {
        return bytes[take(1)] & 0xFF;
    }

    int takeShort() {
        return (short) RecordLayout.SHORT.get(bytes, take(Short.BYTES)) & 0xFFFF;
    }

    int takeInt() {
        return (int) RecordLayout.INT.get(bytes, take(Integer.BYTES));
    }

    long takeLong() {
        return (long) RecordLayout.LONG.get(bytes, take(Long.BYTES));
    }

    float takeFloat() {
        return Float.intBitsToFloat(takeInt());
    }

    double takeDouble() {
        return Double.longBitsToDouble(takeLong());
    }

    /** A count of things that take at least so many bytes each. */
    int takeCount(int bytesEach) {
        int count = takeInt();
        if (count < 0 || (long) count * bytesEach > end - position) {
            throw new DamagedRecordException("it counts %d things in %d bytes".formatted(count, end - position));
        }
        return count;
    }

    String takeText() {
        int count = takeInt();
        if (count >= 0) {
            return new String(bytes, take(count), count, StandardCharsets.UTF_8);
        }
        if (count < -((end - position) / Character.BYTES)) {
            throw new DamagedRecordException(
                    "a text of %d characters in %d bytes".formatted(-(long) count, end - position));
        }
        char[] units = new char[-count];
        for (int i = 0; i < units.length; i++) {
            units[i] = (char) takeShort();
        }
        return new String(units);
    }

    List<String> takeTexts() {
        int count = takeCount(Integer.BYTES);
        List<String> texts = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            texts.add(takeText());
        }
        return texts;
    }

    List<Integer> takeIds() {
        return takeInts(takeCount(Integer.BYTES));
    }

    List<Integer> takeInts(int count) {
        Integer[] values = new Integer[count];
        for (int i = 0; i < count; i++) {
            values[i] = takeInt();
        }
        return List.of(values);
    }

    List<Integer> takeBytes(int count) {
        Integer[] values = new Integer[count];
        for (int i = 0; i < count; i++) {
            values[i] = takeByte();
        }
        return List.of(values);
    }
}
