package dev.foretoken.engine.sampling;

/**
 * A binary heap of (value, token id) pairs in the order that every filter uses: larger values first, the lowest id first
 * among equals. The root is either the best or the worst pair. Reused; sized at its first use.
 */
final class RankHeap {
    private final boolean bestAtRoot;
    private final int capacity;
    private double[] value = new double[0];
    private int[] id = new int[0];
    private int size;

    RankHeap(boolean bestAtRoot, int capacity) {
        this.bestAtRoot = bestAtRoot;
        this.capacity = capacity;
    }

    /** True if the first pair ranks before the second. */
    static boolean before(double value1, int id1, double value2, int id2) {
        return value1 > value2 || (value1 == value2 && id1 < id2);
    }

    void clear() {
        size = 0;
        if (value.length < capacity) {
            value = new double[capacity];
            id = new int[capacity];
        }
    }

    /** Puts a pair in without regard to order; {@link #order} follows. */
    void append(double pairValue, int pairId) {
        value[size] = pairValue;
        id[size++] = pairId;
    }

    void order() {
        for (int node = size / 2 - 1; node >= 0; node--) {
            sink(node);
        }
    }

    /** Puts a pair in its place. */
    void push(double pairValue, int pairId) {
        int node = size++;
        while (node > 0) {
            int parent = (node - 1) >>> 1;
            if (!rootward(pairValue, pairId, value[parent], id[parent])) {
                break;
            }
            value[node] = value[parent];
            id[node] = id[parent];
            node = parent;
        }
        value[node] = pairValue;
        id[node] = pairId;
    }

    void replaceRoot(double pairValue, int pairId) {
        value[0] = pairValue;
        id[0] = pairId;
        sink(0);
    }

    void removeRoot() {
        size--;
        value[0] = value[size];
        id[0] = id[size];
        sink(0);
    }

    int size() {
        return size;
    }

    double rootValue() {
        return value[0];
    }

    int rootId() {
        return id[0];
    }

    private boolean rootward(double value1, int id1, double value2, int id2) {
        return bestAtRoot ? before(value1, id1, value2, id2) : before(value2, id2, value1, id1);
    }

    private void sink(int start) {
        int node = start;
        double movedValue = value[node];
        int movedId = id[node];
        for (int child = 2 * node + 1; child < size; child = 2 * node + 1) {
            if (child + 1 < size && rootward(value[child + 1], id[child + 1], value[child], id[child])) {
                child++;
            }
            if (!rootward(value[child], id[child], movedValue, movedId)) {
                break;
            }
            value[node] = value[child];
            id[node] = id[child];
            node = child;
        }
        value[node] = movedValue;
        id[node] = movedId;
    }
}
