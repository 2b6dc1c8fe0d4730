package dev.foretoken.drafters.control;

import java.util.Arrays;

/** How long a drafter takes, and how much of what it proposes comes true. Not thread-safe. */
final class DrafterEstimates {
    private static final double RATE = 0.1;
    private static final double HIT_RATE = 0.05;
    private static final double HIT_FIRST = 0.7;
    /** The first estimate counts as so many observations, and so do those of earlier sessions. */
    private static final int HIT_WEIGHT = 4;
    /** Until then times are those of code that is not compiled yet: the shortest counts. */
    private static final int COLD = 8;
    /** A draft that took so many times longer than usual was interrupted by something else. */
    private static final double PAUSE = 4;

    private static final int MEASURED = 3;
    private static final int DEPTHS = 32;

    private double costNs;
    private double nodeNs;
    private double nodesPerDraft = 1;
    private double depthPerDraft = 1;
    private int drafts;
    private int filled;
    private final double[] hitRate = new double[DEPTHS]; // by depth - 1, given that the depth before was right
    private final int[] hitsSeen = new int[DEPTHS];

    DrafterEstimates() {
        Arrays.fill(hitRate, HIT_FIRST);
    }

    /**
     * Starts from the estimates of earlier sessions. Its text may be another, and depths that were given up are not seen
     * again: rates start half way to those of a drafter that nothing is known of.
     */
    void recall(DrafterEstimates earlier) {
        copyFrom(earlier);
        for (int d = 0; d < DEPTHS; d++) {
            hitRate[d] = (hitRate[d] + HIT_FIRST) / 2;
        }
        Arrays.fill(hitsSeen, 0);
    }

    void copyFrom(DrafterEstimates other) {
        costNs = other.costNs;
        nodeNs = other.nodeNs;
        nodesPerDraft = other.nodesPerDraft;
        depthPerDraft = other.depthPerDraft;
        drafts = other.drafts;
        filled = other.filled;
        System.arraycopy(other.hitRate, 0, hitRate, 0, DEPTHS);
        System.arraycopy(other.hitsSeen, 0, hitsSeen, 0, DEPTHS);
    }

    /** True if its time is known; the first drafts may have waited for anything. */
    boolean isMeasured() {
        return drafts >= MEASURED;
    }

    /** Mean time of one proposal in ns. */
    double costNs() {
        return costNs;
    }

    /** Expected tokens that a draft of so many nodes foretells, root not counted among the tokens. */
    double hits(int nodes) {
        double depths = (nodes - 1) * depthPerDraft / nodesPerDraft;
        double reach = 1;
        double hits = 0;
        for (int depth = 0; depth < DEPTHS && depth < depths; depth++) {
            reach *= hitRate[depth];
            hits += reach * Math.min(1, depths - depth);
        }
        return hits;
    }

    /** Expected time of a draft of so many nodes in ns. */
    double costNs(int nodes) {
        return nodeNs * (nodes - 1);
    }

    /**
     * A draft arrived. An empty one tells nothing of the time that others take: a drafter may have come to its end.
     *
     * @param nodes its nodes below the root
     * @param depth its deepest node
     */
    void drafted(int nodes, int depth, long ns) {
        drafts++;
        if (filled == 0) {
            costNs = ns;
        }
        if (nodes == 0) {
            return;
        }
        double thisNodeNs = (double) ns / nodes;
        costNs = mean(costNs, ns);
        nodeNs = filled == 0 ? thisNodeNs : mean(nodeNs, thisNodeNs);
        double rate = Math.max(RATE, 1.0 / ++filled);
        nodesPerDraft += rate * (nodes - nodesPerDraft);
        depthPerDraft += rate * (depth - depthPerDraft);
    }

    private double mean(double usualNs, double ns) {
        return filled < COLD ? Math.min(usualNs, ns) : usualNs + RATE * (Math.min(ns, PAUSE * usualNs) - usualNs);
    }

    /** The draft, of some depth, foretold so many of the emitted tokens. */
    void judged(int foretold, int depth, int emitted) {
        int seen = Math.min(Math.min(depth, emitted), DEPTHS);
        for (int d = 0; d < seen && d <= foretold; d++) {
            double rate = Math.max(HIT_RATE, 1.0 / (HIT_WEIGHT + ++hitsSeen[d]));
            hitRate[d] += rate * ((d < foretold ? 1 : 0) - hitRate[d]);
        }
    }
}
