package dev.foretoken.engine.kernel;

import dev.foretoken.engine.gguf.TensorType;
import java.util.Set;

/**
 * The arithmetic of a forward pass on float arrays. Every implementation returns the same bits (see the package's numeric
 * contract), so they differ only in speed.
 *
 * <p>Stateless and thread-safe; callers split the work into stripes, rows or heads. Nothing is allocated. Indices are
 * checked by the arrays themselves.
 */
public interface Kernels {
    /** Positions of one key block: the lanes of {@link #attentionScores}. */
    int KEY_BLOCK = 16;

    /** Values of one block of {@link #logSumExp}. */
    int LOG_SUM_BLOCK = 256;

    /** The fastest implementation this JVM can run; the width can be forced, see {@link KernelChoice}. */
    static Kernels fastest() {
        return KernelChoice.fastest();
    }

    /**
     * The fastest for a small model that is to compute soon: plain loops at first, and from {@link #warmUp} on all kernels that
     * its matrices need are run in the background until the compiler has seen them. Code on vectors is very slow before that;
     * but so are plain loops with a large model, whose first products bring the compiler soon enough.
     *
     * @param types of the model's matrices
     */
    static Kernels warming(Set<TensorType> types) {
        return KernelChoice.warming(types);
    }

    /** The plain reference in {@link Math#fma}; needs no vector module. */
    static Kernels scalar() {
        return ScalarKernels.INSTANCE;
    }

    /** Begins to make them fast in the background, where they are not yet; only the first call does something. */
    default void warmUp() {}

    /** Whether they are as fast as they get; false for {@link #warming} until some time after {@link #warmUp}. */
    default boolean isWarm() {
        return true;
    }

    /** For reports: {@code "scalar"}, or {@code "vector-512"} and the like. */
    String name();

    /**
     * Matrix product of stripes [stripeFrom, stripeTo) with {@code m} tokens: {@code w[row] . x[t]} for all of their rows, padding
     * included, in the order of {@link Products}.
     *
     * @param x activations in the order of {@link Activations}, {@code m} tokens of {@code w.columns()}
     * @param y output; overwritten
     * @param yAt where stripe 0 is, or would be: below 0 if y holds only later stripes
     * @param scratch of the calling thread
     */
    void multiply(PackedMatrix w, float[] x, int m, float[] y, int yAt, int stripeFrom, int stripeTo, Scratch scratch);

    /**
     * As {@link #multiply}, with a row for each token: {@code y[yAt + t * yStride + row] = w[row] . x[t]}. Slower where the
     * output is small enough for a cache.
     *
     * @param yAt where row 0 of token 0 is, or would be: below 0 if y holds only rows from a later stripe on
     * @param yStride distance between two tokens' rows, at least the rows of these stripes
     */
    void multiplyToRows(
            PackedMatrix w,
            float[] x,
            int m,
            float[] y,
            int yAt,
            int yStride,
            int stripeFrom,
            int stripeTo,
            Scratch scratch);

    /**
     * Root-mean-square norm: {@code out[outAt + i * outStride] = (x[xAt + i] * s) * weight[i]} with
     * {@code s = (float) (1 / sqrt(sum(x^2) / n + epsilon))}, the sum in eight partial sums, the rest of s in double.
     *
     * <p>For activations of token t: {@code outAt = Activations.at(...)}, {@code outStride = Activations.stride(...)}.
     */
    void rmsNorm(float[] x, int xAt, float[] weight, float epsilon, int n, float[] out, int outAt, int outStride);

    /** {@code x[xAt + i] += y[yAt + i]} for {@code n} values. */
    void add(float[] x, int xAt, float[] y, int yAt, int n);

    /** {@code x[xAt + i] += row i} for {@code n} rows of token {@code m} of {@link Products} of so many tokens. */
    void addProducts(float[] x, int xAt, float[] products, int m, int tokens, int n);

    /** {@link Activations#scatter(float[], int, int, float[], int, int)}: a row, or a part of one, to its places in a tile. */
    void scatter(float[] row, int rowAt, int n, float[] out, int outAt, int outStride);

    /**
     * {@code out[outAt + i * tokens + t] = silu(gate[gateAt + t * stride + i]) * up[upAt + t * stride + i]} with
     * {@code silu(v) = v / (1 + exp(-v))}: some columns of a tile of {@link Activations}. The gate values are overwritten with
     * the products.
     *
     * @param stride from a token's values to those of the next
     * @param tokens of the tile, 1 to {@link Activations#TILE}
     */
    void siluTimes(
            float[] gate, int gateAt, float[] up, int upAt, int stride, int tokens, int n, float[] out, int outAt);

    /**
     * Rotates neighbouring pairs (2i, 2i+1) of {@code heads} consecutive heads by the angles of one position (the order
     * of {@code llama} files): {@code a' = fma(a, cos, -(b * sin))}, {@code b' = fma(a, sin, b * cos)}.
     *
     * @param headDim distance between heads, in values
     * @param pairs rotated pairs of each head, {@code headDim / 2} unless the model rotates fewer
     * @param cos with {@code sin}: {@code pairs} values from {@code tableAt}
     */
    void ropePairs(float[] v, int at, int heads, int headDim, int pairs, float[] cos, float[] sin, int tableAt);

    /** As {@link #ropePairs} for pairs (i, i + pairs), the order of {@code qwen2} files. */
    void ropeHalves(float[] v, int at, int heads, int headDim, int pairs, float[] cos, float[] sin, int tableAt);

    /**
     * Scores of up to {@link Activations#TILE} queries against blocks of 16 keys:
     * {@code scores[scoresAt + t * scoresStride + p] = q[t] . key[p]}, an fma chain over ascending dimension from +0, for
     * all p below {@code 16 * blocks}; lanes that hold no key give values to be ignored, and never touch the other lanes.
     *
     * <p>Keys lie transposed, blocks behind each other: {@code [blocks][headDim][16]}, lane p % 16 = position p. Queries lie
     * like {@link Activations} of {@code headDim} columns: queries are rows x heads of one key-value group. Several blocks and
     * queries at once are faster than several calls; the bits are the same.
     *
     * @param queries 1 to {@link Activations#TILE}
     */
    void attentionScores(
            float[] keys,
            int keysAt,
            int blocks,
            int headDim,
            float[] q,
            int qAt,
            int queries,
            float[] scores,
            int scoresAt,
            int scoresStride);

    /**
     * Turns the scores of one block of positions into weights, in place: {@code e = exp(s * scale - max)}, max being the largest
     * {@code s * scale}. Which share of all positions that is, {@link PartialAttention} finds out.
     *
     * @param scores with room for whole blocks of {@link #KEY_BLOCK} from {@code at} on; what the last one holds beyond n may
     *     be overwritten
     * @param n at least 1
     * @param scale above 0
     * @param out {@code out[outAt] = max}, {@code out[outAt + 1]} = the sum of the weights in eight partial sums
     */
    void attentionWeights(float[] scores, int at, int n, float scale, float[] out, int outAt);

    /**
     * Natural log of the sum of {@code exp(x[i])}: log-softmax is a value less this. With m the largest value, float32
     * {@code exp(x[i] - m)} are summed in blocks of {@link #LOG_SUM_BLOCK} in eight partial sums, the blocks in double and in
     * order; the relative error of the sum stays below 1e-6.
     *
     * @param x {@code n} values from {@code at}, none of them NaN; read only
     * @param block scratch of {@link #LOG_SUM_BLOCK} floats
     */
    double logSumExp(float[] x, int at, int n, float[] block);

    /**
     * Adds weighted values to the output, positions ascending:
     * {@code out[outAt + t * outStride + d] = fma(value[p][d], weights[weightsAt + t * weightsStride + p], out...)} for
     * p = 0, 1, ... Call it page after page in logical order, then once per ancestor; the output starts at +0.
     *
     * @param values {@code [positions][valueStride]}, the head's {@code headDim} values first
     * @param queries 1 to {@link Activations#TILE}
     */
    void attentionValues(
            float[] values,
            int valuesAt,
            int valueStride,
            int positions,
            int headDim,
            float[] weights,
            int weightsAt,
            int weightsStride,
            int queries,
            float[] out,
            int outAt,
            int outStride);

    /**
     * Merges the part of the positions that follow into a part: attention over both, see {@link PartialAttention}. The
     * part with the smaller maximum is scaled by {@code e = exp(smaller - larger)}: {@code fma(its value, e, other value)}, the
     * sums of the weights likewise.
     *
     * @param valueStride where the maximum and the sum of the weights lie, behind the values
     */
    void mergeAttention(float[] into, int intoAt, float[] next, int nextAt, int headDim, int valueStride);
}
