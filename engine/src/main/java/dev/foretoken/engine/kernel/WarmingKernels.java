package dev.foretoken.engine.kernel;

import dev.foretoken.engine.gguf.TensorType;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Kernels that wait for the compiler: those on vectors once they are compiled, plain loops until then, which it has compiled within
 * milliseconds. A thread of its own warms the others meanwhile. All give the same bits, see {@link Kernels}.
 */
final class WarmingKernels implements Kernels {
    private final Kernels compiled;
    private final KernelWarmUp warmUp;
    private final AtomicBoolean isBegun = new AtomicBoolean();

    /**
     * @param compiled what to become
     * @param types of the matrices to come
     */
    WarmingKernels(Kernels compiled, Collection<TensorType> types) {
        this.compiled = compiled;
        warmUp = new KernelWarmUp(compiled, types);
    }

    @Override
    public void warmUp() {
        if (!isBegun.getAndSet(true))
            Thread.ofPlatform().daemon().name("foretoken-warm-up").start(warmUp);
    }

    @Override
    public boolean isWarm() {
        return warmUp.isDone();
    }

    @Override
    public String name() {
        return compiled.name();
    }

    private Kernels products(int tokens) {
        return choose(warmUp.coversProduct(tokens));
    }

    private Kernels attention(int queries) {
        return choose(warmUp.coversAttention(queries));
    }

    private Kernels rows() {
        return choose(warmUp.coversRows());
    }

    private Kernels choose(boolean isWarm) {
        return isWarm ? compiled : ScalarKernels.INSTANCE;
    }

    @Override
    public void multiply(
            PackedMatrix w, float[] x, int m, float[] y, int yAt, int stripeFrom, int stripeTo, Scratch scratch) {
        products(m).multiply(w, x, m, y, yAt, stripeFrom, stripeTo, scratch);
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
        products(m).multiplyToRows(w, x, m, y, yAt, yStride, stripeFrom, stripeTo, scratch);
    }

    @Override
    public void rmsNorm(
            float[] x, int xAt, float[] weight, float epsilon, int n, float[] out, int outAt, int outStride) {
        rows().rmsNorm(x, xAt, weight, epsilon, n, out, outAt, outStride);
    }

    @Override
    public void add(float[] x, int xAt, float[] y, int yAt, int n) {
        rows().add(x, xAt, y, yAt, n);
    }

    @Override
    public void addProducts(float[] x, int xAt, float[] products, int m, int tokens, int n) {
        rows().addProducts(x, xAt, products, m, tokens, n);
    }

    @Override
    public void scatter(float[] row, int rowAt, int n, float[] out, int outAt, int outStride) {
        rows().scatter(row, rowAt, n, out, outAt, outStride);
    }

    @Override
    public void siluTimes(
            float[] gate, int gateAt, float[] up, int upAt, int stride, int tokens, int n, float[] out, int outAt) {
        rows().siluTimes(gate, gateAt, up, upAt, stride, tokens, n, out, outAt);
    }

    @Override
    public void ropePairs(float[] v, int at, int heads, int headDim, int pairs, float[] cos, float[] sin, int tableAt) {
        rows().ropePairs(v, at, heads, headDim, pairs, cos, sin, tableAt);
    }

    @Override
    public void ropeHalves(
            float[] v, int at, int heads, int headDim, int pairs, float[] cos, float[] sin, int tableAt) {
        rows().ropeHalves(v, at, heads, headDim, pairs, cos, sin, tableAt);
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
        attention(queries)
                .attentionScores(keys, keysAt, blocks, headDim, q, qAt, queries, scores, scoresAt, scoresStride);
    }

    @Override
    public void attentionWeights(float[] scores, int at, int n, float scale, float[] out, int outAt) {
        rows().attentionWeights(scores, at, n, scale, out, outAt);
    }

    @Override
    public double logSumExp(float[] x, int at, int n, float[] block) {
        return rows().logSumExp(x, at, n, block);
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
        attention(queries)
                .attentionValues(
                        values,
                        valuesAt,
                        valueStride,
                        positions,
                        headDim,
                        weights,
                        weightsAt,
                        weightsStride,
                        queries,
                        out,
                        outAt,
                        outStride);
    }

    @Override
    public void mergeAttention(float[] into, int intoAt, float[] next, int nextAt, int headDim, int valueStride) {
        rows().mergeAttention(into, intoAt, next, nextAt, headDim, valueStride);
    }
}
