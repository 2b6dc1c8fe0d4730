package dev.foretoken.engine.kernel;

/**
 * Order of the float activations that feed a matrix product: tiles of four tokens, each {@code [k][4]}; the last tile
 * holds the remaining T = 1..3 tokens as {@code [k][T]}. Whoever produces activations writes this order directly.
 *
 * <pre>
 *   token m, column k  at  at(m, M, n) + k * stride(m, M)
 * </pre>
 */
public final class Activations {
    /** Tokens of a full tile. */
    public static final int TILE = 4;

    private Activations() {}

    /** Index of column 0 of token {@code m} in a batch of {@code tokens} tokens of {@code n} columns. */
    public static int at(int m, int tokens, int n) {
        return (m & -TILE) * n + (m & TILE - 1);
    }

    /** Distance between two columns of token {@code m}: the number of tokens in its tile. */
    public static int stride(int m, int tokens) {
        return Math.min(TILE, tokens - (m & -TILE));
    }

    /** Copies a plain row of {@code n} values to its places. */
    public static void scatter(float[] row, int rowAt, int m, int tokens, int n, float[] out) {
        scatter(row, rowAt, n, out, at(m, tokens, n), stride(m, tokens));
    }

    /** Copies {@code count} values to {@code out[outAt + i * outStride]}; for a part of a row, such as one head. */
    public static void scatter(float[] row, int rowAt, int count, float[] out, int outAt, int outStride) {
        if (outStride == 1) System.arraycopy(row, rowAt, out, outAt, count);
        else for (int i = 0; i < count; i++) out[outAt + i * outStride] = row[rowAt + i];
    }
}
