package dev.foretoken.engine.model;

import dev.foretoken.engine.kernel.Activations;
import dev.foretoken.engine.kernel.Kernels;
import dev.foretoken.engine.kernel.Scratch;
import dev.foretoken.engine.kv.KvCache;
import dev.foretoken.engine.kv.KvShape;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Attention of a few tiles of up to six queries (rows x heads) of one session and one key-value head. A query visits the
 * positions of its prefix and then its ancestors by depth, so scores, weights and sums lie in the order of logical
 * positions whatever tree, batch or pages look like; what is stored between is scored with its block and never read.
 *
 * <p>Keys and values are visited page by page, each page by all tiles while it is in the first cache.
 * <p>Working memory of one compute thread; nothing is allocated per step.
 */
final class AttentionWorker {
    private static final int TILES_MAX = 4;
    private static final int TILE = Kernels.QUERIES_MAX;
    /** Scores of more than one tile take at most so much room, 4 MB: a very long context is visited tile by tile. */
    private static final int SCORES_MAX = 1 << 20;

    private final Kernels kernels;
    private final Scratch scratch;
    private final ModelShape shape;
    private final int headsPerGroup;
    private final float scale;
    private final int queryFloats;
    private final int scoresStride;
    private final int outStride;
    private final float[] tileQueries; // of each tile, as activations of headDim columns
    private final float[] scores; // [queries][positions]
    private final float[] sums; // [queries][headDim, padded]
    private final int tilesMax;
    private final int[] tileEnd = new int[TILES_MAX]; // stored positions that any query of the tile sees
    private final int[] tileShared = new int[TILES_MAX]; // prefix that every query of the tile sees

    // What the queries of a call have in common.
    private @Nullable RowBatch batch;
    private @Nullable KvCache cache;
    private int layer;
    private int slot;
    private int firstRow;
    private int kvHead;
    private int firstQuery;
    private int queries;
    private int tiles;

    AttentionWorker(Kernels kernels, ModelShape shape, int positionsMax, Scratch scratch) {
        this.kernels = kernels;
        this.scratch = scratch;
        this.shape = shape;
        headsPerGroup = shape.heads() / shape.kvHeads();
        scale = (float) (1 / Math.sqrt(shape.headDim()));
        queryFloats = TILE * shape.headDim();
        scoresStride = Math.ceilDiv(positionsMax, KvShape.BLOCK) * KvShape.BLOCK;
        outStride = Math.ceilDiv(shape.headDim(), KvShape.BLOCK) * KvShape.BLOCK;
        tilesMax = Math.clamp(SCORES_MAX / TILE / scoresStride, 1, TILES_MAX);
        tileQueries = new float[tilesMax * queryFloats];
        scores = new float[tilesMax * TILE * scoresStride];
        sums = new float[tilesMax * TILE * outStride];
    }

    /** Most queries of one call. */
    int queriesMax() {
        return tilesMax * TILE;
    }

    void turnTo(RowBatch rows, KvCache kvCache, int layerIndex, int group, int kvHeadIndex) {
        batch = rows;
        cache = kvCache;
        layer = layerIndex;
        slot = rows.groupSlot(group);
        firstRow = rows.groupStart(group);
        kvHead = kvHeadIndex;
    }

    /** Attends queries [query, query + count) of the group and writes their heads into the activations. */
    void attend(int query, int count, float[] qkv, int qkvStride, float[] out) {
        firstQuery = query;
        queries = count;
        tiles = Math.ceilDiv(count, TILE);
        for (int tile = 0; tile < tiles; tile++) {
            prepare(tile, qkv, qkvStride);
        }
        score();
        for (int q = 0; q < count; q++) {
            weigh(row(q), q * scoresStride);
        }
        sumValues();
        for (int q = 0; q < count; q++) {
            int stride = Activations.stride(row(q), batch.rowCount());
            int to = Activations.at(row(q), batch.rowCount(), shape.queryWidth());
            Activations.scatter(
                    sums, q * outStride, shape.headDim(), out, to + head(q) * shape.headDim() * stride, stride);
        }
    }

    private int row(int q) {
        return firstRow + (firstQuery + q) / headsPerGroup;
    }

    private int head(int q) {
        return kvHead * headsPerGroup + (firstQuery + q) % headsPerGroup;
    }

    private int queriesOf(int tile) {
        return Math.min(TILE, queries - tile * TILE);
    }

    private void prepare(int tile, float[] qkv, int qkvStride) {
        int count = queriesOf(tile);
        int end = 0;
        int shared = Integer.MAX_VALUE;
        for (int t = 0; t < count; t++) {
            int q = tile * TILE + t;
            int from = row(q) * qkvStride + head(q) * shape.headDim();
            int to = tile * queryFloats + Activations.at(t, count, shape.headDim());
            Activations.scatter(qkv, from, shape.headDim(), tileQueries, to, Activations.stride(t, count));
            end = Math.max(end, batch.storedEnd(row(q)));
            shared = Math.min(shared, batch.visiblePrefix(row(q)));
        }
        tileEnd[tile] = end;
        tileShared[tile] = shared;
    }

    /** The largest of the tiles' numbers. */
    private int most(int[] ofTile) {
        int most = 0;
        for (int tile = 0; tile < tiles; tile++) {
            most = Math.max(most, ofTile[tile]);
        }
        return most;
    }

    /** Scores whole blocks up to the last position that any query of a tile sees. */
    private void score() {
        int pageTokens = cache.shape().pageTokens();
        int end = most(tileEnd);
        for (int position = 0; position < end; position += pageTokens) {
            float[] page = cache.page(slot, position);
            int keysAt = cache.keyBlockOffset(layer, kvHead, position);
            for (int tile = 0; tile < tiles; tile++) {
                int inPage = Math.min(tileEnd[tile] - position, pageTokens);
                if (inPage > 0) {
                    kernels.attentionScores(
                            page,
                            keysAt,
                            Math.ceilDiv(inPage, KvShape.BLOCK),
                            shape.headDim(),
                            tileQueries,
                            tile * queryFloats,
                            queriesOf(tile),
                            scores,
                            tile * TILE * scoresStride + position,
                            scoresStride);
                }
            }
        }
    }

    /** Moves the scores of ancestors behind those of the prefix, then turns them into weights. */
    private void weigh(int row, int at) {
        int next = at + batch.visiblePrefix(row);
        for (long beyond = batch.ancestorsBeyond(row); beyond != 0; beyond &= beyond - 1) {
            scores[next++] = scores[at + batch.base(row) + Long.numberOfTrailingZeros(beyond)];
        }
        kernels.softmax(scores, at, next - at, scale);
    }

    /** The prefix that a tile's queries share is added for all of them at once, the rest query by query. */
    private void sumValues() {
        Arrays.fill(sums, 0, queries * outStride, 0f);
        int pageTokens = cache.shape().pageTokens();
        int shared = most(tileShared);
        for (int position = 0; position < shared; position += pageTokens) {
            for (int tile = 0; tile < tiles; tile++) {
                int to = Math.min(tileShared[tile], position + pageTokens);
                if (position < to) {
                    addValues(position, to, position, tile * TILE, queriesOf(tile));
                }
            }
        }
        for (int q = 0; q < queries; q++) {
            addOwnValues(q, tileShared[q / TILE]);
        }
    }

    private void addOwnValues(int q, int from) {
        int prefix = batch.visiblePrefix(row(q));
        addValues(from, prefix, from, q, 1);
        int next = prefix;
        for (long beyond = batch.ancestorsBeyond(row(q)); beyond != 0; beyond &= beyond - 1) {
            int position = batch.base(row(q)) + Long.numberOfTrailingZeros(beyond);
            addValues(position, position + 1, next++, q, 1);
        }
    }

    /** Adds the values stored at [from, to) to {@code count} queries from q on; their weights begin at weightFrom. */
    private void addValues(int from, int to, int weightFrom, int q, int count) {
        int pageTokens = cache.shape().pageTokens();
        int position = from;
        while (position < to) {
            int run = Math.min(to - position, pageTokens - position % pageTokens);
            kernels.attentionValues(
                    cache.page(slot, position),
                    cache.valueOffset(layer, kvHead, position),
                    outStride,
                    run,
                    shape.headDim(),
                    scores,
                    q * scoresStride + weightFrom + position - from,
                    scoresStride,
                    count,
                    sums,
                    q * outStride,
                    outStride,
                    scratch);
            position += run;
        }
    }
}
