package dev.foretoken.engine.model;

import dev.foretoken.engine.kernel.Activations;
import dev.foretoken.engine.kernel.Kernels;
import dev.foretoken.engine.kv.KvCache;

/**
 * Splits the attention of a batch into chunks, which may run at the same time: a chunk is a few tiles of queries of one
 * session and one key-value head. Who computes a chunk, and with what else, does not change a bit of it.
 */
final class Attention {
    private static final int CHUNK_QUERIES = 4 * Activations.TILE;

    private final ModelShape shape;
    private final int headsPerGroup;
    private final AttentionWorker[] workers;
    private final int[] firstChunk;

    Attention(Kernels kernels, ModelShape shape, int threads, int positionsMax, int rowsMax) {
        this.shape = shape;
        headsPerGroup = shape.heads() / shape.kvHeads();
        workers = new AttentionWorker[threads];
        for (int i = 0; i < threads; i++) {
            workers[i] = new AttentionWorker(kernels, shape, positionsMax);
        }
        firstChunk = new int[rowsMax + 1];
    }

    /** Splits a batch into chunks, the same ones for every layer, and returns how many there are. */
    int plan(RowBatch batch) {
        for (int group = 0; group < batch.groupCount(); group++) {
            firstChunk[group + 1] = firstChunk[group] + shape.kvHeads() * chunksPerHead(batch, group);
        }
        return firstChunk[batch.groupCount()];
    }

    private int queriesPerHead(RowBatch batch, int group) {
        return (batch.groupStart(group + 1) - batch.groupStart(group)) * headsPerGroup;
    }

    private int chunksPerHead(RowBatch batch, int group) {
        return Math.ceilDiv(queriesPerHead(batch, group), CHUNK_QUERIES);
    }

    /**
     * Runs one chunk of the plan.
     *
     * @param qkv turned queries in front of each row, {@code [M][qkvStride]}
     * @param out activations of M tokens of {@code heads x headDim} columns
     */
    void run(int chunk, int worker, RowBatch batch, KvCache cache, int layer, float[] qkv, int qkvStride, float[] out) {
        int group = 0;
        while (chunk >= firstChunk[group + 1]) {
            group++;
        }
        int inGroup = chunk - firstChunk[group];
        int perHead = chunksPerHead(batch, group);
        int from = inGroup % perHead * CHUNK_QUERIES;
        int to = Math.min(queriesPerHead(batch, group), from + CHUNK_QUERIES);
        AttentionWorker mine = workers[worker];
        mine.turnTo(batch, cache, layer, group, inGroup / perHead);
        for (int query = from; query < to; query += Activations.TILE) {
            mine.attend(query, Math.min(Activations.TILE, to - query), qkv, qkvStride, out);
        }
    }
}
