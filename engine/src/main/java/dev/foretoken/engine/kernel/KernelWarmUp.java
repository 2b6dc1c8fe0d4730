package dev.foretoken.engine.kernel;

import dev.foretoken.engine.gguf.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Collection;
import java.util.concurrent.TimeUnit;

/**
 * Runs kernels on made-up weights, kind by kind, until the compiler has seen them, and knows which are compiled. Until then code on
 * vectors is interpreted, an object for each operation, and a thousand times slower than it will be.
 *
 * <p>Threading: {@link #run} on a thread of its own, all else from any thread.
 */
final class KernelWarmUp implements Runnable {
    /** Products of so many tokens need a panel. */
    private static final int PANEL_TOKENS = VectorKernels.IN_REGISTERS_MAX + 1;
    /** Numbers of tokens in the order in which products are warmed: those of every tile, then of a panel. */
    private static final int[] TOKENS = {1, 2, 3, 4, 5, 6, 7, 8, PANEL_TOKENS};
    /** More tokens need no other tiles until they need a panel. */
    private static final int EVERY_TILE = 2 * Activations.TILE;

    /** Three stripes: two for tiles that take two, and one that is left; the shortest rows that every type has. */
    private static final int ROWS = 3 * PackedMatrix.STRIPE;

    private static final int COLUMNS = 256;
    /** One tile of four blocks, one of two and one of one. */
    private static final int KEY_BLOCKS = 7;

    private static final int HEAD_DIM = 64;
    private static final float EPSILON = 1e-5f;

    /** Compiled code takes at most this for what it does with 16 floats, any other several times as long. */
    private static final double NS_PER_VECTOR_MAX = 5;

    private static final int VECTOR = 16;
    /** What a call may take besides. */
    private static final long CALL_NS_MAX = 2_000;
    /** So many runs in a row are as fast as compiled code: one may be luck. */
    private static final int FAST_RUNS = 3;
    /** A JVM that compiles nothing until then never will: the rest is taken as it is. */
    private static final long TOTAL_NS_MAX = TimeUnit.SECONDS.toNanos(20);

    private final Kernels kernels;
    private final PackedMatrix[] matrices;
    private final Scratch scratch = new Scratch();
    private final float[] x = new float[PANEL_TOKENS * COLUMNS];
    private final float[] y = new float[PANEL_TOKENS * ROWS];

    private long untilNs;
    private volatile boolean areRowsWarm;
    private volatile int productTokens = -1; // not even products of no tokens are covered at first
    private volatile int attentionQueries;

    /** @param types of the matrices to come */
    KernelWarmUp(Kernels kernels, Collection<TensorType> types) {
        this.kernels = kernels;
        matrices = types.stream().map(KernelWarmUp::matrix).toArray(PackedMatrix[]::new);
        for (int i = 0; i < x.length; i++) x[i] = 1f + i % VECTOR;
    }

    private static PackedMatrix matrix(TensorType type) {
        byte[] bytes = new byte[Math.toIntExact(type.sizeBytes((long) ROWS * COLUMNS))];
        Arrays.fill(bytes, (byte) 0x2a); // as a scale, 0.05
        return PackedMatrix.pack(type, ROWS, COLUMNS, MemorySegment.ofArray(bytes), null);
    }

    /** Whether products with so many tokens are compiled. */
    boolean coversProduct(int tokens) {
        return tokens <= productTokens;
    }

    /** Whether attention of so many queries at once is compiled. */
    boolean coversAttention(int queries) {
        return queries <= attentionQueries;
    }

    /** Whether everything else is: norms, sums, activation functions. */
    boolean coversRows() {
        return areRowsWarm;
    }

    /** Whether everything is. */
    boolean isDone() {
        return productTokens == Integer.MAX_VALUE;
    }

    @Override
    public void run() {
        untilNs = System.nanoTime() + TOTAL_NS_MAX;
        try {
            for (int tokens : TOKENS) {
                for (PackedMatrix w : matrices) warmProduct(w, tokens);
                productTokens = tokens == EVERY_TILE ? PANEL_TOKENS - 1 : tokens;
                if (tokens <= Activations.TILE) warmAttention(tokens);
                if (tokens == Activations.TILE) warmRows();
            }
        } finally {
            areRowsWarm = true;
            attentionQueries = Activations.TILE;
            productTokens = Integer.MAX_VALUE;
        }
    }

    private void warmProduct(PackedMatrix w, int tokens) {
        untilCompiled(ROWS * COLUMNS * tokens, () -> kernels.multiply(w, x, tokens, y, 0, 0, w.stripes(), scratch));
    }

    private void warmAttention(int queries) {
        int positions = KEY_BLOCKS * Kernels.KEY_BLOCK;
        float[] page = new float[positions * HEAD_DIM], out = new float[queries * HEAD_DIM];
        float[] scores = new float[queries * positions];
        untilCompiled(2 * queries * positions * HEAD_DIM, () -> {
            kernels.attentionScores(page, 0, KEY_BLOCKS, HEAD_DIM, x, 0, queries, scores, 0, positions);
            kernels.attentionValues(
                    page, 0, HEAD_DIM, positions, HEAD_DIM, scores, 0, positions, queries, out, 0, HEAD_DIM);
        });
        attentionQueries = queries;
    }

    private void warmRows() {
        float[] row = new float[COLUMNS], ones = new float[COLUMNS], out = new float[Activations.TILE * COLUMNS];
        float[] sums = new float[2], block = new float[Kernels.LOG_SUM_BLOCK];
        Arrays.fill(ones, 1f);
        untilCompiled(100 * COLUMNS, () -> {
            kernels.rmsNorm(ones, 0, ones, EPSILON, COLUMNS, out, 0, 1);
            kernels.rmsNorm(ones, 0, ones, EPSILON, COLUMNS, out, 0, Activations.TILE);
            kernels.add(row, 0, ones, 0, COLUMNS);
            kernels.addProducts(row, 0, ones, 0, 1, COLUMNS);
            kernels.scatter(row, 0, COLUMNS, out, 0, Activations.TILE);
            kernels.siluTimes(row, 0, ones, 0, COLUMNS, 1, COLUMNS, out, 0);
            kernels.attentionWeights(row, 0, COLUMNS, 1f, sums, 0);
            kernels.logSumExp(row, 0, COLUMNS, block);
        });
        areRowsWarm = true;
    }

    /** @param floats how many a step does something with, about */
    private void untilCompiled(int floats, Runnable step) {
        long mostNs = CALL_NS_MAX + (long) (NS_PER_VECTOR_MAX * floats / VECTOR);
        long beganNs = System.nanoTime();
        for (int fast = 0; fast < FAST_RUNS && beganNs < untilNs; ) {
            step.run();
            long endNs = System.nanoTime();
            fast = endNs - beganNs <= mostNs ? fast + 1 : 0;
            beganNs = endNs;
        }
    }
}
