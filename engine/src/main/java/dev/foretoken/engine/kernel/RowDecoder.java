package dev.foretoken.engine.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.gguf.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Takes one stored row apart into small integers, scales and minima, without rounding anything.
 *
 * <p>Source of the block layouts: the quantisation types of the ggml project. Not thread-safe; one per packing thread.
 */
final class RowDecoder {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final int columns;
    /** Quantised value of column k: signed where the layout has no minimum, unsigned otherwise. */
    final byte[] q;
    /** Per block of 32, or of 16 for Q6_K. */
    final float[] scale;

    final float[] minimum;
    /** F32 only. */
    final float[] values;
    /** F16 and BF16 only: the bits of the file. */
    final short[] halves;

    RowDecoder(int columns) {
        this.columns = columns;
        this.q = new byte[columns];
        this.scale = new float[columns / 16 + 1];
        this.minimum = new float[columns / 32 + 1];
        this.values = new float[columns];
        this.halves = new short[columns];
    }

    /** Bytes of one stored row. */
    static long rowBytes(TensorType type, int columns) {
        int block = type.blockElements();
        if (columns % block != 0)
            throw new InvalidInputException(
                    "a %s row holds a multiple of %d weights, this one has %d; is the file damaged?"
                            .formatted(type, block, columns));
        return type.sizeBytes(columns);
    }

    /** Decodes the row that starts at byte {@code at}. */
    void decode(TensorType type, MemorySegment data, long at) {
        int block = type.blockElements(), bytes = type.blockBytes();
        for (int k = 0; k < columns; k += block, at += bytes) {
            switch (type) {
                case F32 -> values[k] = data.get(FLOAT, at);
                case F16, BF16 -> halves[k] = data.get(SHORT, at);
                case Q8_0 -> q8(data, at, k);
                case Q4_0 -> q4(data, at, k, false);
                case Q4_1 -> q4(data, at, k, true);
                case Q5_0 -> q5(data, at, k, false);
                case Q5_1 -> q5(data, at, k, true);
                case Q4_K -> q4k(data, at, k);
                case Q5_K -> q5k(data, at, k);
                case Q6_K -> q6k(data, at, k);
                default -> throw PackedLayout.unsupported(type);
            }
        }
    }

    /** fp16 d, 32 signed bytes. */
    private void q8(MemorySegment data, long at, int k) {
        scale[k / 32] = half(data, at);
        for (int j = 0; j < 32; j++) q[k + j] = data.get(JAVA_BYTE, at + 2 + j);
    }

    /** fp16 d, fp16 minimum (Q4_1), 16 bytes: low nibbles are weights 0..15, high nibbles 16..31. */
    private void q4(MemorySegment data, long at, int k, boolean hasMinimum) {
        float d = half(data, at);
        scale[k / 32] = d;
        minimum[k / 32] = hasMinimum ? half(data, at + 2) : -8 * d;
        long nibbles = at + (hasMinimum ? 4 : 2);
        for (int j = 0; j < 16; j++) {
            int two = data.get(JAVA_BYTE, nibbles + j);
            q[k + j] = (byte) (two & 15);
            q[k + j + 16] = (byte) (two >> 4 & 15);
        }
    }

    /** As Q4 with 32 fifth bits before the nibbles. Q5_0 becomes signed, q - 16, so that it needs no minimum. */
    private void q5(MemorySegment data, long at, int k, boolean hasMinimum) {
        scale[k / 32] = half(data, at);
        if (hasMinimum) minimum[k / 32] = half(data, at + 2);
        long bits = at + (hasMinimum ? 4 : 2);
        int high = data.get(INT, bits), offset = hasMinimum ? 0 : 16;
        for (int j = 0; j < 16; j++) {
            int two = data.get(JAVA_BYTE, bits + 4 + j);
            q[k + j] = (byte) ((two & 15 | (high >>> j & 1) << 4) - offset);
            q[k + j + 16] = (byte) ((two >> 4 & 15 | (high >>> j + 16 & 1) << 4) - offset);
        }
    }

    /** fp16 d, fp16 dmin, 12 bytes of 6-bit scales and minima, 128 bytes of nibbles. */
    private void q4k(MemorySegment data, long at, int k) {
        scalesAndMinima(data, at, k);
        for (int b = 0; b < 8; b++) {
            long nibbles = at + 16 + b / 2 * 32;
            for (int j = 0; j < 32; j++)
                q[k + b * 32 + j] = (byte) (data.get(JAVA_BYTE, nibbles + j) >> 4 * (b & 1) & 15);
        }
    }

    /** As Q4_K with 32 bytes of fifth bits (bit b of byte j belongs to weight j of block b) before the nibbles. */
    private void q5k(MemorySegment data, long at, int k) {
        scalesAndMinima(data, at, k);
        for (int b = 0; b < 8; b++) {
            long nibbles = at + 48 + b / 2 * 32;
            for (int j = 0; j < 32; j++) {
                int low = data.get(JAVA_BYTE, nibbles + j) >> 4 * (b & 1) & 15;
                int high = data.get(JAVA_BYTE, at + 16 + j) >> b & 1;
                q[k + b * 32 + j] = (byte) (low | high << 4);
            }
        }
    }

    /** Products of a 6-bit integer with an fp16 value: exact in float32. The minimum is subtracted, hence negated. */
    private void scalesAndMinima(MemorySegment data, long at, int k) {
        float d = half(data, at), dmin = half(data, at + 2);
        for (int b = 0; b < 8; b++) {
            int s, m;
            if (b < 4) {
                s = unsigned(data, at + 4 + b) & 63;
                m = unsigned(data, at + 8 + b) & 63;
            } else {
                int both = unsigned(data, at + 8 + b);
                s = both & 15 | unsigned(data, at + b) >> 6 << 4;
                m = both >> 4 | unsigned(data, at + 4 + b) >> 6 << 4;
            }
            scale[k / 32 + b] = d * s;
            minimum[k / 32 + b] = -(dmin * m);
        }
    }

    /** 128 bytes of low nibbles, 64 bytes of high bit pairs, 16 signed scales, fp16 d; weights are q - 32. */
    private void q6k(MemorySegment data, long at, int k) {
        float d = half(data, at + 208);
        for (int b = 0; b < 16; b++) scale[k / 16 + b] = d * data.get(JAVA_BYTE, at + 192 + b);
        for (int b = 0; b < 8; b++) {
            int half = b / 4, quarter = b % 4;
            long low = at + half * 64 + quarter % 2 * 32, high = at + 128 + half * 32;
            for (int j = 0; j < 32; j++) {
                int four = data.get(JAVA_BYTE, low + j) >> 4 * (quarter / 2) & 15;
                int two = data.get(JAVA_BYTE, high + j) >> 2 * quarter & 3;
                q[k + b * 32 + j] = (byte) ((four | two << 4) - 32);
            }
        }
    }

    private static float half(MemorySegment data, long at) {
        return Float.float16ToFloat(data.get(SHORT, at));
    }

    private static int unsigned(MemorySegment data, long at) {
        return data.get(JAVA_BYTE, at) & 255;
    }
}
