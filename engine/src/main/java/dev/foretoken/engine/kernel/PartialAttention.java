package dev.foretoken.engine.kernel;

/**
 * What attention over some of a query's positions comes to, as numbers in an array:
 *
 * <pre>
 *   [0, headDim)       sum of weight * value
 *   [valueStride]      the largest score, scaled
 *   [valueStride + 1]  the sum of the weights exp(score - largest)
 * </pre>
 *
 * <p>Attention is defined by blocks of {@link #BLOCK} logical positions: each is computed by itself, then they are merged in
 * ascending order, then the values are multiplied by one over the sum of the weights. So it does not matter who computes a block, and a
 * long context is work for several threads. Source: Dao et al., "Flash-Decoding for long-context inference" (2023); that the
 * blocks are fixed, so that bits are too, is ours.
 */
public final class PartialAttention {
    /** Positions of one block; a multiple of every block of keys. */
    public static final int BLOCK = 128;

    /** Room behind the values, of which two floats are used: what comes next begins at a cache line. */
    private static final int TAIL = 16;

    private PartialAttention() {}

    /** Floats of one part, whose values take {@code valueStride}, a multiple of 16. */
    public static int floats(int valueStride) {
        return valueStride + TAIL;
    }

    /** Divides the values by the sum of the weights: multiplies by one over it. */
    public static void divide(float[] part, int partAt, int headDim, int valueStride) {
        float inverse = 1f / part[partAt + valueStride + 1];
        for (int d = 0; d < headDim; d++) part[partAt + d] *= inverse;
    }
}
