package dev.foretoken.engine.kernel;

import dev.foretoken.engine.gguf.Dequantizer;
import dev.foretoken.engine.gguf.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Random rows of every type: random integers everywhere, finite random scales; some matrices of 16-bit weights are unsound. */
final class RandomWeights {
    static final TensorType[] TYPES =
            Arrays.stream(TensorType.values()).filter(TensorType::isSupported).toArray(TensorType[]::new);

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Scales and minima that a damaged or odd file may hold: zeros of both signs, the smallest, large ones. */
    private static final float[] UNUSUAL = {0f, -0f, 0x1p-24f, -0x1p-24f, 3000f};

    /** Weights that no sound model has; the last is subnormal in bfloat16. */
    private static final float[] UNSOUND = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 0x1p-135f};

    private RandomWeights() {}

    static WeightRows rows(TensorType type, int rows, int columns, SplittableRandom random) {
        byte[] bytes = new byte[Math.toIntExact(type.sizeBytes((long) rows * columns))];
        random.nextBytes(bytes);
        MemorySegment data = MemorySegment.ofArray(bytes);
        boolean isOdd = random.nextInt(3) == 0;
        for (int at = 0; at < bytes.length; at += type.blockBytes()) fixScales(type, data, at, isOdd, random);
        if ((type == TensorType.F16 || type == TensorType.BF16) && isOdd && random.nextBoolean())
            for (int i = 0; i < 3; i++) spoil(type, data, 2L * random.nextInt(rows * columns), random);
        return new WeightRows(type, rows, data);
    }

    private static void fixScales(
            TensorType type, MemorySegment data, long at, boolean isOdd, SplittableRandom random) {
        switch (type) {
            case F32 -> data.set(INT, at, Float.floatToRawIntBits((float) random.nextGaussian()));
            case BF16 -> data.set(SHORT, at, (short) (Float.floatToRawIntBits((float) random.nextGaussian()) >>> 16));
            case F16, Q8_0, Q4_0, Q5_0 -> half(data, at, isOdd, random);
            case Q6_K -> half(data, at + 208, isOdd, random);
            default -> {
                half(data, at, isOdd, random);
                half(data, at + 2, isOdd, random);
            }
        }
    }

    private static void half(MemorySegment data, long at, boolean isOdd, SplittableRandom random) {
        float value = isOdd && random.nextInt(50) == 0
                ? UNUSUAL[random.nextInt(UNUSUAL.length)]
                : (float) random.nextGaussian() * 0.05f;
        data.set(SHORT, at, Float.floatToFloat16(value));
    }

    private static void spoil(TensorType type, MemorySegment data, long at, SplittableRandom random) {
        float value = UNSOUND[random.nextInt(UNSOUND.length)];
        data.set(
                SHORT,
                at,
                type == TensorType.F16 ? Float.floatToFloat16(value) : (short) (Float.floatToRawIntBits(value) >>> 16));
    }

    /** What the file format says the rows are. */
    static float[] dequantized(WeightRows weights, int columns) {
        float[] out = new float[weights.rows() * columns];
        Dequantizer.dequantize(weights.type(), weights.data(), 0, out, 0, out.length);
        return out;
    }

    static float[] gaussians(int count, SplittableRandom random) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) values[i] = (float) random.nextGaussian();
        return values;
    }
}
