package dev.foretoken.engine.kv;

import java.util.Arrays;

/**
 * Which pages hold which beginnings of texts. A node is a page: its parent is the page before it, its tokens are those whose
 * keys and values the page holds, so the way from a tenant's root to a node spells a prefix, and every token of it was compared
 * before the node is found. Full pages are found by a hash; a partly filled page, the end of a session, is a leaf.
 *
 * <p>A node counts the sessions that read its page. Those without any wait in one list for their eviction, least recently
 * used first. No node comes before its children there: a session reads a page together with all pages before it, and puts the
 * deepest down first. So the first of the list is always a leaf, and evicting takes constant time.
 *
 * <p>Nothing is allocated but the entries of new tenants. Not thread-safe: owned by the cache's owner.
 */
final class PrefixTree {
    static final int NONE = PageLists.NONE;

    /** Siblings that are looked at for a partly matching page, most recently used first. */
    static final int SIBLINGS_MAX = 64;

    /** A hash of a parent and of a full page of tokens; equal ones are told apart by their tokens. */
    @FunctionalInterface
    interface PageHash {
        int of(int parent, int[] tokens, int from, int count);
    }

    private static final int UNUSED = 0;

    private final int pages;
    private final int pageTokens;
    /** The tokens of each page, written by the cache; read only here. */
    private final int[][] tokens;

    private final PageHash hash;
    private final TenantRoots roots;
    /** Nodes are pages; the numbers behind them are the tenants' roots. NONE: the page is not in the tree. */
    private final int[] parent;

    private final int[] tokenCount;
    private final int[] references;
    private final int[] bucketFirst;
    private final int[] bucketNext;
    /** One list per node and root: its children, most recently used first. */
    private final PageLists children;
    /** One list: nodes that no session reads, least recently used first. */
    private final PageLists unused;

    private int unusedCount;

    PrefixTree(int pageTokens, int[][] tokens, int slots, PageHash hash) {
        this.pageTokens = pageTokens;
        this.tokens = tokens;
        this.hash = hash;
        pages = tokens.length;
        int rootsMax = Math.addExact(pages, slots);
        roots = new TenantRoots(rootsMax);
        parent = new int[pages];
        Arrays.fill(parent, NONE);
        tokenCount = new int[pages];
        references = new int[pages];
        bucketFirst = new int[Integer.highestOneBit(Math.max(1, pages)) << 1];
        Arrays.fill(bucketFirst, NONE);
        bucketNext = new int[pages];
        children = new PageLists(pages, Math.addExact(pages, rootsMax));
        unused = new PageLists(pages, 1);
    }

    /**
     * A hash that mixes every token into every bit. Who chooses the tokens cannot choose pages of one bucket without knowing
     * both keys; what is found never depends on them.
     */
    static PageHash hash(long start, long factor) {
        long odd = factor | 1;
        return (parent, tokens, from, count) -> {
            long mixed = (start ^ parent) * odd;
            for (int i = from; i < from + count; i++) {
                mixed = (mixed ^ mixed >>> 32 ^ tokens[i]) * odd;
            }
            return (int) ((mixed ^ mixed >>> 32) * odd >>> 32);
        };
    }

    // ---- tenants

    /** The node above all first pages of a tenant; {@link #leave} is due when its session ends. */
    int enter(CacheTenant tenant) {
        return pages + roots.enter(tenant);
    }

    void leave(int root) {
        roots.removeUser(root - pages);
    }

    // ---- finding

    /** The child that holds exactly the page of tokens beginning at {@code from}, or {@link #NONE}. */
    int child(int node, int[] text, int from) {
        int found = bucketFirst[bucket(hash.of(node, text, from, pageTokens))];
        while (found != NONE && !(parent[found] == node && matching(found, text, from, pageTokens) == pageTokens)) {
            found = bucketNext[found];
        }
        return found;
    }

    /**
     * The child that shares most tokens with the text from {@code from} on, at least one, or {@link #NONE}. Only the most
     * recently used are looked at.
     *
     * @param most tokens to compare
     */
    int closestChild(int node, int[] text, int from, int most) {
        int closest = NONE;
        int longest = 0;
        int child = children.first(node);
        for (int looked = 0; child != NONE && looked < SIBLINGS_MAX; looked++) {
            int shared = matching(child, text, from, most);
            if (shared > longest) {
                longest = shared;
                closest = child;
            }
            child = children.next(child);
        }
        return closest;
    }

    /** How many tokens of a node, {@code most} at most, the text repeats from {@code from} on. */
    int matching(int node, int[] text, int from, int most) {
        int count = Math.min(tokenCount[node], most);
        int mismatch = Arrays.mismatch(tokens[node], 0, count, text, from, from + count);
        return mismatch < 0 ? count : mismatch;
    }

    /** A partly filled child whose tokens all begin the page too: once the page is in the tree, nobody needs it. */
    int supersededBy(int node, int page, int count) {
        int child = children.first(node);
        for (int looked = 0; child != NONE && looked < SIBLINGS_MAX; looked++) {
            int own = tokenCount[child];
            if (own < pageTokens && own < count && matching(child, tokens[page], 0, count) == own) {
                return child;
            }
            child = children.next(child);
        }
        return NONE;
    }

    // ---- growing and shrinking

    /** Adds a full page that one session reads. */
    void addUsed(int node, int page) {
        assert children.first(node) == NONE || child(node, tokens[page], 0) == NONE : "page=" + page;
        add(node, page, pageTokens);
        int bucket = bucket(hash.of(node, tokens[page], 0, pageTokens));
        bucketNext[page] = bucketFirst[bucket];
        bucketFirst[bucket] = page;
        references[page] = 1;
    }

    /** Adds a partly filled page, the end of a session; the session still reads the page's parent. */
    void addEnd(int node, int page, int count) {
        assert count > 0 && count < pageTokens : "count=" + count;
        add(node, page, count);
        references[page] = UNUSED;
        unused.addLast(0, page);
        unusedCount++;
    }

    private void add(int node, int page, int count) {
        assert parent[page] == NONE : "page=" + page;
        parent[page] = node;
        tokenCount[page] = count;
        children.addFirst(node, page);
        if (isRoot(node)) {
            roots.addUser(node - pages);
        }
    }

    /** One more session reads the page. */
    void reference(int page) {
        if (references[page]++ == UNUSED) {
            unused.remove(page);
            unusedCount--;
        }
        moveToFront(page);
    }

    /** One session less reads the page; sessions put their deepest page down first. */
    void dereference(int page) {
        assert references[page] > 0 : "page=" + page;
        if (--references[page] == UNUSED) {
            unused.addLast(0, page);
            unusedCount++;
        }
    }

    /** The page was of use without being read by a session; its parent is a root or is read now. */
    void touch(int page) {
        if (references[page] == UNUSED) {
            unused.remove(page);
            unused.addLast(0, page);
        }
        moveToFront(page);
    }

    private void moveToFront(int page) {
        children.remove(page);
        children.addFirst(parent[page], page);
    }

    /** Takes the least recently used page that nobody reads out of the tree; {@link #NONE} if all are read. */
    int evict() {
        int page = unused.first(0);
        if (page != NONE) {
            remove(page);
        }
        return page;
    }

    /** Takes a leaf that nobody reads out of the tree. */
    void remove(int page) {
        assert references[page] == UNUSED && children.isEmpty(page) : "page=" + page;
        unused.remove(page);
        unusedCount--;
        children.remove(page);
        if (tokenCount[page] == pageTokens) {
            removeFromBucket(page);
        }
        if (isRoot(parent[page])) {
            roots.removeUser(parent[page] - pages);
        }
        parent[page] = NONE;
        tokenCount[page] = 0;
    }

    private void removeFromBucket(int page) {
        int bucket = bucket(hash.of(parent[page], tokens[page], 0, pageTokens));
        if (bucketFirst[bucket] == page) {
            bucketFirst[bucket] = bucketNext[page];
            return;
        }
        int before = bucketFirst[bucket];
        while (bucketNext[before] != page) {
            before = bucketNext[before];
        }
        bucketNext[before] = bucketNext[page];
    }

    private int bucket(int pageHash) {
        return pageHash & bucketFirst.length - 1;
    }

    private boolean isRoot(int node) {
        return node >= pages;
    }

    // ---- what there is

    /** Pages in the tree that no session reads. */
    int unusedCount() {
        return unusedCount;
    }

    boolean contains(int page) {
        return parent[page] != NONE;
    }

    int parent(int page) {
        return parent[page];
    }

    int references(int page) {
        return references[page];
    }

    int tokenCount(int page) {
        return tokenCount[page];
    }

    PageLists children() {
        return children;
    }

    PageLists unused() {
        return unused;
    }

    TenantRoots roots() {
        return roots;
    }
}
