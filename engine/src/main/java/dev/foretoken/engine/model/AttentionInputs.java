package dev.foretoken.engine.model;

import dev.foretoken.engine.kernel.Kernels;
import dev.foretoken.engine.kernel.PackedMatrix;
import dev.foretoken.engine.kernel.Products;
import dev.foretoken.engine.kernel.Scratch;
import dev.foretoken.engine.kv.KvCache;

/**
 * Queries, keys and values of a batch. Whoever has multiplied some of their rows finishes these too, while they are in its
 * cache: adds the bias, turns queries and keys, stores keys and values.
 */
final class AttentionInputs {
    private final Kernels kernels;
    private final ModelShape shape;
    private final RopePairing pairing;
    private final RotaryTable rotary;
    private final int rotatedPairs;
    private final float[] products; // of the layer's matrices and M tokens
    private final float[] qkv; // [M][padded rows of the layer's matrices]

    AttentionInputs(LanguageModel model, Kernels kernels, int rowsMax, int positionsMax) {
        this.kernels = kernels;
        shape = model.config().shape();
        pairing = model.config().rope().pairing();
        rotary = new RotaryTable(model.rotary(), positionsMax);
        rotatedPairs = model.rotary().pairs();
        products = new float[Math.multiplyExact(rowsMax, model.qkvFloatsMax())];
        qkv = new float[products.length];
    }

    /** Makes a batch's positions readable; by the owner of the pass, between regions. */
    void require(RowBatch batch) {
        for (int row = 0; row < batch.rowCount(); row++) {
            rotary.require(batch.position(row));
        }
    }

    /** So many stripes stay together in a chunk, so that both numbers of every pair that turns do. */
    int stripesPerUnit(MatrixGroup matrices) {
        if (pairing == RopePairing.NEIGHBOURS) {
            return 1;
        }
        int headDim = shape.headDim();
        boolean fits = headDim % PackedMatrix.STRIPE == 0 || PackedMatrix.STRIPE % headDim == 0;
        return fits || matrices.isOneMatrix() ? unitOf(headDim) : matrices.stripes();
    }

    /** The least number of stripes that are whole heads. */
    private static int unitOf(int headDim) {
        int stripes = 1;
        while (stripes * PackedMatrix.STRIPE % headDim != 0) {
            stripes++;
        }
        return stripes;
    }

    /** Queries in front of each row: {@code [M][paddedRows]}. */
    float[] queries() {
        return qkv;
    }

    /**
     * Computes and finishes stripes [from, to) of a layer for all rows.
     *
     * @param normed activations of all rows
     */
    void run(
            LayerWeights weights,
            float[] normed,
            RowBatch batch,
            KvCache cache,
            int layer,
            int from,
            int to,
            Scratch scratch) {
        MatrixGroup matrices = weights.qkv();
        int rows = batch.rowCount();
        matrices.multiply(kernels, normed, rows, products, from, to, scratch);
        int keyWidth = shape.kvHeads() * shape.headDim();
        for (int row = 0; row < rows; row++) {
            Products.gather(products, row, rows, from, to, qkv, row * matrices.paddedRows());
            finish(weights, LayerWeights.QUERY, shape.queryWidth(), batch, cache, layer, row, from, to);
            finish(weights, LayerWeights.KEY, keyWidth, batch, cache, layer, row, from, to);
            finish(weights, LayerWeights.VALUE, keyWidth, batch, cache, layer, row, from, to);
        }
    }

    /** Finishes what one of the three has in stripes [from, to) of one row, head after head. */
    private void finish(
            LayerWeights weights,
            int member,
            int width,
            RowBatch batch,
            KvCache cache,
            int layer,
            int row,
            int from,
            int to) {
        int start = weights.qkv().rowOffset(member);
        int end = Math.min(width, to * PackedMatrix.STRIPE - start);
        int headDim = shape.headDim();
        int count;
        for (int i = Math.max(0, from * PackedMatrix.STRIPE - start); i < end; i += count) {
            int head = i / headDim;
            int dimension = i % headDim;
            count = Math.min(headDim - dimension, end - i);
            int at = row * weights.qkv().paddedRows() + start + i;
            if (weights.qkvBias().length > 0) {
                kernels.add(qkv, at, weights.qkvBias(), start + i, count);
            }
            if (member != LayerWeights.VALUE) {
                turn(batch.position(row), at, dimension, count);
            }
            if (member == LayerWeights.KEY) {
                cache.storeKey(batch.slot(row), layer, head, batch.storedAt(row), dimension, count, qkv, at);
            } else if (member == LayerWeights.VALUE) {
                cache.storeValue(batch.slot(row), layer, head, batch.storedAt(row), dimension, count, qkv, at);
            }
        }
    }

    /** Turns so many numbers of a head, from a dimension on; a part of it only where neighbours turn together. */
    private void turn(int position, int at, int dimension, int count) {
        float[] cos = rotary.cos(position);
        float[] sin = rotary.sin(position);
        int tableAt = rotary.at(position) + dimension / 2;
        if (pairing == RopePairing.NEIGHBOURS) {
            int pairs = Math.min(rotatedPairs, (dimension + count) / 2) - dimension / 2;
            kernels.ropePairs(qkv, at, 1, shape.headDim(), pairs, cos, sin, tableAt);
        } else {
            assert count == shape.headDim() : "a chunk divides a head";
            kernels.ropeHalves(qkv, at, 1, shape.headDim(), rotatedPairs, cos, sin, tableAt);
        }
    }
}
