package dev.foretoken.benchmarks;

import dev.foretoken.engine.gguf.TensorType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SplittableRandom;

/**
 * Random rows of a weight type whose values have the magnitudes of a real model's. Multiplying is as slow as it is with real
 * weights only then: some processors take a hundred cycles for a subnormal float.
 */
public final class TypicalWeights {
    private static final double DEVIATION = 0.05;

    private TypicalWeights() {}

    /** So many weights, whole blocks of the type, as a file holds them. */
    public static byte[] of(TensorType type, long weights, SplittableRandom random) {
        byte[] bytes = new byte[Math.toIntExact(type.sizeBytes(weights))];
        ByteBuffer out = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        while (out.hasRemaining()) {
            float value = (float) (random.nextGaussian() * DEVIATION);
            switch (type) {
                case F32 -> out.putFloat(value);
                case F16 -> out.putShort(Float.floatToFloat16(value));
                case BF16 -> out.putShort((short) (Float.floatToRawIntBits(value) >>> 16));
                // Wherever a scale lies, its two bytes are a half of at most 0.007.
                default -> out.put((byte) random.nextInt(0x20));
            }
        }
        return bytes;
    }
}
