package dev.foretoken.engine.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * Weights as float32, for every supported type: the readable reference that the kernels are compared with, and good for
 * loading. Stateless and thread-safe.
 * <p>With d, m = a block's half-precision scale and minimum, q = the stored integer, all in float32:
 * <pre>
 * Q8_0  32: d, 32 signed bytes                                w = d * q
 * Q4_0  32: d, 16 bytes                                       w = d * (q - 8)       element i in the low half of byte i,
 * Q4_1  32: d, m, 16 bytes                                    w = d * q + m         element i + 16 in its high half
 * Q5_0  32: d, 4 bytes of fifth bits, 16 bytes                w = d * (q - 16)
 * Q5_1  32: d, m, 4 bytes of fifth bits, 16 bytes             w = d * q + m
 * Q4_K 256: d, m, 12 bytes (8 x 6-bit scale s and minimum t), 128 bytes             w = (d * s) * q - (m * t)
 * Q5_K 256: d, m, 12 bytes, 32 bytes of fifth bits, 128 bytes                       w = (d * s) * q - (m * t)
 * Q6_K 256: 128 bytes low halves, 64 bytes high pairs, 16 signed scales s, d        w = (d * s) * (q - 32)
 * </pre>
 * Every product is exact in float32 (an 11-bit mantissa times at most 13 bits of integers), so the one sum is the only
 * rounding and the order of the factors does not matter.
 * <p>Source: the block structures of the ggml project.
 */
public final class Dequantizer {
    private static final int LARGEST_BLOCK = 256;

    private Dequantizer() {}

    /**
     * Converts a run of elements.
     *
     * @param data the bytes of a whole tensor, see {@link GgufFile#data}
     * @param firstElement index in the tensor; need not begin a block
     * @param out receives count values from outOffset on
     * @throws IllegalArgumentException if the type is not supported
     * @throws IndexOutOfBoundsException if the run is not inside the tensor or the array
     */
    public static void dequantize(
            TensorType type, MemorySegment data, long firstElement, float[] out, int outOffset, int count) {
        Objects.checkFromIndexSize(outOffset, count, out.length);
        Objects.checkFromIndexSize(firstElement, count, data.byteSize() / type.blockBytes() * type.blockElements());
        int blockElements = type.blockElements();
        float[] scratch = new float[blockElements == 1 ? 0 : LARGEST_BLOCK];
        int done = 0;
        while (done < count) {
            long element = firstElement + done;
            long block = element / blockElements;
            int skip = (int) (element % blockElements);
            int taken = Math.min(count - done, blockElements - skip);
            if (taken == blockElements) {
                block(type, data, block * type.blockBytes(), out, outOffset + done);
            } else {
                block(type, data, block * type.blockBytes(), scratch, 0);
                System.arraycopy(scratch, skip, out, outOffset + done, taken);
            }
            done += taken;
        }
    }

    private static void block(TensorType type, MemorySegment data, long at, float[] out, int to) {
        switch (type) {
            case F32 -> out[to] = data.get(GgufCursor.FLOAT, at);
            case F16 -> out[to] = half(data, at);
            case BF16 -> out[to] = Float.intBitsToFloat(data.get(GgufCursor.SHORT, at) << 16);
            case Q8_0 -> q8(data, at, out, to);
            case Q4_0 -> nibbles(data, at + 2, half(data, at), 8, 0, out, to);
            case Q4_1 -> nibbles(data, at + 4, half(data, at), 0, half(data, at + 2), out, to);
            case Q5_0 -> fives(data, at + 2, half(data, at), 16, 0, out, to);
            case Q5_1 -> fives(data, at + 4, half(data, at), 0, half(data, at + 2), out, to);
            case Q4_K -> q4k(data, at, out, to);
            case Q5_K -> q5k(data, at, out, to);
            case Q6_K -> q6k(data, at, out, to);
            default ->
                throw new IllegalArgumentException(
                        "weights of type %s cannot be read, expected %s".formatted(type, TensorType.SUPPORTED));
        }
    }

    private static void q8(MemorySegment data, long at, float[] out, int to) {
        float d = half(data, at);
        for (int i = 0; i < 32; i++) {
            out[to + i] = d * data.get(ValueLayout.JAVA_BYTE, at + 2 + i);
        }
    }

    private static void nibbles(MemorySegment data, long at, float d, int zero, float m, float[] out, int to) {
        for (int i = 0; i < 16; i++) {
            int pair = unsigned(data, at + i);
            out[to + i] = d * ((pair & 15) - zero) + m;
            out[to + 16 + i] = d * ((pair >>> 4) - zero) + m;
        }
    }

    private static void fives(MemorySegment data, long at, float d, int zero, float m, float[] out, int to) {
        int fifth = data.get(GgufCursor.INT, at);
        for (int i = 0; i < 16; i++) {
            int pair = unsigned(data, at + 4 + i);
            out[to + i] = d * ((pair & 15 | (fifth >>> i & 1) << 4) - zero) + m;
            out[to + 16 + i] = d * ((pair >>> 4 | (fifth >>> i + 16 & 1) << 4) - zero) + m;
        }
    }

    /** Each 32 bytes hold two groups of 32: the first in the low halves, the second in the high ones. */
    private static void q4k(MemorySegment data, long at, float[] out, int to) {
        for (int group = 0; group < 8; group++) {
            float scale = half(data, at) * scale(data, at + 4, group);
            float minimum = half(data, at + 2) * minimum(data, at + 4, group);
            long bytes = at + 16 + group / 2 * 32;
            int shift = (group & 1) * 4;
            for (int i = 0; i < 32; i++) {
                out[to + group * 32 + i] = scale * (unsigned(data, bytes + i) >>> shift & 15) - minimum;
            }
        }
    }

    /** As Q4_K; bit g of byte i of the fifth bits belongs to element i of group g. */
    private static void q5k(MemorySegment data, long at, float[] out, int to) {
        for (int group = 0; group < 8; group++) {
            float scale = half(data, at) * scale(data, at + 4, group);
            float minimum = half(data, at + 2) * minimum(data, at + 4, group);
            long bytes = at + 48 + group / 2 * 32;
            int shift = (group & 1) * 4;
            for (int i = 0; i < 32; i++) {
                int q = unsigned(data, bytes + i) >>> shift & 15 | (unsigned(data, at + 16 + i) >>> group & 1) << 4;
                out[to + group * 32 + i] = scale * q - minimum;
            }
        }
    }

    /**
     * Two halves of 128 elements, each four groups of 32: groups 0 and 1 in the low halves of 64 bytes, 2 and 3 in the
     * high ones; the upper two bits of element i of group g are bits 2g and 2g + 1 of byte i. A scale serves 16 elements.
     */
    private static void q6k(MemorySegment data, long at, float[] out, int to) {
        float d = half(data, at + 208);
        for (int element = 0; element < 256; element++) {
            int part = element / 128;
            int group = element / 32 % 4;
            int i = element % 32;
            int low = unsigned(data, at + part * 64 + group % 2 * 32 + i) >>> group / 2 * 4 & 15;
            int high = unsigned(data, at + 128 + part * 32 + i) >>> group * 2 & 3;
            int scale = data.get(ValueLayout.JAVA_BYTE, at + 192 + element / 16);
            out[to + element] = d * scale * ((low | high << 4) - 32);
        }
    }

    /** Groups 0 to 3: six low bits of byte g; 4 to 7: low half of byte g + 4, topped by the upper bits of byte g - 4. */
    private static int scale(MemorySegment data, long at, int group) {
        return group < 4
                ? unsigned(data, at + group) & 63
                : unsigned(data, at + group + 4) & 15 | unsigned(data, at + group - 4) >>> 6 << 4;
    }

    /** Groups 0 to 3: six low bits of byte g + 4; 4 to 7: high half of byte g + 4, topped by the upper bits of byte g. */
    private static int minimum(MemorySegment data, long at, int group) {
        return group < 4
                ? unsigned(data, at + group + 4) & 63
                : unsigned(data, at + group + 4) >>> 4 | unsigned(data, at + group) >>> 6 << 4;
    }

    private static float half(MemorySegment data, long at) {
        return Float.float16ToFloat(data.get(GgufCursor.SHORT, at));
    }

    private static int unsigned(MemorySegment data, long at) {
        return data.get(ValueLayout.JAVA_BYTE, at) & 0xFF;
    }
}
