package dev.foretoken.engine.model;

import dev.foretoken.engine.kernel.Activations;
import dev.foretoken.engine.kernel.Kernels;
import dev.foretoken.engine.kv.KvCache;
import dev.foretoken.engine.kv.KvShape;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Attention of a tile of up to four queries (rows x heads) of one session and one key-value head. A query visits the
 * positions of its prefix and then its ancestors by depth, so scores, weights and sums lie in the order of logical
 * positions whatever tree, batch or pages look like; what is stored between is scored with its block and never read.
 * <p>Working memory of one compute thread; nothing is allocated per step.
 */
final class AttentionWorker {
    private final Kernels kernels;
    private final ModelShape shape;
    private final int headsPerGroup;
    private final float scale;
    private final int scoresStride;
    private final int outStride;
    private final float[] tileQueries;
    private final float[] scores;
    private final float[] sums;

    // What the tiles of a chunk have in common.
    private @Nullable RowBatch batch;
    private @Nullable KvCache cache;
    private int layer;
    private int slot;
    private int firstRow;
    private int kvHead;
    // The tile.
    private int firstQuery;
    private int queries;

    AttentionWorker(Kernels kernels, ModelShape shape, int positionsMax) {
        this.kernels = kernels;
        this.shape = shape;
        headsPerGroup = shape.heads() / shape.kvHeads();
        scale = (float) (1 / Math.sqrt(shape.headDim()));
        scoresStride = Math.ceilDiv(positionsMax, KvShape.BLOCK) * KvShape.BLOCK;
        outStride = Math.ceilDiv(shape.headDim(), KvShape.BLOCK) * KvShape.BLOCK;
        tileQueries = new float[Activations.TILE * shape.headDim()];
        scores = new float[Activations.TILE * scoresStride];
        sums = new float[Activations.TILE * outStride];
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
        for (int t = 0; t < count; t++) {
            int from = row(t) * qkvStride + head(t) * shape.headDim();
            Activations.scatter(qkv, from, shape.headDim(), tileQueries, t, count);
        }
        score();
        for (int t = 0; t < count; t++) {
            weigh(row(t), t * scoresStride);
        }
        sumValues();
        for (int t = 0; t < count; t++) {
            int stride = Activations.stride(row(t), batch.rowCount());
            int to = Activations.at(row(t), batch.rowCount(), shape.queryWidth());
            Activations.scatter(
                    sums, t * outStride, shape.headDim(), out, to + head(t) * shape.headDim() * stride, stride);
        }
    }

    private int row(int t) {
        return firstRow + (firstQuery + t) / headsPerGroup;
    }

    private int head(int t) {
        return kvHead * headsPerGroup + (firstQuery + t) % headsPerGroup;
    }

    /** Scores whole blocks up to the last position that any query of the tile sees. */
    private void score() {
        int end = 0;
        for (int t = 0; t < queries; t++) {
            end = Math.max(end, batch.storedEnd(row(t)));
        }
        for (int position = 0; position < end; position += KvShape.BLOCK) {
            kernels.attentionScores(
                    cache.page(slot, position),
                    cache.keyBlockOffset(layer, kvHead, position),
                    shape.headDim(),
                    tileQueries,
                    0,
                    queries,
                    scores,
                    position,
                    scoresStride);
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

    private void sumValues() {
        Arrays.fill(sums, 0, queries * outStride, 0f);
        int shared = Integer.MAX_VALUE;
        for (int t = 0; t < queries; t++) {
            shared = Math.min(shared, batch.visiblePrefix(row(t)));
        }
        addValues(0, shared, 0, 0, queries);
        for (int t = 0; t < queries; t++) {
            int prefix = batch.visiblePrefix(row(t));
            addValues(shared, prefix, shared, t, 1);
            int next = prefix;
            for (long beyond = batch.ancestorsBeyond(row(t)); beyond != 0; beyond &= beyond - 1) {
                int position = batch.base(row(t)) + Long.numberOfTrailingZeros(beyond);
                addValues(position, position + 1, next++, t, 1);
            }
        }
    }

    /** Adds the values stored at [from, to) to {@code count} queries from t on; their weights begin at weightFrom. */
    private void addValues(int from, int to, int weightFrom, int t, int count) {
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
                    t * scoresStride + weightFrom + position - from,
                    scoresStride,
                    count,
                    sums,
                    t * outStride,
                    outStride);
            position += run;
        }
    }
}
