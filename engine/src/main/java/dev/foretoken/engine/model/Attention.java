package dev.foretoken.engine.model;

import dev.foretoken.engine.kernel.Activations;
import dev.foretoken.engine.kernel.Kernels;
import dev.foretoken.engine.kernel.Scratch;
import dev.foretoken.engine.kv.KvCache;

/**
 * Splits the attention of a batch into chunks, which may run at the same time: a chunk is some queries of one session and one
 * key-value head. Who computes a chunk, and with what else, does not change a bit of it.
 *
 * <p>Every chunk reads its head's keys and values, which at long contexts takes more time than the arithmetic. So a chunk has
 * as many queries as a worker takes; only where a few chunks would leave threads without work at the end, the heads that do
 * not go round evenly are split among threads.
 */
final class Attention {
    /** So many chunks for each thread keep all threads busy to the end. */
    private static final int CHUNKS_PER_THREAD = 3;

    private final ModelShape shape;
    private final int threads;
    private final int headsPerGroup;
    private final int queriesMax;
    private final int evenHeads;
    private final int oddHeads;
    private final AttentionWorker[] workers;
    private final int[] firstChunk;
    private boolean splits;

    Attention(Kernels kernels, ModelShape shape, Scratch[] scratch, int positionsMax, int rowsMax) {
        this.shape = shape;
        threads = scratch.length;
        headsPerGroup = shape.heads() / shape.kvHeads();
        oddHeads = shape.kvHeads() % threads;
        evenHeads = shape.kvHeads() - oddHeads;
        workers = new AttentionWorker[threads];
        for (int i = 0; i < threads; i++) {
            workers[i] = new AttentionWorker(kernels, shape, positionsMax, scratch[i]);
        }
        queriesMax = workers[0].queriesMax();
        firstChunk = new int[rowsMax + 1];
    }

    /** Splits a batch into chunks, the same ones for every layer, and returns how many there are. */
    int plan(RowBatch batch) {
        splits = false;
        if (count(batch) < CHUNKS_PER_THREAD * threads) {
            splits = true;
            count(batch);
        }
        return firstChunk[batch.groupCount()];
    }

    private int count(RowBatch batch) {
        for (int group = 0; group < batch.groupCount(); group++) {
            int queries = queriesPerHead(batch, group);
            firstChunk[group + 1] = firstChunk[group]
                    + evenHeads * Math.ceilDiv(queries, queriesMax)
                    + oddHeads * Math.ceilDiv(queries, oddChunkQueries(queries));
        }
        return firstChunk[batch.groupCount()];
    }

    private int queriesPerHead(RowBatch batch, int group) {
        return (batch.groupStart(group + 1) - batch.groupStart(group)) * headsPerGroup;
    }

    /** Queries of a chunk of the heads that do not go round evenly. */
    private int oddChunkQueries(int queries) {
        if (!splits || oddHeads == 0) {
            return queriesMax;
        }
        int parts = Math.ceilDiv(threads, oddHeads);
        // Less than a tile is not worth reading keys and values twice.
        return Math.clamp(Math.ceilDiv(queries, parts), Activations.TILE, queriesMax);
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
        int queries = queriesPerHead(batch, group);
        int size = queriesMax;
        int perHead = Math.ceilDiv(queries, size);
        int inGroup = chunk - firstChunk[group];
        // As many heads at once as there are threads, so that each thread finds its next chunk's keys and values in its
        // cache.
        int heads = threads;
        int firstHead = inGroup / (heads * perHead) * heads;
        if (firstHead >= evenHeads) {
            firstHead = evenHeads;
            heads = oddHeads;
            size = oddChunkQueries(queries);
        }
        int inHeads = inGroup - firstHead * perHead;
        int from = inHeads / heads * size;
        int to = Math.min(queries, from + size);
        AttentionWorker mine = workers[worker];
        mine.turnTo(batch, cache, layer, group, firstHead + inHeads % heads);
        mine.attend(from, to - from, qkv, qkvStride, out);
    }
}
