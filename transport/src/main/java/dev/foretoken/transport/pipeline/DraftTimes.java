package dev.foretoken.transport.pipeline;

/**
 * How long one slow drafter takes for drafts of a size, in one session: an average per power of two of nodes. A size without
 * drafts of its own is estimated from its neighbours. Not thread-safe: belongs to the session's owner.
 */
final class DraftTimes {
    private static final double RATE = 0.2;
    private static final int SIZES = Integer.SIZE;

    private final double[] meanNs = new double[SIZES];

    /** A draft of so many nodes has come. */
    void took(int nodes, long ns) {
        int size = sizeOf(nodes);
        meanNs[size] = meanNs[size] == 0 ? Math.max(1, ns) : meanNs[size] + RATE * (ns - meanNs[size]);
    }

    /** A draft of so many nodes had not come by then: the estimate, and with it the next deadline, moves up. */
    void tookLonger(int nodes, long ns) {
        int size = sizeOf(nodes);
        meanNs[size] = Math.max(meanNs[size], (double) ns / 2);
    }

    /**
     * The expected time of a draft of so many nodes; 0 if nothing was measured. Unmeasured, it is at most that of the next
     * larger size, else the next smaller one's as many times as there are more nodes.
     */
    double estimateNs(int nodes) {
        int size = sizeOf(nodes);
        for (int larger = size; larger < SIZES; larger++) {
            if (meanNs[larger] > 0) {
                return meanNs[larger];
            }
        }
        for (int smaller = size - 1; smaller >= 0; smaller--) {
            if (meanNs[smaller] > 0) {
                return meanNs[smaller] * (1L << (size - smaller));
            }
        }
        return 0;
    }

    private static int sizeOf(int nodes) {
        return Integer.SIZE - 1 - Integer.numberOfLeadingZeros(Math.max(1, nodes));
    }
}
