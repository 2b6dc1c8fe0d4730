package dev.foretoken.drafters.control;

/**
 * One drafter in all sessions so far. While it gained time in the mean of the sessions that asked it, each new one tries it;
 * else one does now and then, so rarely that what the last try lost is a small part of the time.
 */
final class DrafterRecord {
    /** Trying takes at most this part of the time. */
    private static final double TRYING = 0.005;

    /** The longest wait grows with every try that loses: cold code or bad luck must not count for long. */
    private static final double LONGEST_MIN = 512;

    private static final double LONGEST_MAX = 1 << 14;
    private static final double LONGEST_GROWTH = 4;
    private static final double MEAN_RATE = 0.2;

    private final DrafterEstimates estimates = new DrafterEstimates();
    private int sessions;
    /** Of the sessions that asked it, in steps. */
    private double gainMean;

    private double stepsUntilTry;
    private double longest = LONGEST_MIN;

    /** True if a new session should try the drafter; hands out what is known of it. */
    synchronized boolean begin(DrafterEstimates estimatesOut) {
        estimatesOut.recall(estimates);
        if (sessions == 0 || gainMean > 0) {
            return true;
        }
        if (stepsUntilTry > 0) {
            return false;
        }
        stepsUntilTry = longest; // one session at a time
        return true;
    }

    /**
     * A session has ended.
     *
     * @param steps how many it had
     * @param asked in how many the drafter was asked
     * @param gain what these gained, in steps
     */
    synchronized void ended(DrafterEstimates learned, long steps, long asked, double gain) {
        stepsUntilTry -= steps;
        if (asked == 0) {
            return;
        }
        estimates.copyFrom(learned);
        gainMean += Math.max(MEAN_RATE, 1.0 / ++sessions) * (gain - gainMean);
        if (gain < 0) {
            stepsUntilTry = Math.min(-gain / TRYING, longest);
            longest = Math.min(LONGEST_GROWTH * longest, LONGEST_MAX);
        } else {
            longest = LONGEST_MIN;
        }
    }
}
