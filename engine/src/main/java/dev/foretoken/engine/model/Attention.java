package dev.foretoken.engine.model;

import dev.foretoken.engine.kernel.Activations;
import dev.foretoken.engine.kernel.Kernels;
import dev.foretoken.engine.kv.KvCache;

/**
 * Splits the attention of a batch into chunks, which may run at the same time: a chunk is a few tiles of queries of one
 * session and one key-value head. Who computes a chunk, and with what else, does not change a bit of it.
 */
final class Attention {
    /** Larger chunks read keys and values less often; so many for each thread keep all threads busy to the end. */
    private static final int CHUNKS_PER_THREAD = 3;

    private final ModelShape shape;
    private final int headsPerGroup;
    private final AttentionWorker[] workers;
    private final int[] firstChunk;
    private int chunkQueries;

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
        int tiles = Math.ceilDiv(batch.rowCount() * shape.heads(), Activations.TILE);
        int perChunk = Math.clamp(tiles / (CHUNKS_PER_THREAD * workers.length), 1, workers[0].tilesMax());
        chunkQueries = perChunk * Activations.TILE;
        for (int group = 0; group < batch.groupCount(); group++) {
            firstChunk[group + 1] = firstChunk[group] + shape.kvHeads() * chunksPerHead(batch, group);
        }
        return firstChunk[batch.groupCount()];
    }

    private int queriesPerHead(RowBatch batch, int group) {
        return (batch.groupStart(group + 1) - batch.groupStart(group)) * headsPerGroup;
    }

    private int chunksPerHead(RowBatch batch, int group) {
        return Math.ceilDiv(queriesPerHead(batch, group), chunkQueries);
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
        // As many heads at once as there are threads, so that each thread finds its next chunk's keys and values in its
        // cache.
        int inGroup = chunk - firstChunk[group];
        int perHead = chunksPerHead(batch, group);
        int firstHead = inGroup / (workers.length * perHead) * workers.length;
        int heads = Math.min(workers.length, shape.kvHeads() - firstHead);
        int inHeads = inGroup - firstHead * perHead;
        int from = inHeads / heads * chunkQueries;
        int to = Math.min(queriesPerHead(batch, group), from + chunkQueries);
        AttentionWorker mine = workers[worker];
        mine.turnTo(batch, cache, layer, group, firstHead + inHeads % heads);
        mine.attend(from, to - from, qkv, qkvStride, out);
    }
}
