package dev.foretoken.engine.model;

import static dev.foretoken.engine.model.AttentionWorker.QUERIES_MAX;

import dev.foretoken.engine.kernel.Activations;
import dev.foretoken.engine.kernel.PartialAttention;

/**
 * How the attention of a batch is cut: into units, some queries of one session and one key-value head, and where these are
 * too few for the threads, each unit into parts, some blocks of positions. A chunk of the region is one part of one unit.
 *
 * <p>A unit reads its head's keys and values, which at long contexts takes more time than the arithmetic. So a unit has as
 * many queries as a worker takes; only where positions do not give parts enough it gets fewer.
 */
final class AttentionPlan {
    /** So many chunks for each thread keep all threads busy to the end. */
    private static final int CHUNKS_PER_THREAD = 3;

    private final ModelShape shape;
    private final int threads;
    private final int headsPerGroup;
    private final int slotsMax;

    private int unitCount;
    private int parts;
    // [unitCount]
    private final int[] group;
    private final int[] kvHead;
    private final int[] firstQuery;
    private final int[] queries;
    private final int[] positions; // the most that a query of the unit sees
    private final int[] openBlock; // the first block that is not part of the prefix of all of them
    private final int[] firstSlot; // if there are several parts: [queries][blocks] slots for what they come to

    /** @param slotsMax how many blocks of queries can be kept until they are merged */
    AttentionPlan(ModelShape shape, int threads, int rowsMax, int slotsMax) {
        this.shape = shape;
        this.threads = threads;
        this.slotsMax = slotsMax;
        headsPerGroup = shape.heads() / shape.kvHeads();
        int unitsMax = rowsMax * shape.kvHeads() * Math.ceilDiv(headsPerGroup, Activations.TILE);
        group = new int[unitsMax];
        kvHead = new int[unitsMax];
        firstQuery = new int[unitsMax];
        queries = new int[unitsMax];
        positions = new int[unitsMax];
        openBlock = new int[unitsMax];
        firstSlot = new int[unitsMax];
    }

    /** Cuts a batch; how many chunks there are then, {@link #chunks} tells. */
    void cut(RowBatch batch) {
        int enough = threads == 1 ? 1 : CHUNKS_PER_THREAD * threads;
        parts = 1;
        cut(batch, 1);
        if (unitCount == 0 || unitCount >= enough) {
            return;
        }
        int missing = Math.ceilDiv(enough, unitCount); // so many times as many chunks are enough
        int most = 0;
        for (int unit = 0; unit < unitCount; unit++) {
            most = Math.max(most, blocks(unit));
        }
        parts = assignSlots() > slotsMax ? 1 : Math.min(most, missing);
        if (parts < missing) {
            cut(batch, Math.ceilDiv(missing, parts));
            assignSlots();
        }
    }

    /** Cuts into units of all queries that a worker takes, or so many times as many units, if there are that many tiles. */
    private void cut(RowBatch batch, int ways) {
        unitCount = 0;
        for (int g = 0; g < batch.groupCount(); g++) {
            int perHead = (batch.groupStart(g + 1) - batch.groupStart(g)) * headsPerGroup;
            int size = Math.max(Activations.TILE, Math.ceilDiv(Math.min(perHead, QUERIES_MAX), ways));
            // As many heads side by side as there are threads: a thread's next unit reads what its cache holds already.
            for (int head = 0; head < shape.kvHeads(); head += threads) {
                int heads = Math.min(threads, shape.kvHeads() - head);
                for (int query = 0; query < perHead; query += size) {
                    for (int h = head; h < head + heads; h++) {
                        add(batch, g, h, query, Math.min(size, perHead - query));
                    }
                }
            }
        }
    }

    private void add(RowBatch batch, int unitGroup, int unitHead, int query, int count) {
        group[unitCount] = unitGroup;
        kvHead[unitCount] = unitHead;
        firstQuery[unitCount] = query;
        queries[unitCount] = count;
        int first = batch.groupStart(unitGroup) + query / headsPerGroup;
        int last = batch.groupStart(unitGroup) + (query + count - 1) / headsPerGroup;
        int most = 0;
        int shared = Integer.MAX_VALUE;
        for (int row = first; row <= last; row++) {
            most = Math.max(most, batch.position(row) + 1);
            shared = Math.min(shared, batch.visiblePrefix(row));
        }
        positions[unitCount] = most;
        openBlock[unitCount++] = shared / PartialAttention.BLOCK;
    }

    private int assignSlots() {
        int slots = 0;
        for (int unit = 0; unit < unitCount; unit++) {
            firstSlot[unit] = slots;
            slots += queries[unit] * blocks(unit);
        }
        return slots;
    }

    int chunks() {
        return unitCount * parts;
    }

    /** Which unit a chunk is a part of. */
    int unit(int chunk) {
        return inUnitOrder(chunk) / parts;
    }

    /** Which part of its unit a chunk is. */
    int part(int chunk) {
        return inUnitOrder(chunk) % parts;
    }

    /**
     * Where a chunk lies among the parts of all units, unit after unit. Threads that keep step claim chunks in turn; each gets a run
     * of parts, so that few units are divided among them and have to be merged from another thread's cache.
     */
    private int inUnitOrder(int chunk) {
        int run = chunks() / threads;
        return parts == 1 || chunk >= run * threads ? chunk : chunk % threads * run + chunk / threads;
    }

    int unitsMax() {
        return group.length;
    }

    /** Parts of every unit, of which some may be empty. */
    int parts() {
        return parts;
    }

    int group(int unit) {
        return group[unit];
    }

    int kvHead(int unit) {
        return kvHead[unit];
    }

    int firstQuery(int unit) {
        return firstQuery[unit];
    }

    int queries(int unit) {
        return queries[unit];
    }

    /** Blocks of positions that any query of the unit sees. */
    int blocks(int unit) {
        return Math.ceilDiv(positions[unit], PartialAttention.BLOCK);
    }

    /** The first block that some query of the unit does not see as a whole; its ancestors lie there or later. */
    int openBlock(int unit) {
        return openBlock[unit];
    }

    /** Where a part begins: all have nearly the same number of positions, and the open blocks belong to the last. */
    int firstBlock(int unit, int part) {
        long at = (long) positions[unit] * part / parts;
        return Math.min(openBlock[unit], (int) ((at + PartialAttention.BLOCK / 2) / PartialAttention.BLOCK));
    }

    /** Where it ends. */
    int endBlock(int unit, int part) {
        return part + 1 < parts ? firstBlock(unit, part + 1) : blocks(unit);
    }

    int firstSlot(int unit) {
        return firstSlot[unit];
    }
}
