package dev.foretoken.engine.kv;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Objects;
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
 * <p><b>Shared prefixes.</b> Sessions of one tenant that begin with the same tokens read the same pages. A page is shared
 * when all its positions are committed and sure to be text, and never written again; a session that needs only the first positions of one
 * copies them. What a session leaves behind is kept, up to a limit, until its pages are needed: the least recently used ones
 * are given up first. Bits do not depend on what else was computed beside them, so a page says the same whoever wrote it.
 * A page that no session reads counts as free: {@link #reserve} hands out whatever sessions do not hold, so a session that
 * reserved its pages as if it were alone gets them.
 *
 * <p>Pages are handed out, returned and counted by one thread, the owner's. During a forward its team may store and read
 * positions of pages that the owner has reserved.
 */
public final class KvCache {
    private static final int CLOSED = -1;
    private static final int ALONE = -1;

    private final KvShape shape;
    private final PagePool pool;
    private final int[][] table;
    private final int[] tableCount;
    private final int[] length;

    // shared prefixes
    private final int keptPagesMax;
    private final @Nullable PrefixTree prefixes;
    /** Per session: the node above its first page; ALONE: it shares nothing. */
    private final int[] root;
    /** Per session: so many of its first pages are in the tree. */
    private final int[] sharedCount;

    /**
     * A cache whose sessions share nothing.
     *
     * @param shape sizes of model and page
     * @param slots most sessions at once
     * @param pagesTotal most pages of all sessions together
     */
    public KvCache(KvShape shape, int slots, int pagesTotal) {
        this(shape, slots, pagesTotal, 0);
    }

    /**
     * @param shape sizes of model and page
     * @param slots most sessions at once
     * @param pagesTotal most pages of all sessions and kept prefixes together
     * @param keptPagesMax most pages of prefixes to keep that no session reads; 0: sessions share nothing
     */
    public KvCache(KvShape shape, int slots, int pagesTotal, int keptPagesMax) {
        this(shape, slots, pagesTotal, keptPagesMax, keptPagesMax > 0 ? secretHash() : null);
    }

    /** The first random keys of a process take some 25 ms: only for a cache that shares pages. */
    private static PrefixTree.PageHash secretHash() {
        SecureRandom random = new SecureRandom();
        return PrefixTree.hash(random.nextLong(), random.nextLong());
    }

    /** @param hash null only where nothing is kept */
    KvCache(KvShape shape, int slots, int pagesTotal, int keptPagesMax, PrefixTree.@Nullable PageHash hash) {
        if (slots < 1 || pagesTotal < 1) {
            throw new IllegalArgumentException(
                    "a KV cache needs a slot and a page: slots=%d pages=%d".formatted(slots, pagesTotal));
        }
        this.shape = shape;
        this.keptPagesMax = keptPagesMax;
        pool = new PagePool(shape, pagesTotal, keptPagesMax > 0);
        prefixes = keptPagesMax > 0
                ? new PrefixTree(shape.pageTokens(), pool.tokens(), slots, Objects.requireNonNull(hash))
                : null;
        root = new int[slots];
        Arrays.fill(root, ALONE);
        sharedCount = new int[slots];
        table = new int[slots][Math.min(shape.pagesFor(shape.positionsMax()), pagesTotal)];
        tableCount = new int[slots];
        length = new int[slots];
        Arrays.fill(length, CLOSED);
    }

    public KvShape shape() {
        return shape;
    }

    /** Begins a session without pages that shares nothing. */
    public void open(int slot) {
        if (length[slot] != CLOSED) {
            throw new IllegalStateException("KV slot %d is in use".formatted(slot));
        }
        length[slot] = 0;
    }

    /**
     * Begins a session whose first positions may come from sessions of the same tenant that began with the same tokens. From
     * then on {@link #storeToken} must tell which tokens it holds.
     *
     * @param text its tokens from position 0 on
     * @param most positions to take over at most
     * @return committed positions, 0 to {@code most}
     */
    public int open(int slot, CacheTenant tenant, int[] text, int most) {
        open(slot);
        if (prefixes == null) {
            return 0;
        }
        root[slot] = prefixes.enter(tenant);
        return takeOver(slot, text, most);
    }

    /**
     * Takes over what the cache has learned of a session's text since the session was opened or last committed.
     *
     * @param text its tokens from position 0 on, those of the committed positions as they are
     * @param most positions to take over at most
     * @return committed positions, at least as many as before
     */
    public int takeOver(int slot, int[] text, int most) {
        int before = length[slot];
        shareFullPages(slot); // an accepted path may have filled some: they stay
        if (root[slot] != ALONE && before < most) {
            readFullPages(slot, text, most);
            if (tableCount[slot] == sharedCount[slot]) {
                copyPartOfPage(slot, text, most);
            }
        }
        assert length[slot] == before || PageAudit.holds(this);
        return length[slot];
    }

    private void readFullPages(int slot, int[] text, int most) {
        int from = sharedCount[slot] * shape.pageTokens();
        while (most - from >= shape.pageTokens()) {
            int page = prefixes.child(lastNode(slot), text, from);
            if (page == PrefixTree.NONE) {
                return;
            }
            prefixes.reference(page);
            int index = sharedCount[slot]++;
            if (tableCount[slot] > index) {
                pool.free(table[slot][index]); // the session's own beginning of this page
            } else {
                tableCount[slot]++;
            }
            table[slot][index] = page;
            from += shape.pageTokens();
            length[slot] = from;
        }
    }

    private void copyPartOfPage(int slot, int[] text, int most) {
        int left = most - length[slot];
        int source = prefixes.closestChild(lastNode(slot), text, length[slot], left);
        if (source == PrefixTree.NONE) {
            return;
        }
        int count = prefixes.matching(source, text, length[slot], left);
        prefixes.touch(source);
        int page = takePage(); // the source itself if there is no other: then what is in it stays
        pool.copyFirst(source, page, count);
        table[slot][tableCount[slot]++] = page;
        length[slot] += count;
    }

    /** The node above the first page of a session that is not in the tree. */
    private int lastNode(int slot) {
        return sharedCount[slot] == 0 ? root[slot] : table[slot][sharedCount[slot] - 1];
    }

    /** Ends a session whose text is all that was committed, and takes its pages back; does nothing if the slot is free. */
    public void release(int slot) {
        release(slot, length[slot]);
    }

    /**
     * Ends a session and takes its pages back; does nothing if the slot is free.
     *
     * @param textLength so many positions are the session's text: what its last step committed beyond is not kept for others
     */
    public void release(int slot, int textLength) {
        if (root[slot] != ALONE) {
            length[slot] = Math.min(length[slot], textLength);
            shareFullPages(slot);
            keepEnd(slot);
            while (tableCount[slot] > sharedCount[slot]) {
                pool.free(table[slot][--tableCount[slot]]);
            }
            while (tableCount[slot] > 0) { // the deepest page first, as the tree wants it
                prefixes.dereference(table[slot][--tableCount[slot]]);
            }
            sharedCount[slot] = 0;
            prefixes.leave(root[slot]);
            root[slot] = ALONE;
            while (prefixes.unusedCount() > keptPagesMax) {
                pool.free(prefixes.evict());
            }
        }
        while (tableCount[slot] > 0) {
            pool.free(table[slot][--tableCount[slot]]);
        }
        length[slot] = CLOSED;
        assert PageAudit.holds(this);
    }

    /** Puts the partly filled page at the end of a session into the tree, unless one there says as much. */
    private void keepEnd(int slot) {
        int count = length[slot] - sharedCount[slot] * shape.pageTokens();
        if (count <= 0) {
            return;
        }
        int node = lastNode(slot);
        int page = table[slot][sharedCount[slot]];
        int closest = prefixes.closestChild(node, pool.tokens(page), 0, count);
        if (closest != PrefixTree.NONE && prefixes.matching(closest, pool.tokens(page), 0, count) == count) {
            prefixes.touch(closest);
            return;
        }
        removeSuperseded(node, page, count);
        prefixes.addEnd(node, page, count);
        table[slot][sharedCount[slot]] = table[slot][--tableCount[slot]];
    }

    private void removeSuperseded(int node, int page, int count) {
        int superseded = prefixes.supersededBy(node, page, count);
        if (superseded != PrefixTree.NONE) {
            prefixes.remove(superseded);
            pool.free(superseded);
        }
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
        shareFullPages(slot);
        int wanted = shape.pagesFor(positions);
        int available = pagesTotal() - pagesInUse();
        if (wanted > table[slot].length || wanted - tableCount[slot] > available) {
            throw new IllegalStateException(
                    "KV slot %d needs %d pages for %d positions, has %d, %d are free: reserve a session's pages before it starts"
                            .formatted(slot, wanted, positions, tableCount[slot], available));
        }
        while (tableCount[slot] < wanted) {
            int page = takePage();
            table[slot][tableCount[slot]++] = page;
        }
    }

    /** A free page, or else the least recently used one that no session reads. */
    private int takePage() {
        if (pool.freeCount() == 0 && prefixes != null) {
            int evicted = prefixes.evict();
            if (evicted != PrefixTree.NONE) {
                pool.free(evicted);
            }
        }
        if (pool.freeCount() == 0) {
            throw new IllegalStateException(
                    "all %d KV pages are in use: reserve a session's pages before it starts".formatted(pagesTotal()));
        }
        return pool.take();
    }

    /** Committed positions of a session. */
    public int length(int slot) {
        return length[slot];
    }

    /** Makes the next {@code count} stored positions committed; they are text of the session whatever comes. */
    public void commit(int slot, int count) {
        extend(slot, count);
        shareFullPages(slot);
    }

    private void extend(int slot, int count) {
        assert count >= 0 && shape.pagesFor(length[slot] + count) <= tableCount[slot]
                : "slot=" + slot + " count=" + count;
        length[slot] += count;
    }

    /**
     * Puts pages that are full now into the tree. If the same page is there already, because two sessions read the same text at
     * the same time, the session goes on with that one: the bits are equal.
     */
    private void shareFullPages(int slot) {
        while (root[slot] != ALONE && (sharedCount[slot] + 1) * shape.pageTokens() <= length[slot]) {
            int node = lastNode(slot);
            int page = table[slot][sharedCount[slot]];
            int twin = prefixes.child(node, pool.tokens(page), 0);
            if (twin == PrefixTree.NONE) {
                removeSuperseded(node, page, shape.pageTokens());
                prefixes.addUsed(node, page);
            } else {
                prefixes.reference(twin);
                table[slot][sharedCount[slot]] = twin;
                pool.free(page);
            }
            sharedCount[slot]++;
        }
    }

    /**
     * Commits a judged tree's root and accepted path; the other nodes are dropped. A stop may yet cut the text inside the path:
     * pages are shared when the session goes on.
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
        extend(slot, 1 + pathLength);
    }

    /** Copies keys and values of all layers from one position to a lower one. */
    private void move(int slot, int from, int to) {
        int pageTokens = shape.pageTokens();
        pool.move(pageNumber(slot, from), from % pageTokens, pageNumber(slot, to), to % pageTokens);
    }

    /** Stores which token a reserved position holds; the owner's thread, before the position is committed. */
    public void storeToken(int slot, int position, int token) {
        pool.storeToken(pageNumber(slot, position), position % shape.pageTokens(), token);
    }

    /**
     * Stores some numbers of one position's key in one layer and head: {@code count} of them from {@code dimension} on. Several
     * threads may store different ones.
     */
    public void storeKey(
            int slot, int layer, int kvHead, int position, int dimension, int count, float[] row, int rowAt) {
        assert position >= length[slot] : "slot=" + slot + " position=" + position + " committed=" + length[slot];
        int inPage = position % shape.pageTokens();
        pool.storeKey(pageNumber(slot, position), inPage, layer, kvHead, dimension, count, row, rowAt);
    }

    /** As {@link #storeKey} for the value. */
    public void storeValue(
            int slot, int layer, int kvHead, int position, int dimension, int count, float[] row, int rowAt) {
        assert position >= length[slot] : "slot=" + slot + " position=" + position + " committed=" + length[slot];
        int inPage = position % shape.pageTokens();
        pool.storeValue(pageNumber(slot, position), inPage, layer, kvHead, dimension, count, row, rowAt);
    }

    /** The page that holds a position of a session; the position must be reserved. */
    public float[] page(int slot, int position) {
        return pool.floats(pageNumber(slot, position));
    }

    private int pageNumber(int slot, int position) {
        int index = position / shape.pageTokens();
        assert index < tableCount[slot] : "slot=" + slot + " position=" + position + " pages=" + tableCount[slot];
        return table[slot][index];
    }

    /** Offset in {@link #page} of the block of 16 keys that holds the position: {@code [headDim][16]}. */
    public int keyBlockOffset(int layer, int kvHead, int position) {
        return shape.keyBlockOffset(layer, kvHead, position % shape.pageTokens());
    }

    /** Offset in {@link #page} of a position's value; the next position of the page follows {@code valueStride} later. */
    public int valueOffset(int layer, int kvHead, int position) {
        return shape.valueOffset(layer, kvHead, position % shape.pageTokens());
    }

    /** Pages that sessions hold now, shared ones counted once. */
    public int pagesInUse() {
        return pagesTotal() - pool.freeCount() - pagesKept();
    }

    /** True if sessions may share pages. */
    public boolean sharesPrefixes() {
        return prefixes != null;
    }

    /** Pages of prefixes that no session reads now. */
    public int pagesKept() {
        return prefixes == null ? 0 : prefixes.unusedCount();
    }

    public int pagesTotal() {
        return pool.pagesTotal();
    }

    // ---- for the audit

    @Nullable
    PrefixTree prefixes() {
        return prefixes;
    }

    int slots() {
        return length.length;
    }

    /** ALONE, -1, or the node above a session's first page. */
    int root(int slot) {
        return root[slot];
    }

    int sharedCount(int slot) {
        return sharedCount[slot];
    }

    int tableCount(int slot) {
        return tableCount[slot];
    }

    int tablePage(int slot, int index) {
        return table[slot][index];
    }

    PagePool pool() {
        return pool;
    }
}
