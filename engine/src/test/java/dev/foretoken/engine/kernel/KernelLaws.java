package dev.foretoken.engine.kernel;

import dev.foretoken.engine.gguf.TensorType;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * What every implementation of {@link Kernels} must do, as comparisons with loops that are too plain to be wrong. The
 * expected values are computed from the file format, not from packed weights.
 */
final class KernelLaws {
    private static final int[] ROWS = {1, 7, 16, 17, 33, 64, 100, 129};
    private static final int[] TOKENS = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 16, 17, 19, 33};
    private static final float[] SPECIAL = {
        Float.NaN,
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        -0f,
        Float.MIN_VALUE,
        -Float.MIN_NORMAL / 3,
        Float.MAX_VALUE,
        1e-38f
    };
    private static final float UNTOUCHED = 1234.5f;

    private final Kernels kernels;
    private final SplittableRandom random;
    private final Scratch scratch = new Scratch();

    KernelLaws(Kernels kernels, long seed) {
        this.kernels = kernels;
        this.random = new SplittableRandom(seed);
    }

    /** Matrix products of one type over awkward sizes. */
    void products(TensorType type) {
        int[] columns = switch (type) {
            case Q4_K, Q5_K, Q6_K -> new int[] {256, 768};
            case F32, F16, BF16 -> new int[] {1, 48, 51, 576};
            default -> new int[] {32, 64, 96, 160, 576};
        };
        for (int rows : ROWS) for (int n : columns) productsOf(type, rows, n, TOKENS);
    }

    /** Inner lengths of several slabs, the last of them shorter, around the numbers of tokens that take other tiles, or panels. */
    void longProducts(TensorType type) {
        int[] columns = switch (type) {
            case Q4_K, Q5_K, Q6_K -> new int[] {1024, 2560};
            case F32, F16, BF16 -> new int[] {770, 2305};
            default -> new int[] {800, 1568};
        };
        for (int n : columns) productsOf(type, 70, n, new int[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 23, 24, 26, 29});
    }

    private void productsOf(TensorType type, int rows, int n, int[] tokenCounts) {
        WeightRows weights = RandomWeights.rows(type, rows, n, random);
        PackedMatrix packed = PackedMatrix.pack(type, rows, n, weights.data(), null);
        float[] plain = RandomWeights.dequantized(weights, n);
        int most = Arrays.stream(tokenCounts).max().orElseThrow();
        float[] x = RandomWeights.gaussians(most * n, random);
        for (int i = 0; i < 3; i++)
            if (random.nextInt(3) == 0) x[random.nextInt(x.length)] = SPECIAL[random.nextInt(SPECIAL.length)];
        float[] expected = new float[most * rows];
        for (int t = 0; t < most; t++)
            for (int r = 0; r < rows; r++) expected[t * rows + r] = dot(plain, r * n, x, t * n, n);
        for (int m : tokenCounts) product(packed, x, m, expected, type + " " + rows + "x" + n + " M=" + m);
    }

    private void product(PackedMatrix packed, float[] x, int m, float[] expected, String what) {
        int n = packed.columns();
        int from = random.nextInt(packed.stripes()),
                to = from + (random.nextInt(8) == 0 ? 0 : 1 + random.nextInt(packed.stripes() - from));
        float[] tiled = new float[m * n];
        for (int t = 0; t < m; t++) Activations.scatter(x, t * n, t, m, n, tiled);
        what += " stripes " + from + ".." + to;
        product(packed, tiled, m, expected, from, to, what);
        productToRows(packed, tiled, m, expected, from, to, what + " to rows");
    }

    private void product(PackedMatrix w, float[] x, int m, float[] expected, int from, int to, String what) {
        int stripe = m * PackedMatrix.STRIPE, first = random.nextBoolean() ? from : 0;
        int yAt = random.nextInt(5) - first * stripe;
        float[] y = new float[yAt + w.stripes() * stripe + random.nextInt(3)];
        Arrays.fill(y, UNTOUCHED);
        kernels.multiply(w, x, m, y, yAt, from, to, scratch);
        int begin = yAt + from * stripe, end = yAt + to * stripe;
        for (int i = 0; i < y.length; i++)
            if (i < begin || i >= end) Bits.assertSame(UNTOUCHED, y[i], what + ": outside at " + i);
        float[] row = new float[w.paddedRows()];
        for (int t = 0; t < m; t++) {
            for (int s = from; s < to; s++)
                System.arraycopy(y, yAt + Products.at(s, t, m), row, s * PackedMatrix.STRIPE, PackedMatrix.STRIPE);
            for (int r = from * PackedMatrix.STRIPE; r < Math.min(w.rows(), to * PackedMatrix.STRIPE); r++)
                Bits.assertSame(expected[t * w.rows() + r], row[r], what + " token " + t + " row " + r);
        }
    }

    private void productToRows(PackedMatrix w, float[] x, int m, float[] expected, int from, int to, String what) {
        boolean ownRows = random.nextInt(4) == 0;
        int yAt = ownRows ? -from * PackedMatrix.STRIPE : random.nextInt(5);
        int rows = ownRows ? (to - from) * PackedMatrix.STRIPE : w.paddedRows();
        int stride = Math.max(1, rows + random.nextInt(3));
        float[] y = new float[Math.max(0, yAt) + m * stride];
        Arrays.fill(y, UNTOUCHED);
        kernels.multiplyToRows(w, x, m, y, yAt, stride, from, to, scratch);
        for (int i = 0; i < y.length; i++) {
            int first = ownRows ? from * PackedMatrix.STRIPE : 0, at = i - yAt - first;
            int t = Math.floorDiv(at, stride), row = Math.floorMod(at, stride) + first;
            boolean written = t >= 0 && t < m && row >= from * PackedMatrix.STRIPE && row < to * PackedMatrix.STRIPE;
            if (!written) Bits.assertSame(UNTOUCHED, y[i], what + ": outside at " + i);
            else if (row < w.rows())
                Bits.assertSame(expected[t * w.rows() + row], y[i], what + " token " + t + " row " + row);
        }
    }

    private static float dot(float[] w, int wAt, float[] x, int xAt, int n) {
        float acc = 0f;
        for (int k = 0; k < n; k++) acc = Math.fma(w[wAt + k], x[xAt + k], acc);
        return acc;
    }

    /** Scores, weights and values for many head sizes, block counts and query counts. */
    void attention(int headDim) {
        for (int queries = 1; queries <= Activations.TILE; queries++) {
            for (int blocks : new int[] {1, 2, 3, 4, 7}) attention(headDim, queries, blocks);
        }
    }

    private void attention(int headDim, int queries, int blocks) {
        int positions = blocks * 16,
                n = positions - random.nextInt(16),
                valueStride = headDim + random.nextInt(2) * headDim;
        String what = "headDim " + headDim + " queries " + queries + " positions " + n;
        float[] keys = RandomWeights.gaussians(3 + positions * headDim, random);
        float[] values = RandomWeights.gaussians(5 + positions * valueStride, random);
        float[] q = RandomWeights.gaussians(2 + queries * headDim, random);
        int stride = positions + 1;
        float[] scores = new float[1 + queries * stride];
        Arrays.fill(scores, UNTOUCHED);
        kernels.attentionScores(keys, 3, blocks, headDim, q, 2, queries, scores, 1, stride);
        for (int t = 0; t < queries; t++) {
            for (int p = 0; p < positions; p++) {
                float acc = 0f;
                for (int d = 0; d < headDim; d++)
                    acc = Math.fma(
                            keys[3 + (p / 16 * headDim + d) * 16 + p % 16],
                            q[2 + Activations.at(t, queries, headDim) + d * Activations.stride(t, queries)],
                            acc);
                Bits.assertSame(acc, scores[1 + t * stride + p], what + " score " + p);
            }
            Bits.assertSame(UNTOUCHED, scores[1 + t * stride + positions], what + " beyond the scores");
        }
        for (int t = 0; t < queries; t++) kernels.attentionWeights(scores, 1 + t * stride, n, 0.125f, new float[2], 0);
        float[] out = new float[4 + queries * (headDim + 3)], expected = out.clone();
        for (int t = 0; t < queries; t++)
            for (int d = 0; d < headDim; d++)
                for (int p = 0; p < n; p++)
                    expected[4 + t * (headDim + 3) + d] = Math.fma(
                            values[5 + p * valueStride + d],
                            scores[1 + t * stride + p],
                            expected[4 + t * (headDim + 3) + d]);
        int cut = random.nextInt(n + 1);
        kernels.attentionValues(values, 5, valueStride, cut, headDim, scores, 1, stride, queries, out, 4, headDim + 3);
        kernels.attentionValues(
                values,
                5 + cut * valueStride,
                valueStride,
                n - cut,
                headDim,
                scores,
                1 + cut,
                stride,
                queries,
                out,
                4,
                headDim + 3);
        Bits.assertSame(expected, out, what + " values");
    }

    /** Weights of a block against their definition; every length, extreme scores. */
    void attentionWeights() {
        for (int n = 1; n < 70; n++) {
            int room = Math.ceilDiv(n, Kernels.KEY_BLOCK) * Kernels.KEY_BLOCK;
            float[] scores = RandomWeights.gaussians(room + 2, random);
            for (int i = 0; i < n; i++) if (random.nextInt(9) == 0) scores[1 + i] *= 300f;
            if (random.nextInt(6) == 0) scores[1 + random.nextInt(n)] = SPECIAL[random.nextInt(SPECIAL.length)];
            float[] expected = scores.clone();
            float max = Float.NEGATIVE_INFINITY;
            for (int i = 1; i <= n; i++) max = Math.max(max, expected[i] *= 0.37f);
            float[] partial = new float[8];
            for (int i = 0; i < n; i++) partial[i % 8] += expected[1 + i] = Exp.exp(expected[1 + i] - max);
            float[] out = {UNTOUCHED, UNTOUCHED, UNTOUCHED, UNTOUCHED};
            kernels.attentionWeights(scores, 1, n, 0.37f, out, 1);
            System.arraycopy(expected, 1 + n, scores, 1 + n, room - n); // may hold anything
            if (Float.isNaN(max)) out[1] = max; // where the sum is not a number, neither needs the maximum be
            else Bits.assertSame(expected, scores, "weights of " + n);
            Bits.assertSame(new float[] {UNTOUCHED, max, tree(partial), UNTOUCHED}, out, "sums of " + n);
        }
    }

    /** Two parts of a query's positions, either with the larger maximum, and no number at all. */
    void merges() {
        for (int headDim : new int[] {2, 16, 34, 64, 80}) {
            for (float apart : new float[] {-200f, -3f, 0f, 0.5f, 90f, Float.NaN}) merge(headDim, apart);
        }
    }

    private void merge(int headDim, float apart) {
        int valueStride = Math.ceilDiv(headDim, 16) * 16;
        float[] into = RandomWeights.gaussians(3 + valueStride + 2, random);
        float[] next = RandomWeights.gaussians(5 + valueStride + 2, random);
        next[5 + valueStride] = into[3 + valueStride] + apart;
        boolean rises = next[5 + valueStride] > into[3 + valueStride];
        float e = Exp.exp(-Math.abs(next[5 + valueStride] - into[3 + valueStride]));
        float[] expected = into.clone();
        for (int d = 0; d < valueStride + 2; d++) {
            if (d == valueStride) expected[3 + d] = rises ? next[5 + d] : into[3 + d];
            else
                expected[3 + d] = rises ? Math.fma(into[3 + d], e, next[5 + d]) : Math.fma(next[5 + d], e, into[3 + d]);
        }
        kernels.mergeAttention(into, 3, next, 5, headDim, valueStride);
        System.arraycopy(expected, 3 + headDim, into, 3 + headDim, valueStride - headDim); // may hold anything
        Bits.assertSame(expected, into, "merge of " + headDim + ", " + apart + " apart");
    }

    /** Log-sum-exp against its definition in blocks, and against the textbook. */
    void logSums() {
        for (int n : new int[] {1, 7, 16, 255, 256, 257, 1000, 5003}) {
            float[] x = RandomWeights.gaussians(n + 3, random);
            for (int i = 0; i < x.length; i++) x[i] *= 5;
            if (n > 7) x[3 + random.nextInt(n)] = Float.NEGATIVE_INFINITY;
            float max = Float.NEGATIVE_INFINITY;
            double textbook = 0, sum = 0;
            for (int i = 0; i < n; i++) max = Math.max(max, x[3 + i]);
            for (int i = 0; i < n; i++) textbook += StrictMath.exp((double) x[3 + i] - max);
            for (int from = 0; from < n; from += 256) {
                float[] partial = new float[8];
                for (int i = 0; i < 256 && from + i < n; i++) partial[i % 8] += Exp.exp(x[3 + from + i] - max);
                sum += tree(partial);
            }
            double found = kernels.logSumExp(x, 3, n, new float[Kernels.LOG_SUM_BLOCK]);
            if (found != max + StrictMath.log(sum) || Math.abs(found - max - StrictMath.log(textbook)) > 1e-6)
                throw new AssertionError("log-sum-exp of " + n + ": " + found);
        }
    }

    private static float tree(float[] s) {
        return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
    }

    void norms() {
        for (int n : new int[] {1, 7, 8, 33, 48, 100, 576}) for (int stride = 1; stride <= 4; stride++) norm(n, stride);
    }

    private void norm(int n, int stride) {
        float[] x = RandomWeights.gaussians(n + 1, random), weight = RandomWeights.gaussians(n, random);
        float[] out = neighbours(n, stride), expected = out.clone(), partial = new float[8];
        for (int i = 0; i < n; i++) partial[i % 8] = Math.fma(x[1 + i], x[1 + i], partial[i % 8]);
        float s = (float) (1 / Math.sqrt((double) tree(partial) / n + 1e-5f));
        for (int i = 0; i < n; i++) expected[2 + i * stride] = (x[1 + i] * s) * weight[i];
        kernels.rmsNorm(x, 1, weight, 1e-5f, n, out, 2, stride);
        Bits.assertSame(expected, out, "norm of " + n + " stride " + stride);
    }

    void gates() {
        for (int n : new int[] {1, 7, 15, 16, 17, 32, 48, 100})
            for (int tokens = 1; tokens <= Activations.TILE; tokens++) gate(n, tokens);
    }

    private void gate(int n, int tokens) {
        int stride = n + random.nextInt(3), last = (tokens - 1) * stride + n;
        float[] gate = RandomWeights.gaussians(last + 1, random), up = RandomWeights.gaussians(last + 2, random);
        for (int i = 0; i < last; i++) if (random.nextInt(9) == 0) gate[1 + i] *= 80f;
        gate[1 + random.nextInt(last)] = SPECIAL[random.nextInt(SPECIAL.length)];
        float[] out = new float[2 + n * tokens + 3];
        Arrays.fill(out, UNTOUCHED);
        float[] expected = out.clone();
        for (int t = 0; t < tokens; t++) {
            for (int i = 0; i < n; i++) {
                float g = gate[1 + t * stride + i], u = up[2 + t * stride + i];
                expected[2 + i * tokens + t] = g / (1f + Exp.exp(-g)) * u;
            }
        }
        kernels.siluTimes(gate, 1, up, 2, stride, tokens, n, out, 2);
        Bits.assertSame(expected, out, "silu of " + n + ", tokens " + tokens);
    }

    void additions() {
        for (int n : new int[] {1, 15, 16, 31, 32, 33, 64, 100, 576}) {
            int tokens = 1 + random.nextInt(6), m = random.nextInt(tokens), stripe = PackedMatrix.STRIPE;
            float[] products = RandomWeights.gaussians(Math.ceilDiv(n, stripe) * stripe * tokens, random);
            float[] x = RandomWeights.gaussians(2 + n + 1, random), expected = x.clone();
            for (int i = 0; i < n; i++) expected[2 + i] += products[Products.at(i / stripe, m, tokens) + i % stripe];
            kernels.addProducts(x, 2, products, m, tokens, n);
            Bits.assertSame(expected, x, "sum of " + n + ", token " + m + " of " + tokens);
        }
    }

    void scatters() {
        for (int n : new int[] {1, 15, 16, 24, 64, 100}) {
            for (int stride = 1; stride <= 4; stride++) {
                float[] row = RandomWeights.gaussians(n + 3, random);
                float[] out = neighbours(n, stride), expected = out.clone();
                for (int i = 0; i < n; i++) expected[2 + i * stride] = row[3 + i];
                kernels.scatter(row, 3, n, out, 2, stride);
                Bits.assertSame(expected, out, "scatter of " + n + " stride " + stride);
            }
        }
    }

    /** Room for n numbers from place 2 on with others between, up to the last one and no further. */
    private static float[] neighbours(int n, int stride) {
        float[] out = new float[2 + (n - 1) * stride + 1];
        Arrays.fill(out, UNTOUCHED);
        return out;
    }

    void sums() {
        for (int n : new int[] {0, 1, 31, 576}) {
            float[] x = RandomWeights.gaussians(n + 2, random),
                    y = RandomWeights.gaussians(n + 3, random),
                    expected = x.clone();
            for (int i = 0; i < n; i++) expected[2 + i] += y[3 + i];
            kernels.add(x, 2, y, 3, n);
            Bits.assertSame(expected, x, "add of " + n);
        }
    }

    void rotations() {
        for (int headDim : new int[] {2, 6, 32, 64, 96}) {
            int heads = 3, half = headDim / 2;
            float[] v = RandomWeights.gaussians(heads * headDim + 1, random);
            float[] cos = RandomWeights.gaussians(half + 4, random), sin = RandomWeights.gaussians(half + 4, random);
            float[] pairs = v.clone(), halves = v.clone(), expectedPairs = v.clone(), expectedHalves = v.clone();
            for (int h = 0; h < heads; h++) {
                for (int i = 0; i < half; i++) {
                    rotate(expectedPairs, 1 + h * headDim + 2 * i, 1, cos[4 + i], sin[4 + i]);
                    rotate(expectedHalves, 1 + h * headDim + i, half, cos[4 + i], sin[4 + i]);
                }
            }
            kernels.ropePairs(pairs, 1, heads, headDim, half, cos, sin, 4);
            kernels.ropeHalves(halves, 1, heads, headDim, half, cos, sin, 4);
            Bits.assertSame(expectedPairs, pairs, "pairs of " + headDim);
            Bits.assertSame(expectedHalves, halves, "halves of " + headDim);
        }
    }

    private static void rotate(float[] v, int at, int apart, float cos, float sin) {
        float a = v[at], b = v[at + apart];
        v[at] = Math.fma(a, cos, -(b * sin));
        v[at + apart] = Math.fma(a, sin, b * cos);
    }

    /** Every law once. */
    void all() {
        for (TensorType type : RandomWeights.TYPES) {
            products(type);
            longProducts(type);
        }
        elementwise();
        for (int headDim : new int[] {2, 6, 32, 34, 64, 80, 96, 128}) attention(headDim);
    }

    void elementwise() {
        attentionWeights();
        merges();
        logSums();
        norms();
        gates();
        scatters();
        additions();
        sums();
        rotations();
    }
}
