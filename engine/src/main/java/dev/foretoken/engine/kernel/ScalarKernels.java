package dev.foretoken.engine.kernel;

import static dev.foretoken.engine.kernel.PackedMatrix.PANEL_ROWS;
import static dev.foretoken.engine.kernel.PackedMatrix.STRIPE;

/** The readable definition of every kernel; runs in any JVM. */
class ScalarKernels implements Kernels {
    static final ScalarKernels INSTANCE = new ScalarKernels();

    @Override
    public String name() {
        return "scalar";
    }

    @Override
    public void multiply(
            PackedMatrix w, float[] x, int m, float[] y, int yAt, int stripeFrom, int stripeTo, Scratch scratch) {
        multiply(w, x, m, y, yAt, STRIPE, m * STRIPE, stripeFrom, stripeTo, scratch);
    }

    @Override
    public void multiplyToRows(
            PackedMatrix w,
            float[] x,
            int m,
            float[] y,
            int yAt,
            int yStride,
            int stripeFrom,
            int stripeTo,
            Scratch scratch) {
        multiply(w, x, m, y, yAt, yStride, STRIPE, stripeFrom, stripeTo, scratch);
    }

    private void multiply(
            PackedMatrix w,
            float[] x,
            int m,
            float[] y,
            int yAt,
            int yStride,
            int yStripe,
            int stripeFrom,
            int stripeTo,
            Scratch scratch) {
        if (m == 0) return; // there is no tile of no tokens
        int perSlab = w.stripesPerSlab(), n = w.columns();
        for (int stripe = stripeFrom; stripe < stripeTo; stripe = (stripe / perSlab + 1) * perSlab) {
            int fromTop = stripe / perSlab, first = fromTop * perSlab, to = Math.min(stripeTo - first, perSlab);
            for (PackedSlab slab : w.slabs(fromTop))
                addProduct(slab, x, n, m, y, yAt + first * yStripe, yStride, yStripe, stripe - first, to, scratch);
        }
    }

    /**
     * Adds what the columns of a slab contribute: the sums in {@code y} go on where those of the slab to the left ended. What the
     * first slab finds in {@code y} does not count.
     *
     * @param n columns of the matrix, those of the activations
     * @param yAt where the slab's rows begin, token 0
     * @param yStride from a row of one token to that of the next
     * @param yStripe from the first row of one stripe to that of the next, {@code STRIPE} for one token
     * @param stripeFrom counts from the slab's first
     */
    void addProduct(
            PackedSlab w,
            float[] x,
            int n,
            int m,
            float[] y,
            int yAt,
            int yStride,
            int yStripe,
            int stripeFrom,
            int stripeTo,
            Scratch scratch) {
        int columns = w.columns(), kBlock = Scratch.PANEL / PANEL_ROWS, panels = STRIPE / PANEL_ROWS;
        if (w.firstColumn() == 0) zero(y, yAt, yStride, yStripe, m, stripeFrom, stripeTo);
        for (int i = stripeFrom * panels; i < stripeTo * panels; i++) {
            int at = yAt + i / panels * yStripe + i % panels * PANEL_ROWS;
            for (int k = 0; k < columns; k += kBlock) {
                int kTo = Math.min(columns, k + kBlock);
                w.fillPanel(i, k, kTo, scratch.panel, 0);
                for (int t = 0; t < m; t++) {
                    int xStride = Activations.stride(t, m), xAt = inActivations(w, k, n, t, m);
                    accumulate(scratch.panel, 0, kTo - k, x, xAt, xStride, y, at + t * yStride);
                }
            }
        }
    }

    /** {@code y[r] = fma(panel[k][r], x[k], y[r])} for k ascending. */
    private static void accumulate(
            float[] panel, int panelAt, int kCount, float[] x, int xAt, int xStride, float[] y, int yAt) {
        for (int k = 0; k < kCount; k++) {
            float v = x[xAt + k * xStride];
            for (int r = 0; r < PANEL_ROWS; r++)
                y[yAt + r] = Math.fma(panel[panelAt + k * PANEL_ROWS + r], v, y[yAt + r]);
        }
    }

    /** Where column k of a slab lies in the activations of token t, of {@code m} tokens and n columns. */
    static int inActivations(PackedSlab w, int k, int n, int t, int m) {
        return Activations.at(t, m, n) + (w.firstColumn() + k) * Activations.stride(t, m);
    }

    static void zero(float[] y, int yAt, int yStride, int yStripe, int m, int stripeFrom, int stripeTo) {
        for (int s = stripeFrom; s < stripeTo; s++)
            for (int t = 0; t < m; t++) zero(y, yAt + s * yStripe + t * yStride, STRIPE);
    }

    private static void zero(float[] a, int at, int count) {
        for (int i = 0; i < count; i++) a[at + i] = 0f;
    }

    @Override
    public void rmsNorm(
            float[] x, int xAt, float[] weight, float epsilon, int n, float[] out, int outAt, int outStride) {
        float s = Sums.inverseRootMean(x, xAt, n, epsilon);
        for (int i = 0; i < n; i++) out[outAt + i * outStride] = x[xAt + i] * s * weight[i];
    }

    @Override
    public void add(float[] x, int xAt, float[] y, int yAt, int n) {
        for (int i = 0; i < n; i++) x[xAt + i] += y[yAt + i];
    }

    @Override
    public void addProducts(float[] x, int xAt, float[] products, int m, int tokens, int n) {
        for (int s = 0; s * STRIPE < n; s++) {
            int from = s * STRIPE;
            add(x, xAt + from, products, Products.at(s, m, tokens), Math.min(STRIPE, n - from));
        }
    }

    @Override
    public void scatter(float[] row, int rowAt, int n, float[] out, int outAt, int outStride) {
        Activations.scatter(row, rowAt, n, out, outAt, outStride);
    }

    @Override
    public void siluTimes(
            float[] gate, int gateAt, float[] up, int upAt, int stride, int tokens, int n, float[] out, int outAt) {
        for (int t = 0; t < tokens; t++) {
            siluTimes(gate, gateAt + t * stride, up, upAt + t * stride, n);
            Activations.scatter(gate, gateAt + t * stride, n, out, outAt + t, tokens);
        }
    }

    /** One token's products, in place of gate. */
    void siluTimes(float[] gate, int gateAt, float[] up, int upAt, int n) {
        for (int i = 0; i < n; i++) {
            float v = gate[gateAt + i];
            gate[gateAt + i] = v / (1f + Exp.exp(-v)) * up[upAt + i];
        }
    }

    @Override
    public void ropePairs(float[] v, int at, int heads, int headDim, int pairs, float[] cos, float[] sin, int tableAt) {
        for (int h = 0; h < heads; h++, at += headDim)
            for (int i = 0; i < pairs; i++) rotate(v, at + 2 * i, at + 2 * i + 1, cos[tableAt + i], sin[tableAt + i]);
    }

    @Override
    public void ropeHalves(
            float[] v, int at, int heads, int headDim, int pairs, float[] cos, float[] sin, int tableAt) {
        for (int h = 0; h < heads; h++, at += headDim)
            for (int i = 0; i < pairs; i++) rotate(v, at + i, at + pairs + i, cos[tableAt + i], sin[tableAt + i]);
    }

    private static void rotate(float[] v, int first, int second, float cos, float sin) {
        float a = v[first], b = v[second];
        v[first] = Math.fma(a, cos, -(b * sin));
        v[second] = Math.fma(a, sin, b * cos);
    }

    @Override
    public void attentionScores(
            float[] keys,
            int keysAt,
            int blocks,
            int headDim,
            float[] q,
            int qAt,
            int queries,
            float[] scores,
            int scoresAt,
            int scoresStride) {
        for (int b = 0; b < blocks; b++) {
            for (int t = 0; t < queries; t++) {
                int to = scoresAt + t * scoresStride + b * KEY_BLOCK;
                zero(scores, to, KEY_BLOCK);
                int of = qAt + Activations.at(t, queries, headDim), stride = Activations.stride(t, queries);
                accumulate(keys, keysAt + b * headDim * KEY_BLOCK, headDim, q, of, stride, scores, to);
            }
        }
    }

    @Override
    public void attentionWeights(float[] scores, int at, int n, float scale, float[] out, int outAt) {
        float max = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < n; i++) {
            scores[at + i] *= scale;
            max = Math.max(max, scores[at + i]);
        }
        for (int i = 0; i < n; i++) scores[at + i] = Exp.exp(scores[at + i] - max);
        out[outAt] = max;
        out[outAt + 1] = Sums.plain(scores, at, n);
    }

    @Override
    public double logSumExp(float[] x, int at, int n, float[] block) {
        float max = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < n; i++) max = Math.max(max, x[at + i]);
        double sum = 0;
        for (int from = 0; from < n; from += LOG_SUM_BLOCK) {
            int count = Math.min(LOG_SUM_BLOCK, n - from);
            for (int i = 0; i < count; i++) block[i] = Exp.exp(x[at + from + i] - max);
            sum += Sums.plain(block, 0, count);
        }
        return max + StrictMath.log(sum);
    }

    @Override
    public void attentionValues(
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
            int outStride) {
        for (int t = 0; t < queries; t++) {
            for (int p = 0; p < positions; p++) {
                float weight = weights[weightsAt + t * weightsStride + p];
                int from = valuesAt + p * valueStride, to = outAt + t * outStride;
                for (int d = 0; d < headDim; d++) out[to + d] = Math.fma(values[from + d], weight, out[to + d]);
            }
        }
    }

    @Override
    public void mergeAttention(float[] into, int intoAt, float[] next, int nextAt, int headDim, int valueStride) {
        int intoMax = intoAt + valueStride, nextMax = nextAt + valueStride;
        if (next[nextMax] > into[intoMax]) {
            float e = Exp.exp(into[intoMax] - next[nextMax]);
            addScaled(next, nextAt, into, intoAt, e, headDim, into, intoAt);
            into[intoMax + 1] = Math.fma(into[intoMax + 1], e, next[nextMax + 1]);
            into[intoMax] = next[nextMax];
        } else {
            float e = Exp.exp(next[nextMax] - into[intoMax]);
            addScaled(into, intoAt, next, nextAt, e, headDim, into, intoAt);
            into[intoMax + 1] = Math.fma(next[nextMax + 1], e, into[intoMax + 1]);
        }
    }

    /** {@code out = fma(y, e, x)} for n values; out may be x or y. */
    void addScaled(float[] x, int xAt, float[] y, int yAt, float e, int n, float[] out, int outAt) {
        for (int i = 0; i < n; i++) out[outAt + i] = Math.fma(y[yAt + i], e, x[xAt + i]);
    }
}
