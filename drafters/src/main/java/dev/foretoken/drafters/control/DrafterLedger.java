package dev.foretoken.drafters.control;

import java.util.Arrays;

/**
 * What one drafter cost and brought in one session, and whether to ask it again. A drafter whose time is negligible is
 * always asked. Another is asked while its gain, the time its accepted tokens saved less what drafting and verifying them
 * cost, is positive; else it is probed now and then, more and more rarely, and a probe that foretold the target's token
 * opens a trial of several steps. Not thread-safe.
 */
final class DrafterLedger {
    /** Drafting that takes less than this part of a step is always worth asking for. */
    static final double NEGLIGIBLE = 0.005;
    /** Drafting that takes less than this part of a step is done for a try. */
    static final double BEARABLE = 0.05;
    /** Probing takes at most this part of the time. */
    static final double PROBING = 0.002;

    private static final int WARM_UP = 8;
    private static final int TRIAL = 16;
    private static final int INTERVAL_MIN = 8;
    private static final int INTERVAL_MAX = 4096;
    private static final double GAIN_RATE = 0.03;
    private static final double COST_RATE = 0.1;
    /** A draft that took so many times longer than usual was interrupted by something else. */
    private static final double PAUSE = 4;

    private static final double HIT_RATE = 0.05;
    private static final int DEPTHS = 32;

    private double costNs;
    private double nodesPerDraft = 1;
    private double depthPerDraft = 1;
    private double gainNs;
    private double trialGainNs;
    private int asked;
    private int sinceAsked;
    private int interval = INTERVAL_MIN;
    private int trialLeft;
    private final double[] hitRate = new double[DEPTHS]; // by depth - 1, given that the depth before was right

    DrafterLedger() {
        Arrays.fill(hitRate, 0.7);
    }

    /**
     * @param stepNs time of a whole step now
     * @param isTry true if a size is to be tried whose cost is not known, which needs a tree of anyone's
     */
    boolean isWorthAsking(double stepNs, boolean isTry) {
        return asked < WARM_UP
                || (isTry && costNs <= BEARABLE * stepNs)
                || trialLeft > 0
                || gainNs > 0
                || isNegligible(stepNs)
                || sinceAsked >= interval;
    }

    /** True if it was never asked. */
    boolean isUnknown() {
        return asked == 0;
    }

    /** True if its time is known and next to nothing. */
    boolean isNegligible(double stepNs) {
        return asked > 0 && costNs <= NEGLIGIBLE * stepNs;
    }

    /** Mean time of one proposal in ns. */
    double costNs() {
        return costNs;
    }

    /** Expected tokens that a draft of so many nodes foretells, root not counted among the tokens. */
    double expectedHits(int nodes) {
        double depths = (nodes - 1) * depthPerDraft / Math.max(1, nodesPerDraft);
        double reach = 1;
        double hits = 0;
        for (int depth = 0; depth < DEPTHS && depth < depths; depth++) {
            reach *= hitRate[depth];
            hits += reach * Math.min(1, depths - depth);
        }
        return hits;
    }

    /** Expected time of a draft of so many nodes in ns. */
    double expectedCostNs(int nodes) {
        return costNs * (nodes - 1) / Math.max(1, nodesPerDraft);
    }

    void notAsked() {
        sinceAsked++;
    }

    /**
     * A draft arrived.
     *
     * @param nodes its nodes below the root
     * @param depth its deepest node
     */
    void drafted(int nodes, int depth, long ns) {
        double usualNs = asked < WARM_UP ? ns : Math.min(ns, PAUSE * costNs);
        costNs += (asked < WARM_UP ? 1.0 / (asked + 1) : COST_RATE) * (usualNs - costNs);
        if (nodes > 0) {
            nodesPerDraft += COST_RATE * (nodes - nodesPerDraft);
            depthPerDraft += COST_RATE * (depth - depthPerDraft);
        }
    }

    /** The draft, of some depth, foretold so many of the emitted tokens. */
    void judged(int foretold, int depth, int emitted) {
        int seen = Math.min(Math.min(depth, emitted), DEPTHS);
        for (int d = 0; d < seen && d <= foretold; d++) {
            hitRate[d] += HIT_RATE * ((d < foretold ? 1 : 0) - hitRate[d]);
        }
    }

    /**
     * The balance of a step in which it was asked.
     *
     * @param savedNs time its accepted tokens saved, less the time its rows cost the verifier
     * @param ownNs what drafting took; all of it was wasted if the draft was late
     */
    void settle(double savedNs, double ownNs, int foretold, double stepNs) {
        asked++;
        sinceAsked = 0;
        double gain = savedNs - ownNs;
        gainNs += Math.max(GAIN_RATE, 1.0 / asked) * (gain - gainNs);
        if (trialLeft > 0) {
            trialGainNs += gain;
            if (--trialLeft == 0) {
                gainNs = trialGainNs / TRIAL;
                if (gainNs <= 0) {
                    waitLonger(stepNs, 1 + TRIAL);
                }
            }
        } else if (asked >= WARM_UP && gainNs <= 0 && !isNegligible(stepNs)) {
            if (foretold > 0) {
                trialLeft = TRIAL;
                trialGainNs = 0;
            } else {
                waitLonger(stepNs, 1);
            }
        }
        if (gainNs > 0) {
            interval = INTERVAL_MIN;
        }
    }

    private void waitLonger(double stepNs, int proposals) {
        double rarely = proposals * costNs / (PROBING * Math.max(1, stepNs));
        interval = (int) Math.clamp(rarely, INTERVAL_MIN, Math.min(INTERVAL_MAX, 2.0 * interval));
    }
}
