package dev.foretoken.engine.kv;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Keys and values of many sessions in float32 pages. A session lives in a numbered slot and holds {@code L} committed
 * positions; the nodes of the tree that is being judged are stored behind them, node i at position L + i, and an accepted
 * path is moved together by {@link #commitPath}. Positions at or above L are scratch: whoever reads them must have written
 * them in the same step.
 *
 * <p>A page is allocated when it is handed out for the first time and kept for reuse, so the cache grows to at most
 * {@code KvShape.sizeBytes(pagesTotal)}; nothing is allocated otherwise.
 *
 * <p>Pages are handed out, returned and counted by one thread, the owner's. During a forward its team may store and read
 * positions of pages that the owner has reserved.
 */
public final class KvCache {
    private static final int CLOSED = -1;

    private final KvShape shape;
    private final float @Nullable [][] pages;
    private final int[] freePage;
    private int freeCount;
    private final int[][] table;
    private final int[] tableCount;
    private final int[] length;

    /**
     * @param shape sizes of model and page
     * @param slots most sessions at once
     * @param pagesTotal most pages of all sessions together
     */
    public KvCache(KvShape shape, int slots, int pagesTotal) {
        if (slots < 1 || pagesTotal < 1) {
            throw new IllegalArgumentException(
                    "a KV cache needs a slot and a page: slots=%d pages=%d".formatted(slots, pagesTotal));
        }
        this.shape = shape;
        pages = new float[pagesTotal][];
        freePage = new int[pagesTotal];
        for (int i = 0; i < pagesTotal; i++) {
            freePage[i] = pagesTotal - 1 - i;
        }
        freeCount = pagesTotal;
        table = new int[slots][Math.min(shape.pagesFor(shape.positionsMax()), pagesTotal)];
        tableCount = new int[slots];
        length = new int[slots];
        Arrays.fill(length, CLOSED);
    }

    public KvShape shape() {
        return shape;
    }

    /** Begins a session without pages. */
    public void open(int slot) {
        if (length[slot] != CLOSED) {
            throw new IllegalStateException("KV slot %d is in use".formatted(slot));
        }
        length[slot] = 0;
    }

    /** Ends a session and takes its pages back; does nothing if the slot is free. */
    public void release(int slot) {
        while (tableCount[slot] > 0) {
            freePage[freeCount++] = table[slot][--tableCount[slot]];
        }
        length[slot] = CLOSED;
    }

    public boolean isOpen(int slot) {
        return length[slot] != CLOSED;
    }

    /**
     * Hands out pages until the session can store this many positions.
     *
     * @throws IllegalStateException if the cache has no page left: admission reserved too few
     */
    public void reserve(int slot, int positions) {
        assert isOpen(slot) : "slot=" + slot;
        int wanted = shape.pagesFor(positions);
        if (wanted > table[slot].length || wanted - tableCount[slot] > freeCount) {
            throw new IllegalStateException(
                    "KV slot %d needs %d pages for %d positions, has %d, %d are free: reserve a session's pages before it starts"
                            .formatted(slot, wanted, positions, tableCount[slot], freeCount));
        }
        while (tableCount[slot] < wanted) {
            int page = freePage[--freeCount];
            if (pages[page] == null) {
                pages[page] = new float[shape.pageFloats()];
            }
            table[slot][tableCount[slot]++] = page;
        }
    }

    /** Committed positions of a session. */
    public int length(int slot) {
        return length[slot];
    }

    /** Makes the next {@code count} stored positions committed. */
    public void commit(int slot, int count) {
        assert count >= 0 && shape.pagesFor(length[slot] + count) <= tableCount[slot]
                : "slot=" + slot + " count=" + count;
        length[slot] += count;
    }

    /**
     * Commits a judged tree's root and accepted path; the other nodes are dropped.
     *
     * @param path accepted nodes below the root, ascending
     * @param pathLength how many there are
     */
    public void commitPath(int slot, int[] path, int pathLength) {
        int root = length[slot];
        for (int depth = 1; depth <= pathLength; depth++) {
            int node = path[depth - 1];
            assert node >= depth : "node=" + node + " depth=" + depth;
            if (node != depth) {
                move(slot, root + node, root + depth);
            }
        }
        commit(slot, 1 + pathLength);
    }

    /** Copies keys and values of all layers from one position to a lower one. */
    private void move(int slot, int from, int to) {
        float[] source = page(slot, from);
        float[] target = page(slot, to);
        int fromInPage = from % shape.pageTokens();
        int toInPage = to % shape.pageTokens();
        for (int layer = 0; layer < shape.layers(); layer++) {
            for (int head = 0; head < shape.kvHeads(); head++) {
                int sourceKey = shape.keyBlockOffset(layer, head, fromInPage) + fromInPage % KvShape.BLOCK;
                int targetKey = shape.keyBlockOffset(layer, head, toInPage) + toInPage % KvShape.BLOCK;
                for (int d = 0; d < shape.headDim() * KvShape.BLOCK; d += KvShape.BLOCK) {
                    target[targetKey + d] = source[sourceKey + d];
                }
                System.arraycopy(
                        source,
                        shape.valueOffset(layer, head, fromInPage),
                        target,
                        shape.valueOffset(layer, head, toInPage),
                        shape.headDim());
            }
        }
    }

    /**
     * Stores one position of one layer.
     *
     * @param key all key-value heads, {@code [kvHeads][headDim]}, from {@code keyAt}
     * @param value the same for the values, from {@code valueAt}
     */
    public void store(int slot, int layer, int position, float[] key, int keyAt, float[] value, int valueAt) {
        float[] page = page(slot, position);
        int inPage = position % shape.pageTokens();
        int headDim = shape.headDim();
        for (int head = 0; head < shape.kvHeads(); head++) {
            int keyOut = shape.keyBlockOffset(layer, head, inPage) + inPage % KvShape.BLOCK;
            int from = keyAt + head * headDim;
            for (int d = 0; d < headDim; d++) {
                page[keyOut + d * KvShape.BLOCK] = key[from + d];
            }
            System.arraycopy(value, valueAt + head * headDim, page, shape.valueOffset(layer, head, inPage), headDim);
        }
    }

    /** The page that holds a position of a session; the position must be reserved. */
    public float[] page(int slot, int position) {
        int index = position / shape.pageTokens();
        assert index < tableCount[slot] : "slot=" + slot + " position=" + position + " pages=" + tableCount[slot];
        float[] page = pages[table[slot][index]];
        assert page != null;
        return page;
    }

    /** Offset in {@link #page} of the block of 16 keys that holds the position: {@code [headDim][16]}. */
    public int keyBlockOffset(int layer, int kvHead, int position) {
        return shape.keyBlockOffset(layer, kvHead, position % shape.pageTokens());
    }

    /** Offset in {@link #page} of a position's value; the next position of the page follows {@code valueStride} later. */
    public int valueOffset(int layer, int kvHead, int position) {
        return shape.valueOffset(layer, kvHead, position % shape.pageTokens());
    }

    /** Pages that sessions hold now. */
    public int pagesInUse() {
        return pages.length - freeCount;
    }

    public int pagesTotal() {
        return pages.length;
    }
}
