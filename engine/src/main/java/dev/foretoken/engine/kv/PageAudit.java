package dev.foretoken.engine.kv;

import java.util.Arrays;

/**
 * Who owns which page, counted again from the beginning: every page is free, or one session's own, or in the prefix tree, and
 * the tree's numbers are what they should be. For assertions, at the end and at the beginning of sessions.
 */
final class PageAudit {
    private static final int NOBODY = -1;
    private static final int FREE = -2;

    private final KvCache cache;
    private final PrefixTree tree;
    private final int pages;
    private final int[] owner;
    private final int[] readers;
    private final int[] listedBelow;

    private PageAudit(KvCache cache, PrefixTree tree) {
        this.cache = cache;
        this.tree = tree;
        pages = cache.pagesTotal();
        owner = new int[pages];
        Arrays.fill(owner, NOBODY);
        readers = new int[pages];
        listedBelow = new int[pages];
    }

    /** True, or an AssertionError that names what does not fit. */
    static boolean holds(KvCache cache) {
        PrefixTree tree = cache.prefixes();
        if (tree != null) {
            PageAudit audit = new PageAudit(cache, tree);
            audit.countFree();
            for (int slot = 0; slot < cache.slots(); slot++) {
                audit.countSession(slot);
            }
            audit.listChildren();
            for (int page = 0; page < audit.pages; page++) {
                audit.checkPage(page);
            }
            audit.checkUnused();
            audit.checkRoots();
        }
        return true;
    }

    private void countFree() {
        for (int i = 0; i < cache.pool().freeCount(); i++) {
            own(cache.pool().freePage(i), FREE);
        }
    }

    private void own(int page, int who) {
        check(owner[page] == NOBODY, page, "has two owners");
        owner[page] = who;
    }

    private void countSession(int slot) {
        int parent = cache.root(slot);
        for (int index = 0; index < cache.tableCount(slot); index++) {
            int page = cache.tablePage(slot, index);
            if (index >= cache.sharedCount(slot)) {
                own(page, slot);
                continue;
            }
            check(tree.contains(page), page, "is shared and not in the tree");
            check(tree.parent(page) == parent, page, "is not below the page before it");
            check(tree.tokenCount(page) == cache.shape().pageTokens(), page, "is shared and not full");
            readers[page]++;
            parent = page;
        }
    }

    private void listChildren() {
        Arrays.fill(listedBelow, NOBODY);
        for (int node = 0; node < 2 * pages + cache.slots(); node++) {
            for (int child = tree.children().first(node);
                    child != PageLists.NONE;
                    child = tree.children().next(child)) {
                check(listedBelow[child] == NOBODY, child, "is listed twice");
                listedBelow[child] = node;
            }
        }
    }

    private void checkPage(int page) {
        check(tree.contains(page) != (owner[page] != NOBODY), page, "has no owner, or two");
        if (!tree.contains(page)) {
            return;
        }
        check(tree.references(page) == readers[page], page, "has " + tree.references(page) + " references");
        int parent = tree.parent(page);
        check(parent >= pages || tree.contains(parent), page, "has a parent outside the tree");
        check(listedBelow[page] == parent, page, "is not among its parent's children");
        boolean isFull = tree.tokenCount(page) == cache.shape().pageTokens();
        check(isFull || tree.children().isEmpty(page), page, "is partly filled and has children");
        check(!isFull || tree.child(parent, cache.pool().tokens(page), 0) == page, page, "is not found by its tokens");
    }

    private void checkUnused() {
        int count = 0;
        boolean[] passed = new boolean[pages];
        for (int page = tree.unused().first(0);
                page != PageLists.NONE;
                page = tree.unused().next(page)) {
            check(tree.contains(page) && readers[page] == 0, page, "waits for its eviction and is read");
            for (int child = tree.children().first(page);
                    child != PageLists.NONE;
                    child = tree.children().next(child)) {
                check(passed[child], page, "would be evicted before its child " + child);
            }
            passed[page] = true;
            count++;
        }
        for (int page = 0; page < pages; page++) {
            check(!tree.contains(page) || readers[page] > 0 || passed[page], page, "is read by nobody, for ever");
        }
        check(count == tree.unusedCount(), count, "pages are unused, counted were " + tree.unusedCount());
    }

    private void checkRoots() {
        int[] users = new int[pages + cache.slots()];
        for (int page = 0; page < pages; page++) {
            if (tree.contains(page) && tree.parent(page) >= pages) {
                users[tree.parent(page) - pages]++;
            }
        }
        for (int slot = 0; slot < cache.slots(); slot++) {
            if (cache.root(slot) >= pages) {
                users[cache.root(slot) - pages]++;
            }
        }
        int roots = 0;
        for (int root = 0; root < users.length; root++) {
            check(users[root] == tree.roots().users(root), root, "is a root with wrong users");
            roots += users[root] > 0 ? 1 : 0;
        }
        check(
                roots == tree.roots().count(),
                roots,
                "roots are in use, counted were " + tree.roots().count());
    }

    private static void check(boolean holds, int page, String otherwise) {
        if (!holds) {
            throw new AssertionError("KV page " + page + " " + otherwise);
        }
    }
}
