package dev.foretoken.engine.model;

import dev.foretoken.engine.kernel.Kernels;
import dev.foretoken.engine.kernel.PackedMatrix;
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
    private final float[] qkv; // [M][padded rows of the layer's matrices]

    AttentionInputs(LanguageModel model, Kernels kernels, int rowsMax, int positionsMax) {
        this.kernels = kernels;
        shape = model.config().shape();
        pairing = model.config().rope().pairing();
        rotary = new RotaryTable(model.rotary(), positionsMax);
        rotatedPairs = model.rotary().pairs();
        qkv = new float[rowsMax * model.qkvFloatsMax()];
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
        matrices.multiply(kernels, normed, batch.rowCount(), qkv, from, to, scratch);
        int keyWidth = shape.kvHeads() * shape.headDim();
        for (int row = 0; row < batch.rowCount(); row++) {
            finish(weights, LayerWeights.QUERY, shape.queryWidth(), batch, cache, layer, row, from, to);
            finish(weights, LayerWeights.KEY, keyWidth, batch, cache, layer, row, from, to);
            finish(weights, LayerWeights.VALUE, keyWidth, batch, cache, layer, row, from, to);
        }
    }

    /** Finishes what one of the three has in stripes [from, to) of one row. */
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
        int first = Math.max(0, from * PackedMatrix.STRIPE - start);
        int count = Math.min(width, to * PackedMatrix.STRIPE - start) - first;
        if (count <= 0) {
            return;
        }
        int at = row * weights.qkv().paddedRows() + start + first;
        if (weights.qkvBias().length > 0) {
            kernels.add(qkv, at, weights.qkvBias(), start + first, count);
        }
        if (member != LayerWeights.VALUE) {
            turn(batch.position(row), at, first, count);
        }
        if (member == LayerWeights.KEY) {
            cache.storeKeys(batch.slot(row), layer, batch.storedAt(row), first, count, qkv, at);
        } else if (member == LayerWeights.VALUE) {
            cache.storeValues(batch.slot(row), layer, batch.storedAt(row), first, count, qkv, at);
        }
    }

    /** Turns numbers [first, first + count) of heads behind each other; a part of a head only where neighbours turn together. */
    private void turn(int position, int at, int first, int count) {
        int headDim = shape.headDim();
        for (int done = 0; done < count; ) {
            int dimension = (first + done) % headDim;
            int heads = dimension == 0 ? (count - done) / headDim : 0;
            if (heads > 0) {
                turnHeads(position, at + done, heads);
                done += heads * headDim;
            } else {
                int run = Math.min(headDim - dimension, count - done);
                turnPart(position, at + done, dimension, run);
                done += run;
            }
        }
    }

    private void turnHeads(int position, int at, int heads) {
        float[] cos = rotary.cos(position);
        float[] sin = rotary.sin(position);
        if (pairing == RopePairing.NEIGHBOURS) {
            kernels.ropePairs(qkv, at, heads, shape.headDim(), rotatedPairs, cos, sin, rotary.at(position));
        } else {
            kernels.ropeHalves(qkv, at, heads, shape.headDim(), rotatedPairs, cos, sin, rotary.at(position));
        }
    }

    private void turnPart(int position, int at, int dimension, int count) {
        assert pairing == RopePairing.NEIGHBOURS : "a chunk divides a head";
        int pairs = Math.min(rotatedPairs, (dimension + count) / 2) - dimension / 2;
        kernels.ropePairs(
                qkv,
                at,
                1,
                shape.headDim(),
                pairs,
                rotary.cos(position),
                rotary.sin(position),
                rotary.at(position) + dimension / 2);
    }
}
