package dev.foretoken.engine.tokenizer;

import java.util.Arrays;

/**
 * Merges neighbouring symbols, best pair first, ties leftmost, until no pair can merge. n symbols take O(n log n) whatever
 * they are: the symbols are a linked list in arrays, the pairs wait in a heap, and an outdated heap entry is recognised
 * when it is taken. Reused for many words; not thread-safe.
 */
final class PairMerger {
    /** Answers whether two neighbours merge. */
    interface Pairs {
        long NONE = -1;

        /** Priority (31 bits, the lowest merges first) above the merged token (32 bits), or {@link #NONE}. */
        long find(PairMerger symbols, int left, int right);
    }

    private static final int DEAD = -2;
    private static final int NO_PAIR = -1;
    private static final int END = -1;

    private int[] token = new int[64];
    private int[] from = new int[64];
    private int[] to = new int[64];
    private int[] previous = new int[64];
    private int[] next = new int[64];
    private int[] pairPriority = new int[64]; // of the symbol and the next one
    private int[] pairToken = new int[64];
    private long[] heap = new long[64]; // priority above the left symbol's index; may hold outdated entries
    private int heapCount;
    private int count;

    void clear() {
        count = 0;
        heapCount = 0;
    }

    /** Appends a symbol: a token, or -1 if there is none for it, covering bytes [fromByte, toByte) of whatever is tokenised. */
    void add(int tokenId, int fromByte, int toByte) {
        if (count == token.length) {
            grow();
        }
        token[count] = tokenId;
        from[count] = fromByte;
        to[count] = toByte;
        count++;
    }

    private void grow() {
        int capacity = Math.multiplyExact(count, 2);
        token = Arrays.copyOf(token, capacity);
        from = Arrays.copyOf(from, capacity);
        to = Arrays.copyOf(to, capacity);
        previous = new int[capacity];
        next = new int[capacity];
        pairPriority = new int[capacity];
        pairToken = new int[capacity];
    }

    int token(int symbol) {
        return token[symbol];
    }

    int from(int symbol) {
        return from[symbol];
    }

    int to(int symbol) {
        return to[symbol];
    }

    /** The first symbol, -1 if there is none. */
    int first() {
        return count == 0 ? END : 0;
    }

    /** The symbol after this one, -1 at the end; valid after {@link #merge}. */
    int next(int symbol) {
        return next[symbol];
    }

    void merge(Pairs pairs) {
        link();
        for (int left = 0; left + 1 < count; left++) {
            refresh(left, pairs);
        }
        while (heapCount > 0) {
            long best = removeLeast();
            int left = (int) best;
            if (pairPriority[left] == (int) (best >>> 32)) {
                join(left, pairs);
            }
        }
    }

    private void link() {
        for (int i = 0; i < count; i++) {
            previous[i] = i - 1;
            next[i] = i + 1 == count ? END : i + 1;
            pairPriority[i] = NO_PAIR;
        }
    }

    private void join(int left, Pairs pairs) {
        int right = next[left];
        token[left] = pairToken[left];
        to[left] = to[right];
        next[left] = next[right];
        if (next[right] != END) {
            previous[next[right]] = left;
        }
        pairPriority[right] = DEAD;
        refresh(left, pairs);
        if (previous[left] != END) {
            refresh(previous[left], pairs);
        }
    }

    private void refresh(int left, Pairs pairs) {
        long found = next[left] == END ? Pairs.NONE : pairs.find(this, left, next[left]);
        if (found == Pairs.NONE) {
            pairPriority[left] = NO_PAIR;
            return;
        }
        pairPriority[left] = (int) (found >>> 32);
        pairToken[left] = (int) found;
        insert(found & 0xFFFFFFFF00000000L | left);
    }

    private void insert(long entry) {
        if (heapCount == heap.length) {
            heap = Arrays.copyOf(heap, Math.multiplyExact(heapCount, 2));
        }
        int at = heapCount++;
        while (at > 0 && heap[(at - 1) / 2] > entry) {
            heap[at] = heap[(at - 1) / 2];
            at = (at - 1) / 2;
        }
        heap[at] = entry;
    }

    private long removeLeast() {
        long least = heap[0];
        long last = heap[--heapCount];
        int at = 0;
        while (true) {
            int child = 2 * at + 1;
            if (child + 1 < heapCount && heap[child + 1] < heap[child]) {
                child++;
            }
            if (child >= heapCount || heap[child] >= last) {
                break;
            }
            heap[at] = heap[child];
            at = child;
        }
        heap[at] = last;
        return least;
    }
}
