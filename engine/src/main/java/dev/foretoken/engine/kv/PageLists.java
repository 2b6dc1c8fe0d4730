package dev.foretoken.engine.kv;

import java.util.Arrays;

/**
 * Doubly linked lists of page numbers in two arrays; a page is in one list at most. Nothing is allocated after construction.
 * Not thread-safe: owned by the cache's owner.
 */
final class PageLists {
    static final int NONE = -1;

    private final int pages;
    /** [pages + lists]: a list's own entry, behind those of the pages, closes its ring. */
    private final int[] next;

    private final int[] previous;

    PageLists(int pages, int lists) {
        this.pages = pages;
        next = new int[Math.addExact(pages, lists)];
        previous = new int[next.length];
        Arrays.fill(next, 0, pages, NONE);
        Arrays.fill(previous, 0, pages, NONE);
        for (int ring = pages; ring < next.length; ring++) {
            next[ring] = ring;
            previous[ring] = ring;
        }
    }

    void addFirst(int list, int page) {
        link(pages + list, page, next[pages + list]);
    }

    void addLast(int list, int page) {
        link(previous[pages + list], page, pages + list);
    }

    private void link(int before, int page, int after) {
        assert !contains(page) : "page=" + page;
        next[before] = page;
        previous[page] = before;
        next[page] = after;
        previous[after] = page;
    }

    /** Takes a page out of the list it is in. */
    void remove(int page) {
        assert contains(page) : "page=" + page;
        next[previous[page]] = next[page];
        previous[next[page]] = previous[page];
        next[page] = NONE;
        previous[page] = NONE;
    }

    /** True if the page is in any list. */
    boolean contains(int page) {
        return next[page] != NONE;
    }

    boolean isEmpty(int list) {
        return next[pages + list] == pages + list;
    }

    /** The first page of a list, {@link #NONE} if it is empty. */
    int first(int list) {
        return pageOrNone(next[pages + list]);
    }

    /** The page behind this one, {@link #NONE} behind the last. */
    int next(int page) {
        return pageOrNone(next[page]);
    }

    private int pageOrNone(int entry) {
        return entry < pages ? entry : NONE;
    }
}
