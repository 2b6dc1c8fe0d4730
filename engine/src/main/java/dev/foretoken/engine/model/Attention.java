package dev.foretoken.engine.model;

import dev.foretoken.engine.kernel.Kernels;
import dev.foretoken.engine.kernel.PartialAttention;
import dev.foretoken.engine.kv.KvCache;
import dev.foretoken.engine.kv.KvShape;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * Attention of a batch in chunks, which may run at the same time: each computes some blocks of positions for some queries. Who
 * computes a chunk, and with what else, does not change a bit of it. A query whose positions are all in one chunk is finished
 * there; otherwise what its blocks come to waits in slots until whoever runs the last of these chunks merges them.
 */
final class Attention {
    /** Blocks of queries that wait at most: 1.3 MB with heads of 64. */
    private static final int SLOTS_MAX = 4096;

    private static final VarHandle PARTS_DONE = MethodHandles.arrayElementVarHandle(int[].class);

    private final AttentionPlan plan;
    private final AttentionWorker[] workers;
    private final float[] slots; // of PartialAttention
    private final int slotFloats;
    private final int[] partsDone; // of each unit, in all layers so far

    Attention(Kernels kernels, ModelShape shape, int threads, int positionsMax, int rowsMax) {
        workers = new AttentionWorker[threads];
        for (int i = 0; i < workers.length; i++) {
            workers[i] = new AttentionWorker(kernels, shape);
        }
        slotFloats = PartialAttention.floats(KvShape.valueStride(shape.headDim()));
        long usable = (long) rowsMax * shape.heads() * Math.ceilDiv(positionsMax, PartialAttention.BLOCK);
        int slotCount = threads == 1 ? 0 : (int) Math.min(usable, SLOTS_MAX);
        slots = new float[slotCount * slotFloats];
        plan = new AttentionPlan(shape, threads, rowsMax, slotCount);
        partsDone = new int[plan.unitsMax()];
    }

    /** Cuts a batch into chunks, the same ones for every layer, and returns how many there are. */
    int plan(RowBatch batch) {
        plan.cut(batch);
        Arrays.fill(partsDone, 0); // a chunk that threw has not counted
        return plan.chunks();
    }

    /**
     * Runs one chunk of the plan.
     *
     * @param qkv turned queries in front of each row, {@code [M][qkvStride]}
     * @param out activations of M tokens of {@code heads x headDim} columns
     */
    void run(int chunk, int worker, RowBatch batch, KvCache cache, int layer, float[] qkv, int qkvStride, float[] out) {
        int unit = plan.unit(chunk);
        int part = plan.part(chunk);
        int from = plan.firstBlock(unit, part);
        int to = plan.endBlock(unit, part);
        AttentionWorker mine = workers[worker];
        mine.turnTo(batch, cache, layer, plan, unit);
        if (from < to) {
            mine.take(qkv, qkvStride);
        }
        if (plan.parts() == 1) {
            mine.attendAll(to, plan.openBlock(unit), out);
            return;
        }
        int at = plan.firstSlot(unit) * slotFloats;
        int stride = plan.blocks(unit) * slotFloats;
        mine.attendBlocks(from, to, plan.openBlock(unit), part == 0, slots, at, stride);
        if (isLast(unit)) {
            // The first part has merged its blocks; if it had none, block 0 lies in its own place as the others do.
            mine.finish(Math.max(1, plan.endBlock(unit, 0)), slots, at, stride, out);
        }
    }

    /** Whether all parts of a unit have run with this one; the last one sees what the others wrote. */
    private boolean isLast(int unit) {
        return ((int) PARTS_DONE.getAndAdd(partsDone, unit, 1) + 1) % plan.parts() == 0;
    }
}
