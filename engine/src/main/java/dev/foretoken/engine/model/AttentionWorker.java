package dev.foretoken.engine.model;

import dev.foretoken.engine.kernel.Activations;
import dev.foretoken.engine.kernel.Kernels;
import dev.foretoken.engine.kernel.PartialAttention;
import dev.foretoken.engine.kv.KvCache;
import dev.foretoken.engine.kv.KvShape;
import dev.foretoken.engine.tree.TokenTree;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Attention of a few tiles of up to four queries (rows x heads) of one session and one key-value head, block by block of
 * logical positions. A query visits the positions of its prefix and then its ancestors by depth, so scores, weights and sums
 * lie in the order of logical positions whatever tree, batch or pages look like; what is stored between is scored with its
 * block and never read.
 *
 * <p>Keys and values are visited page by page, each page by all tiles while it is in the first cache.
 * <p>Working memory of one compute thread; nothing is allocated per step.
 */
final class AttentionWorker {
    /** Most queries at once. */
    static final int QUERIES_MAX = 24;

    private static final int TILE = Activations.TILE;
    private static final int TILES_MAX = QUERIES_MAX / TILE + 1;

    private static final int BLOCK = PartialAttention.BLOCK;
    /**
     * Positions that are scored at once: a block; or what lies between the first query's open block and the last one's end,
     * as rows of a session are neighbours and a tree's nodes see at least what comes before the tree.
     */
    private static final int SCORES_STRIDE =
            Math.ceilDiv(BLOCK + QUERIES_MAX + TokenTree.NODES_MAX, KvShape.BLOCK) * KvShape.BLOCK;

    private final Kernels kernels;
    private final ModelShape shape;
    private final int headsPerGroup;
    private final float scale;
    private final int queryFloats;
    private final int valueStride;
    private final int partFloats;
    private final float[] tileQueries; // of each tile, as activations of headDim columns
    private final float[] scores = new float[QUERIES_MAX * SCORES_STRIDE];
    private final float[] blockParts; // [queries] parts of a block that is merged at once
    private final float[] ownParts; // [queries] parts of all blocks
    private final int[] tileStart = new int[TILES_MAX + 1]; // first query of the tile
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

    AttentionWorker(Kernels kernels, ModelShape shape) {
        this.kernels = kernels;
        this.shape = shape;
        headsPerGroup = shape.heads() / shape.kvHeads();
        scale = scale(shape.headDim());
        queryFloats = TILE * shape.headDim();
        valueStride = KvShape.valueStride(shape.headDim());
        partFloats = PartialAttention.floats(valueStride);
        tileQueries = new float[TILES_MAX * queryFloats];
        blockParts = new float[QUERIES_MAX * partFloats];
        ownParts = new float[QUERIES_MAX * partFloats];
    }

    /** What products of queries and keys are multiplied by: one over the root of their length. */
    static float scale(int headDim) {
        return (float) (1 / Math.sqrt(headDim));
    }

    /** Turns to some queries, at most {@link #QUERIES_MAX}, of a group and a head. */
    void turnTo(RowBatch rows, KvCache kvCache, int layerIndex, AttentionPlan plan, int unit) {
        batch = rows;
        cache = kvCache;
        layer = layerIndex;
        slot = rows.groupSlot(plan.group(unit));
        firstRow = rows.groupStart(plan.group(unit));
        kvHead = plan.kvHead(unit);
        firstQuery = plan.firstQuery(unit);
        queries = plan.queries(unit);
    }

    /** Takes up the queries, in tiles. */
    void take(float[] qkv, int qkvStride) {
        tiles = 0;
        // One query goes ahead: the less is to be done with a cache line, the more of them are on their way at once.
        // A full set of queries is one of several that read these keys and values, which are in a cache by then.
        int next = queries < QUERIES_MAX ? 1 : TILE;
        while (next < queries) {
            tileStart[++tiles] = next;
            next += TILE;
        }
        tileStart[++tiles] = queries;
        for (int tile = 0; tile < tiles; tile++) {
            takeTile(tile, qkv, qkvStride);
        }
    }

    private void takeTile(int tile, float[] qkv, int qkvStride) {
        int count = queriesOf(tile);
        int end = 0;
        int shared = Integer.MAX_VALUE;
        for (int t = 0; t < count; t++) {
            int q = tileStart[tile] + t;
            int from = row(q) * qkvStride + head(q) * shape.headDim();
            int to = tile * queryFloats + Activations.at(t, count, shape.headDim());
            kernels.scatter(qkv, from, shape.headDim(), tileQueries, to, Activations.stride(t, count));
            end = Math.max(end, batch.storedEnd(row(q)));
            shared = Math.min(shared, batch.visiblePrefix(row(q)));
        }
        tileEnd[tile] = end;
        tileShared[tile] = shared;
    }

    private int queriesOf(int tile) {
        return tileStart[tile + 1] - tileStart[tile];
    }

    private int row(int q) {
        return firstRow + (firstQuery + q) / headsPerGroup;
    }

    private int head(int q) {
        return kvHead * headsPerGroup + (firstQuery + q) % headsPerGroup;
    }

    /** Attends all blocks, the first {@code openBlock} of which every query sees as a whole, and writes the queries' heads. */
    void attendAll(int blocks, int openBlock, float[] out) {
        attendBlocks(0, blocks, openBlock, true, ownParts, 0, partFloats);
        finish(blocks, ownParts, 0, partFloats, out);
    }

    /**
     * Attends blocks [fromBlock, endBlock); those from {@code openBlock} on come together.
     *
     * @param merges the blocks are the first ones, and become one part in block 0's place; otherwise each block's part is left
     *     in a place of its own, {@code block * partFloats} behind that of block 0
     * @param parts those of query q from {@code partsAt + q * partsStride} on
     */
    void attendBlocks(
            int fromBlock, int endBlock, int openBlock, boolean merges, float[] parts, int partsAt, int partsStride) {
        for (int block = fromBlock; block < Math.min(endBlock, openBlock); block++) {
            score(block * BLOCK, (block + 1) * BLOCK);
            attendBlock(block, block * BLOCK, merges, parts, partsAt, partsStride);
        }
        if (openBlock < endBlock) {
            score(openBlock * BLOCK, Integer.MAX_VALUE);
            moveAncestors(openBlock * BLOCK);
            for (int block = openBlock; block < endBlock; block++) {
                attendBlock(block, openBlock * BLOCK, merges, parts, partsAt, partsStride);
            }
        }
    }

    /** Scores stored positions from one on, whole blocks of keys up to the last position that any query of a tile sees. */
    private void score(int from, int to) {
        int pageTokens = cache.shape().pageTokens();
        int end = Math.min(to, most(tileEnd));
        assert end - from <= SCORES_STRIDE : "from=" + from + " end=" + end + ": rows of a session are no neighbours";
        for (int position = from; position < end; position = nextPage(position, pageTokens)) {
            float[] page = cache.page(slot, position);
            int keysAt = cache.keyBlockOffset(layer, kvHead, position);
            for (int tile = 0; tile < tiles; tile++) {
                int tileTo = Math.min(Math.min(to, tileEnd[tile]), nextPage(position, pageTokens));
                if (position < tileTo) {
                    kernels.attentionScores(
                            page,
                            keysAt,
                            Math.ceilDiv(tileTo - position, KvShape.BLOCK),
                            shape.headDim(),
                            tileQueries,
                            tile * queryFloats,
                            queriesOf(tile),
                            scores,
                            tileStart[tile] * SCORES_STRIDE + position - from,
                            SCORES_STRIDE);
                }
            }
        }
    }

    private static int nextPage(int position, int pageTokens) {
        return (position / pageTokens + 1) * pageTokens;
    }

    /** The largest of the tiles' numbers. */
    private int most(int[] ofTile) {
        int most = 0;
        for (int tile = 0; tile < tiles; tile++) {
            most = Math.max(most, ofTile[tile]);
        }
        return most;
    }

    /** Moves the scores of ancestors behind those of the prefix. */
    private void moveAncestors(int scoresFrom) {
        for (int q = 0; q < queries; q++) {
            int row = row(q);
            int at = q * SCORES_STRIDE - scoresFrom;
            int next = at + batch.visiblePrefix(row);
            for (long beyond = batch.ancestorsBeyond(row); beyond != 0; beyond &= beyond - 1) {
                scores[next++] = scores[at + batch.base(row) + Long.numberOfTrailingZeros(beyond)];
            }
        }
    }

    /** One block of logical positions, whose scores lie behind those of {@code scoresFrom}. */
    private void attendBlock(int block, int scoresFrom, boolean merges, float[] parts, int partsAt, int partsStride) {
        if (merges && block > 0) {
            computeBlock(block, scoresFrom, blockParts, 0, partFloats);
            for (int q = 0; q < queries; q++) {
                if (positionsIn(block, q) > 0) {
                    int into = partsAt + q * partsStride;
                    kernels.mergeAttention(parts, into, blockParts, q * partFloats, shape.headDim(), valueStride);
                }
            }
        } else {
            computeBlock(block, scoresFrom, parts, partsAt + block * partFloats, partsStride);
        }
    }

    private void computeBlock(int block, int scoresFrom, float[] parts, int partsAt, int partsStride) {
        for (int q = 0; q < queries; q++) {
            int count = positionsIn(block, q);
            if (count > 0) {
                int at = partsAt + q * partsStride;
                int scoresAt = q * SCORES_STRIDE + block * BLOCK - scoresFrom;
                Arrays.fill(parts, at, at + valueStride, 0f);
                kernels.attentionWeights(scores, scoresAt, count, scale, parts, at + valueStride);
            }
        }
        addSharedValues(block, scoresFrom, parts, partsAt, partsStride);
        for (int tile = 0; tile < tiles; tile++) {
            for (int q = tileStart[tile]; q < tileStart[tile + 1]; q++) {
                addOwnValues(block, tile, q, scoresFrom, parts, partsAt + q * partsStride);
            }
        }
    }

    /** Positions of a block that a query sees. */
    private int positionsIn(int block, int q) {
        return Math.clamp(batch.position(row(q)) + 1 - block * BLOCK, 0, BLOCK);
    }

    /** The prefix that a tile's queries share is added for all of them at once. */
    private void addSharedValues(int block, int scoresFrom, float[] parts, int partsAt, int partsStride) {
        int pageTokens = cache.shape().pageTokens();
        int end = Math.min((block + 1) * BLOCK, most(tileShared));
        for (int position = block * BLOCK; position < end; position = nextPage(position, pageTokens)) {
            for (int tile = 0; tile < tiles; tile++) {
                int to = Math.min(Math.min(end, tileShared[tile]), nextPage(position, pageTokens));
                if (position < to) {
                    int weightsAt = tileStart[tile] * SCORES_STRIDE + position - scoresFrom;
                    int partAt = partsAt + tileStart[tile] * partsStride;
                    addValues(position, to, weightsAt, queriesOf(tile), parts, partAt, partsStride);
                }
            }
        }
    }

    /** The rest of a query's prefix in a block, and then its ancestors there. */
    private void addOwnValues(int block, int tile, int q, int scoresFrom, float[] parts, int partAt) {
        int row = row(q);
        int blockEnd = (block + 1) * BLOCK;
        int prefix = batch.visiblePrefix(row);
        int at = q * SCORES_STRIDE - scoresFrom;
        int from = Math.max(block * BLOCK, tileShared[tile]);
        addValues(from, Math.min(prefix, blockEnd), at + from, 1, parts, partAt, 0);
        int position = prefix;
        for (long beyond = batch.ancestorsBeyond(row); beyond != 0; beyond &= beyond - 1) {
            if (position >= block * BLOCK && position < blockEnd) {
                int stored = batch.base(row) + Long.numberOfTrailingZeros(beyond);
                addValues(stored, stored + 1, at + position, 1, parts, partAt, 0);
            }
            position++;
        }
    }

    /** Adds the values stored at [from, to) to so many queries' parts. */
    private void addValues(int from, int to, int weightsAt, int count, float[] parts, int partsAt, int partsStride) {
        int pageTokens = cache.shape().pageTokens();
        int position = from;
        while (position < to) {
            int run = Math.min(to, nextPage(position, pageTokens)) - position;
            kernels.attentionValues(
                    cache.page(slot, position),
                    cache.valueOffset(layer, kvHead, position),
                    valueStride,
                    run,
                    shape.headDim(),
                    scores,
                    weightsAt + position - from,
                    SCORES_STRIDE,
                    count,
                    parts,
                    partsAt,
                    partsStride);
            position += run;
        }
    }

    /**
     * Merges each query's blocks and writes its head into the activations.
     *
     * @param merged so many blocks are one part already; the others lie behind it, as {@link #attendBlocks} leaves them
     */
    void finish(int merged, float[] parts, int partsAt, int partsStride, float[] out) {
        int rows = batch.rowCount();
        for (int q = 0; q < queries; q++) {
            int at = partsAt + q * partsStride;
            int row = row(q);
            for (int block = merged; block * BLOCK <= batch.position(row); block++) {
                kernels.mergeAttention(parts, at, parts, at + block * partFloats, shape.headDim(), valueStride);
            }
            PartialAttention.divide(parts, at, shape.headDim(), valueStride);
            int stride = Activations.stride(row, rows);
            int to = Activations.at(row, rows, shape.queryWidth()) + head(q) * shape.headDim() * stride;
            kernels.scatter(parts, at, shape.headDim(), out, to, stride);
        }
    }
}
