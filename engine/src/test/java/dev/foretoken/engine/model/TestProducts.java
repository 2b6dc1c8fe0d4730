package dev.foretoken.engine.model;

import dev.foretoken.engine.gguf.Dequantizer;
import dev.foretoken.engine.gguf.TensorType;
import dev.foretoken.engine.kernel.WeightRows;
import java.lang.foreign.MemorySegment;
import java.util.Random;

/** Random weights times random activations of one tile of tokens, and what that gives by the plainest loop. */
final class TestProducts {
    static final int COLUMNS = 256;
    static final int TOKENS = 3;

    private TestProducts() {}

    static WeightRows weights(TensorType type, int rows, Random random) {
        byte[] bytes = new byte[(int) type.sizeBytes((long) rows * COLUMNS)];
        random.nextBytes(bytes);
        int scalesAt = type == TensorType.Q6_K ? 208 : 0;
        int scalesEnd = scalesAt + (hasMinima(type) ? 4 : 2);
        for (int at = 0; at < bytes.length; at += type.blockBytes()) {
            for (int i = scalesAt; i < scalesEnd; i += 2) {
                bytes[at + i + 1] = 0x21; // half precision near 0.01: no infinity and no NaN
            }
        }
        return new WeightRows(type, rows, MemorySegment.ofArray(bytes));
    }

    private static boolean hasMinima(TensorType type) {
        return switch (type) {
            case Q4_1, Q5_1, Q4_K, Q5_K -> true;
            default -> false;
        };
    }

    /** Token by token within a column. */
    static float[] activations(Random random) {
        float[] x = new float[COLUMNS * TOKENS];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) random.nextGaussian();
        }
        return x;
    }

    static float product(WeightRows weights, int row, float[] x, int token) {
        float[] w = new float[COLUMNS];
        Dequantizer.dequantize(weights.type(), weights.data(), (long) row * COLUMNS, w, 0, COLUMNS);
        float sum = 0;
        for (int k = 0; k < COLUMNS; k++) {
            sum = Math.fma(w[k], x[k * TOKENS + token], sum);
        }
        return sum;
    }
}
