package dev.foretoken.drafters.control;

/**
 * What one drafter brought in one session, and whether to ask it again. A drafter whose time is negligible is always asked.
 * Another is tried a few times at the beginning, if earlier sessions do not speak against it and as long as its estimates
 * promise a gain. Then it is asked while its gain, the time its accepted tokens saved less what drafting and verifying them
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

    private final DrafterRecord record;
    private final DrafterEstimates estimates = new DrafterEstimates();
    private int warmUpLeft;
    private double gainNs;
    private double trialGainNs;
    /** Of the whole session, in steps. */
    private double gainSum;

    private long asked;
    private long steps;
    private int sinceAsked;
    private int interval; // 0: not decided yet
    private int trialLeft;

    DrafterLedger(DrafterRecord record) {
        this.record = record;
        warmUpLeft = record.begin(estimates) ? WARM_UP : 0;
    }

    DrafterEstimates estimates() {
        return estimates;
    }

    /**
     * Decides whether a drafter that is not {@link #isNegligible} is asked in a step.
     *
     * @param stepNs time of a whole step now
     * @param isTry true if a size is to be tried whose cost is not known, which needs a tree of anyone's
     * @param isPromising true if its estimates promise a gain, or nothing is known of it
     */
    boolean decide(double stepNs, boolean isTry, boolean isPromising) {
        if (!isPromising) {
            warmUpLeft = 0;
        }
        if (interval == 0) {
            interval = warmUpLeft > 0 ? INTERVAL_MIN : rarely(stepNs, 1);
        }
        return warmUpLeft > 0
                || trialLeft > 0
                || gainNs > 0
                || (isTry && estimates.isMeasured() && estimates.costNs() <= BEARABLE * stepNs)
                || sinceAsked >= interval;
    }

    /** True if its time is known and next to nothing. */
    boolean isNegligible(double stepNs) {
        return estimates.isMeasured() && estimates.costNs() <= NEGLIGIBLE * stepNs;
    }

    void notAsked() {
        sinceAsked++;
        steps++;
    }

    /**
     * The balance of a step in which it was asked.
     *
     * @param savedNs time its accepted tokens saved, less the time its rows cost the verifier
     * @param ownNs what drafting took; all of it was wasted if the draft was late
     */
    void settle(double savedNs, double ownNs, int foretold, double stepNs) {
        asked++;
        steps++;
        sinceAsked = 0;
        double gain = savedNs - ownNs;
        gainSum += gain / Math.max(1, stepNs);
        gainNs += Math.max(GAIN_RATE, 1.0 / asked) * (gain - gainNs);
        if (warmUpLeft > 0) {
            warmUpLeft--;
        } else if (trialLeft > 0) {
            trialGainNs += gain;
            if (--trialLeft == 0) {
                gainNs = trialGainNs / TRIAL;
                if (gainNs <= 0) {
                    interval = Math.min(rarely(stepNs, 1 + TRIAL), 4 * interval);
                }
            }
        } else if (gainNs <= 0 && !isNegligible(stepNs)) {
            if (foretold > 0) {
                trialLeft = TRIAL;
                trialGainNs = 0;
            } else {
                interval = Math.min(rarely(stepNs, 1), 2 * interval);
            }
        }
        if (gainNs > 0) {
            interval = INTERVAL_MIN;
        }
    }

    /** After how many steps so many proposals are a small part of them. */
    private int rarely(double stepNs, int proposals) {
        double steps = proposals * estimates.costNs() / (PROBING * Math.max(1, stepNs));
        return (int) Math.clamp(steps, INTERVAL_MIN, INTERVAL_MAX);
    }

    /** The session has ended: the next ones know. */
    void close() {
        record.ended(estimates, steps, asked, gainSum);
    }
}
