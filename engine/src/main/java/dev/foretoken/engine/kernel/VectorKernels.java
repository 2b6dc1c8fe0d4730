package dev.foretoken.engine.kernel;

import static dev.foretoken.engine.kernel.PackedLayout.BLOCK_MAX;
import static dev.foretoken.engine.kernel.PackedMatrix.PANEL_ROWS;
import static dev.foretoken.engine.kernel.PackedMatrix.STRIPE;
import static dev.foretoken.engine.kernel.VectorWidth.F;
import static dev.foretoken.engine.kernel.VectorWidth.LANES;
import static dev.foretoken.engine.kernel.VectorWidth.PER_STRIPE;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The kernels in vectors of {@link VectorWidth#BITS}; loaded only where the vector module is present. What is not written
 * here, the scalar loops do as fast.
 *
 * <p>Which tile: a stripe by some tokens, whose weights are dequantised in registers. With 512-bit vectors (32 registers) that is
 * 2 vectors x up to 8 tokens, with 256 bits (16 registers) 2 vectors x up to 4 tokens, with 128 bits 4 vectors x up to 4 tokens;
 * few tokens may take 4 vectors of two stripes. Weights of 16 bits and those with minima have no tiles with 128 bits. Where
 * several tiles would dequantise the same weights, they go through a float panel: from 24 tokens on with 512 bits, otherwise
 * above 8, or above 4 if the weights have 16 bits. Floats are a panel already. Nibbles with 512 bits come in slabs, whose tiles
 * go on with the sums of the slab to the left.
 */
final class VectorKernels extends ScalarKernels {
    /** Most columns of a panel with up to 256 bits: a stripe of them nearly stays in the first cache. */
    private static final int PANEL_COLUMNS_MAX = 640;

    /** The weights of fewer positions take a plain loop: half a vector is not worth one. */
    private static final int SHORT = 8;

    private static final VectorSpecies<Float> EIGHT = FloatVector.SPECIES_256;
    /**
     * Most columns of a panel with 512 bits: 96 KB, in the second cache. A tile reads it slowly enough for that, and the fewer
     * panels a row takes, the less often sums are stored and loaded again.
     */
    private static final int WIDE_COLUMNS_MAX = 768;

    /** Floats from the first vector of such a panel to the second. */
    private static final int WIDE_STEP = WIDE_COLUMNS_MAX * PANEL_ROWS;

    /** Tokens of two neighbouring tiles of activations. */
    private static final int PAIR = 2 * Activations.TILE;
    /** Up to so many tokens, tiles dequantise what they read, tile by tile; the second tile finds its stripe in the first cache. */
    static final int IN_REGISTERS_MAX = LANES == 16 ? 3 * PAIR - 1 : PAIR;
    /** The same for weights of 16 bits; with 128 bits there are no tiles. */
    private static final int HALF_IN_REGISTERS_MAX = LANES == 16 ? IN_REGISTERS_MAX : LANES == 8 ? Activations.TILE : 0;
    /**
     * Up to so many tokens take two stripes of weights of 16 bits at a time. There are no scales that need registers too; and one
     * or two tokens do so with any vectors, as the loop of so few would be unrolled beyond the registers.
     */
    private static final int HALF_IN_PAIRS_MAX = LANES == 16 ? 6 : 2;
    /** Most tokens of a tile that dequantises its weights. */
    private static final int TOKENS_MAX = LANES == 16 ? PAIR : Activations.TILE;

    @Override
    public String name() {
        return "vector-" + VectorWidth.BITS;
    }

    @Override
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
        assert w.columns() == n || w instanceof PackedQ4 : w.columns() + " of " + n; // other tiles begin with zeros
        switch (w) {
            case PackedF32 f32 -> addF32(f32, x, m, y, yAt, yStride, yStripe, stripeFrom, stripeTo);
            case PackedQ8 q8
            when m <= IN_REGISTERS_MAX && (LANES > 4 || !q8.hasMinima()) ->
                addQ8(q8, x, m, y, yAt, yStride, yStripe, stripeFrom, stripeTo);
            case PackedQ4 q4
            when m <= IN_REGISTERS_MAX -> addQ4(q4, x, n, m, y, yAt, yStride, yStripe, stripeFrom, stripeTo);
            case PackedHalf half
            when m <= HALF_IN_REGISTERS_MAX && half.isFinite() ->
                addHalf(half, x, m, y, yAt, yStride, yStripe, stripeFrom, stripeTo);
            default -> {
                if (LANES == 16) addWidePanels(w, x, n, m, y, yAt, yStride, yStripe, stripeFrom, stripeTo, scratch);
                else addPanels(w, x, m, y, yAt, yStride, yStripe, stripeFrom, stripeTo, scratch);
            }
        }
    }

    /**
     * With 512 bits: a stripe and a part of its columns at a time. The tile of the first eight tokens dequantises and leaves its
     * weights in a panel for the others, so that the arithmetic of one hides the reading of the other; weights of 16 bits are
     * widened into the panel first.
     */
    private static void addWidePanels(
            PackedSlab w,
            float[] x,
            int n,
            int m,
            float[] y,
            int yAt,
            int yStride,
            int yStripe,
            int from,
            int to,
            Scratch scratch) {
        float[] panel = scratch.panel;
        int width = w.columns(), columns = panelColumns(width, WIDE_COLUMNS_MAX);
        int aheadColumns = ReadAhead.columns(w, columns), aheadStripes = ReadAhead.stripes(w, aheadColumns);
        if (Prefetch.IS_ON && from < to) ReadAhead.read(w, from, from + 1, 0, Math.min(width, columns));
        for (int s = from; s < to; s++) {
            if (w.firstColumn() == 0) zero(y, yAt, yStride, yStripe, m, s, s + 1);
            for (int k = 0; k < width; k += columns) {
                if (!Prefetch.IS_ON && k % aheadColumns == 0 && (s - from) % aheadStripes == 0)
                    scratch.readAhead =
                            ReadAhead.read(w, s, Math.min(to, s + aheadStripes), k, Math.min(width, k + aheadColumns));
                int kTo = Math.min(width, k + columns);
                int nextStripe = kTo < width ? s : s + 1, next = kTo < width ? kTo : 0;
                int nextTo = nextStripe < to ? Math.min(width, next + columns) : next; // none after the last
                int t = fillWidePanel(w, k, kTo, x, n, panel, y, yAt + s * yStripe, yStride, s);
                int part = 0, parts = (m - t) / PAIR + Math.ceilDiv((m - t) % PAIR, Activations.TILE);
                for (int tokens; t < m; t += tokens, part++) {
                    tokens = m - t >= PAIR ? PAIR : Math.min(Activations.TILE, m - t);
                    if (Prefetch.IS_ON) ReadAhead.readPart(w, nextStripe, next, nextTo, part, parts);
                    int xAt = inActivations(w, k, n, t, m), at = yAt + t * yStride + s * yStripe;
                    if (tokens == PAIR) {
                        int xNext = xAt + n * Activations.TILE;
                        FloatTiles.tile2x8(panel, 0, WIDE_STEP, kTo - k, x, xAt, xNext, y, at, yStride);
                    } else FloatTiles.run(2, tokens, panel, 0, WIDE_STEP, kTo - k, x, xAt, y, at, yStride);
                }
            }
        }
    }

    /** Fills the panel of a stripe; returns how many tokens that has dealt with. */
    private static int fillWidePanel(
            PackedSlab w, int k, int kTo, float[] x, int n, float[] panel, float[] y, int yAt, int yStride, int s) {
        int v = s * PER_STRIPE, xAt = w.firstColumn() * Activations.TILE, next = xAt + n * Activations.TILE;
        switch (w) {
            case PackedQ8 q8 -> Q8Tiles.fill2x8(q8, k, kTo, x, panel, WIDE_STEP, y, yAt, yStride, v);
            case PackedQ4 q4 -> Q4WideTiles.fill2x8(q4, k, kTo, x, xAt, next, panel, WIDE_STEP, y, yAt, yStride, v);
            default -> {
                Panels.fill(w, s, k, kTo, panel, 0, WIDE_STEP);
                return 0;
            }
        }
        return PAIR;
    }

    /**
     * Whether tiles take two stripes at a time: then two lines of weights share an activation, so that a processor's window of
     * instructions reaches further ahead in memory; and of few tokens, one stripe alone has too few products that do not wait
     * for each other. The two lie half a chunk apart, so that either is a long stream. 256 bits have registers for that with one
     * token only.
     */
    private static boolean isInPairs(int m) {
        return LANES == 16 && m <= Activations.TILE || LANES == 8 && m == 1;
    }

    /**
     * A tile of few tokens does little with what it dequantises. So where tiles of eight would leave up to {@code fewest} tokens
     * for the last, the first has four, and the last five or more.
     */
    private static int tokensOfFirstTile(int m, int fewest) {
        int left = m % PAIR;
        return m > PAIR && left > 0 && left <= fewest ? Activations.TILE : TOKENS_MAX;
    }

    /** The scales of the stripe that is next, if it is one of these. */
    private static void prefetchScales(PackedQ8 w, int stripe, int to) {
        if (Prefetch.IS_ON && stripe < to) ReadAhead.readScales(w, stripe);
    }

    private static void addQ8(
            PackedQ8 w, float[] x, int m, float[] y, int yAt, int yStride, int yStripe, int from, int to) {
        int n = w.columns(), half = isInPairs(m) ? (to - from) / 2 : 0;
        int first = tokensOfFirstTile(m, 3);
        for (int s = from; s < from + half; s++) {
            int v = s * PER_STRIPE, u = (s + half) * PER_STRIPE;
            int at = yAt + s * yStripe, next = yAt + (s + half) * yStripe;
            prefetchScales(w, s + 1, from + half);
            prefetchScales(w, s + half + 1, to);
            Q8Tiles.runTwo(m, w, x, 0, y, at, next, yStride, v, u);
        }
        for (int s = from + 2 * half; s < to; s++) {
            int v = s * PER_STRIPE, tokens;
            prefetchScales(w, s + 1, to);
            for (int t = 0; t < m; t += tokens) {
                tokens = Math.min(t == 0 ? first : TOKENS_MAX, m - t);
                int at = yAt + t * yStride + s * yStripe;
                Q8Tiles.run(tokens, w, x, t * n, y, at, yStride, v);
            }
        }
    }

    private static void addQ4(
            PackedQ4 w, float[] x, int n, int m, float[] y, int yAt, int yStride, int yStripe, int from, int to) {
        int half = isInPairs(m) ? (to - from) / 2 : 0;
        int x0 = inActivations(w, 0, n, 0, m);
        for (int s = from; s < from + half; s++) {
            int v = s * PER_STRIPE, u = (s + half) * PER_STRIPE;
            int at = yAt + s * yStripe, next = yAt + (s + half) * yStripe;
            if (LANES < 16) Q4Tiles.runTwo(m, w, x, x0, y, at, next, yStride, v, u);
            else Q4WideTiles.runTwo(m, w, x, x0, y, at, next, yStride, v, u);
        }
        int first = tokensOfFirstTile(m, 1);
        for (int s = from + 2 * half; s < to; s++) {
            int v = s * PER_STRIPE, tokens;
            for (int t = 0; t < m; t += tokens) {
                tokens = Math.min(t == 0 ? first : TOKENS_MAX, m - t);
                int at = yAt + t * yStride + s * yStripe, xAt = inActivations(w, 0, n, t, m);
                if (LANES < 16) Q4Tiles.run(tokens, w, x, xAt, y, at, yStride, v);
                else if (tokens > Activations.TILE) {
                    int next = inActivations(w, 0, n, t + Activations.TILE, m);
                    Q4WideTiles.runPair(tokens, w, x, xAt, next, y, at, yStride, v);
                } else Q4WideTiles.run(tokens, w, x, xAt, y, at, yStride, v);
            }
        }
    }

    private static void addHalf(
            PackedHalf w, float[] x, int m, float[] y, int yAt, int yStride, int yStripe, int from, int to) {
        int n = w.columns(), half = m <= HALF_IN_PAIRS_MAX ? (to - from) / 2 : 0;
        for (int s = from; s < from + half; s++) {
            int v = s * PER_STRIPE, u = (s + half) * PER_STRIPE;
            int at = yAt + s * yStripe, next = yAt + (s + half) * yStripe;
            HalfTiles.runTwo(m, w, x, 0, y, at, next, yStride, v, u);
        }
        int first = tokensOfFirstTile(m, 3);
        for (int s = from + 2 * half; s < to; s++) {
            int v = s * PER_STRIPE, tokens;
            for (int t = 0; t < m; t += tokens) {
                tokens = Math.min(t == 0 ? first : TOKENS_MAX, m - t);
                int at = yAt + t * yStride + s * yStripe;
                HalfTiles.run(tokens, w, x, t * n, y, at, yStride, v);
            }
        }
    }

    private static void addF32(
            PackedF32 w, float[] x, int m, float[] y, int yAt, int yStride, int yStripe, int from, int to) {
        int n = w.columns(), stripes;
        zero(y, yAt, yStride, yStripe, m, from, to);
        for (int s = from; s < to; s += stripes) {
            stripes = yStripe == STRIPE ? stripesPerTile(to - s) : 1;
            int step = LANES == 16 ? n * PANEL_ROWS : LANES;
            for (int t = 0; t < m; t += Activations.TILE) {
                int tokens = Math.min(Activations.TILE, m - t);
                int at = yAt + t * yStride + s * yStripe;
                FloatTiles.run(stripes * PER_STRIPE, tokens, w.w, s * n * STRIPE, step, n, x, t * n, y, at, yStride);
            }
        }
    }

    /** Stripes that share a float tile, where their rows of output lie side by side: with 512 bits four vectors. */
    private static int stripesPerTile(int left) {
        return LANES == 16 && left >= 2 ? 2 : 1;
    }

    private static void addPanels(
            PackedSlab w,
            float[] x,
            int m,
            float[] y,
            int yAt,
            int yStride,
            int yStripe,
            int from,
            int to,
            Scratch scratch) {
        float[] panel = scratch.panel;
        int n = w.columns(), columns = panelColumns(n, PANEL_COLUMNS_MAX);
        int aheadStripes = ReadAhead.stripes(w, columns);
        zero(y, yAt, yStride, yStripe, m, from, to);
        for (int k = 0; k < n; k += columns) {
            int kTo = Math.min(n, k + columns);
            for (int s = from; s < to; s++) {
                if ((s - from) % aheadStripes == 0)
                    scratch.readAhead = ReadAhead.read(w, s, Math.min(to, s + aheadStripes), k, kTo);
                Panels.fill(w, s, k, kTo, panel, 0, LANES);
                for (int t = 0; t < m; t += Activations.TILE) {
                    int tokens = Math.min(Activations.TILE, m - t);
                    int xAt = t * n + k * tokens, at = yAt + t * yStride + s * yStripe;
                    FloatTiles.run(PER_STRIPE, tokens, panel, 0, LANES, kTo - k, x, xAt, y, at, yStride);
                }
            }
        }
    }

    /** Columns of each panel, whole blocks: as few panels as possible, and nearly equal ones. */
    private static int panelColumns(int n, int most) {
        int even = Math.ceilDiv(n, Math.ceilDiv(n, most));
        return Math.ceilDiv(even, BLOCK_MAX) * BLOCK_MAX;
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
        for (int t = 0; t < queries; t++) {
            int at = scoresAt + t * scoresStride;
            Arrays.fill(scores, at, at + blocks * KEY_BLOCK, 0f);
        }
        int step = LANES == 16 ? headDim * KEY_BLOCK : LANES, together;
        for (int b = 0; b < blocks; b += together) {
            together = blocksPerTile(blocks - b);
            FloatTiles.run(
                    together * KEY_BLOCK / LANES,
                    queries,
                    keys,
                    keysAt + b * headDim * KEY_BLOCK,
                    step,
                    headDim,
                    q,
                    qAt,
                    scores,
                    scoresAt + b * KEY_BLOCK,
                    scoresStride);
        }
    }

    /** Key blocks that share a tile: wide vectors take four, whose streams begin together; of narrow ones, a block is several. */
    private static int blocksPerTile(int left) {
        return LANES < 16 ? 1 : left >= 4 ? 4 : left >= 2 ? 2 : 1;
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
        int d = 0, vectors;
        for (; d + LANES <= headDim; d += vectors * LANES) {
            int left = (headDim - d) / LANES;
            vectors = left >= 4 && (LANES != 8 || queries == 1) ? 4 : left >= 2 ? 2 : 1;
            ValueTiles.run(
                    vectors,
                    queries,
                    values,
                    valuesAt + d,
                    valueStride,
                    positions,
                    weights,
                    weightsAt,
                    weightsStride,
                    out,
                    outAt + d,
                    outStride);
        }
        if (d < headDim)
            super.attentionValues(
                    values,
                    valuesAt + d,
                    valueStride,
                    positions,
                    headDim - d,
                    weights,
                    weightsAt,
                    weightsStride,
                    queries,
                    out,
                    outAt + d,
                    outStride);
    }

    @Override
    void addScaled(float[] x, int xAt, float[] y, int yAt, float e, int n, float[] out, int outAt) {
        int i = 0;
        for (; i + LANES <= n; i += LANES) {
            FloatVector v = FloatVector.fromArray(F, y, yAt + i);
            v.fma(FloatVector.broadcast(F, e), FloatVector.fromArray(F, x, xAt + i))
                    .intoArray(out, outAt + i);
        }
        super.addScaled(x, xAt + i, y, yAt + i, e, n - i, out, outAt + i);
    }

    @Override
    public void rmsNorm(
            float[] x, int xAt, float[] weight, float epsilon, int n, float[] out, int outAt, int outStride) {
        RowScatter.scaled(x, xAt, Sums.inverseRootMean(x, xAt, n, epsilon), weight, n, out, outAt, outStride);
    }

    @Override
    public void add(float[] x, int xAt, float[] y, int yAt, int n) {
        int i = 0;
        for (; i + LANES <= n; i += LANES) {
            FloatVector v = FloatVector.fromArray(F, x, xAt + i);
            v.add(FloatVector.fromArray(F, y, yAt + i)).intoArray(x, xAt + i);
        }
        super.add(x, xAt + i, y, yAt + i, n - i);
    }

    @Override
    public void addProducts(float[] x, int xAt, float[] products, int m, int tokens, int n) {
        int stripe = 0;
        for (; (stripe + 1) * STRIPE <= n; stripe++) {
            int at = Products.at(stripe, m, tokens), to = xAt + stripe * STRIPE;
            for (int i = 0; i < STRIPE; i += LANES) {
                FloatVector v = FloatVector.fromArray(F, x, to + i);
                v.add(FloatVector.fromArray(F, products, at + i)).intoArray(x, to + i);
            }
        }
        int done = stripe * STRIPE;
        add(x, xAt + done, products, Products.at(stripe, m, tokens), n - done);
    }

    @Override
    public void scatter(float[] row, int rowAt, int n, float[] out, int outAt, int outStride) {
        RowScatter.copy(row, rowAt, n, out, outAt, outStride);
    }

    @Override
    public void siluTimes(
            float[] gate, int gateAt, float[] up, int upAt, int stride, int tokens, int n, float[] out, int outAt) {
        for (int t = 0; t < tokens; t++) siluTimes(gate, gateAt + t * stride, up, upAt + t * stride, n);
        RowScatter.interleave(gate, gateAt, stride, tokens, n, out, outAt);
    }

    @Override
    void siluTimes(float[] gate, int gateAt, float[] up, int upAt, int n) {
        int i = 0;
        for (; i + LANES <= n; i += LANES) {
            FloatVector v = FloatVector.fromArray(F, gate, gateAt + i);
            exp(gate, gateAt + i, -1f, 0f, gate, gateAt + i);
            FloatVector e = FloatVector.fromArray(F, gate, gateAt + i);
            v.div(e.add(1f)).mul(FloatVector.fromArray(F, up, upAt + i)).intoArray(gate, gateAt + i);
        }
        super.siluTimes(gate, gateAt + i, up, upAt + i, n - i);
    }

    @Override
    public void attentionWeights(float[] scores, int at, int n, float scale, float[] out, int outAt) {
        if (n < SHORT) {
            super.attentionWeights(scores, at, n, scale, out, outAt);
            return;
        }
        float max = max(scores, at, n) * scale;
        out[outAt] = max;
        out[outAt + 1] = exponentials(scores, at, n, scale, max, scores, at, true);
    }

    @Override
    public double logSumExp(float[] x, int at, int n, float[] block) {
        float max = max(x, at, n);
        double sum = 0;
        for (int from = 0; from < n; from += LOG_SUM_BLOCK)
            sum += exponentials(x, at + from, Math.min(LOG_SUM_BLOCK, n - from), 1f, max, block, 0, false);
        return max + StrictMath.log(sum);
    }

    /**
     * Writes {@code exp(x * scale - max)} of n values and returns their sum, in the order of {@link Sums}.
     *
     * @param hasRoom whether the last vector may reach beyond n
     */
    private static float exponentials(
            float[] x, int at, int n, float scale, float max, float[] out, int outAt, boolean hasRoom) {
        int i = 0;
        for (; i + LANES <= n; i += LANES) exp(x, at + i, scale, max, out, outAt + i);
        lastExponentials(x, at, i, n, scale, max, out, outAt, hasRoom);
        if (LANES < 8) return Sums.plain(out, outAt, n);
        // One vector of eight lanes holds the eight partial sums. A loop of its own: to load a part of what was just
        // stored waits.
        FloatVector sum = FloatVector.zero(EIGHT);
        for (int j = 0; j < i; j += 8)
            sum = FloatVector.fromArray(EIGHT, out, outAt + j).add(sum);
        return Sums.finish(
                sum.lane(0),
                sum.lane(1),
                sum.lane(2),
                sum.lane(3),
                sum.lane(4),
                sum.lane(5),
                sum.lane(6),
                sum.lane(7),
                out,
                outAt + i,
                n - i);
    }

    private static void lastExponentials(
            float[] x, int at, int from, int n, float scale, float max, float[] out, int outAt, boolean hasRoom) {
        if (hasRoom) {
            if (from < n) exp(x, at + from, scale, max, out, outAt + from);
        } else {
            for (int i = from; i < n; i++) out[outAt + i] = Exp.exp(x[at + i] * scale - max);
        }
    }

    /**
     * The largest value; any, where one is not a number, as then the sum of exponentials is none either. Compared and blended,
     * because Java's maximum of floats takes five instructions.
     */
    private static float max(float[] x, int at, int n) {
        float max = Float.NEGATIVE_INFINITY;
        if (n < LANES) {
            for (int i = 0; i < n; i++) max = Math.max(max, x[at + i]);
            return max;
        }
        // The last vector begins where it ends at n: to meet some values twice does no harm.
        FloatVector most = FloatVector.fromArray(F, x, at + n - LANES);
        FloatVector other = most;
        int i = 0;
        for (; i + 2 * LANES <= n; i += 2 * LANES) {
            FloatVector v = FloatVector.fromArray(F, x, at + i);
            most = v.blend(most, v.compare(VectorOperators.LE, most));
            FloatVector w = FloatVector.fromArray(F, x, at + i + LANES);
            other = w.blend(other, w.compare(VectorOperators.LE, other));
        }
        if (i + LANES <= n) {
            FloatVector v = FloatVector.fromArray(F, x, at + i);
            most = v.blend(most, v.compare(VectorOperators.LE, most));
        }
        // As integers in the same order: a reduction of floats may depend on the compiler.
        IntVector ordered = most.max(other).reinterpretAsInts();
        ordered = ordered.lanewise(
                VectorOperators.XOR, ordered.lanewise(VectorOperators.ASHR, 31).and(Integer.MAX_VALUE));
        return Float.intBitsToFloat(ordered(ordered.reduceLanes(VectorOperators.MAX)));
    }

    /** The bits of a float as an integer that is ordered as floats are, and back. */
    private static int ordered(int bits) {
        return bits ^ bits >> 31 & Integer.MAX_VALUE;
    }

    /**
     * {@link Exp#exp} of {@code x * scale - max}, for one vector; lane by lane the same operations. From array to array: a
     * vector that is handed to a method or back is an object wherever the compiler happens not to inline that method.
     */
    private static void exp(float[] x, int at, float scale, float max, float[] out, int outAt) {
        FloatVector value = FloatVector.fromArray(F, x, at).mul(scale).sub(max);
        value = value.blend(Exp.LOWEST, value.compare(VectorOperators.LT, Exp.LOWEST));
        value = value.blend(Exp.HIGHEST, value.compare(VectorOperators.GT, Exp.HIGHEST));
        FloatVector shifted = value.fma(FloatVector.broadcast(F, Exp.LOG2_E), FloatVector.broadcast(F, Exp.ROUND));
        FloatVector n = shifted.sub(Exp.ROUND);
        FloatVector r =
                n.fma(FloatVector.broadcast(F, Exp.LN2_LOW), n.fma(FloatVector.broadcast(F, Exp.LN2_HIGH), value));
        FloatVector p = FloatVector.broadcast(F, Exp.C6).fma(r, FloatVector.broadcast(F, Exp.C5));
        p = p.fma(r, FloatVector.broadcast(F, Exp.C4));
        p = p.fma(r, FloatVector.broadcast(F, Exp.C3));
        p = p.fma(r, FloatVector.broadcast(F, Exp.C2));
        p = p.fma(r, FloatVector.broadcast(F, Exp.C1));
        p = p.fma(r.mul(r), r.add(1f));
        IntVector power =
                shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).add(Exp.ONE_BITS);
        p.mul(power.reinterpretAsFloats()).intoArray(out, outAt);
    }
}
