package dev.foretoken.drafters.control;

/**
 * Compares what drafting steps really took with what plain decoding would have taken for the same tokens. When a stretch of
 * them lost time, speculation is suspended for so long that the loss is a small part of the whole. Not thread-safe.
 */
final class SpeculationBalance {
    private static final int STRETCH = 32;
    /** A single step that loses more plain steps than this was interrupted by something else. */
    private static final double PAUSE = 3;
    /** A stretch that loses less than this part of its time is noise. */
    private static final double NOISE = 0.01;
    /** The loss may be this part of the time until the next stretch. */
    private static final double LOSS = 0.005;

    private static final int SUSPENDED_MIN = 32;
    /** The longest suspension doubles with every stretch that loses: a cold start must not count for long. */
    private static final int LONGEST_MIN = 64;

    private static final int LONGEST_MAX = 4096;

    private double gainNs;
    private int longest = LONGEST_MIN;
    private int steps;
    private int suspendedFor;

    /**
     * Adds one step.
     *
     * @param drafted whether any drafter was asked
     * @param stepGainNs plain time of its tokens less its own time
     * @param plainNs time of one plain step
     */
    void add(boolean drafted, double stepGainNs, double plainNs) {
        if (suspendedFor > 0) {
            suspendedFor--;
            return;
        }
        if (!drafted) {
            return;
        }
        gainNs += Math.max(stepGainNs, -PAUSE * plainNs);
        if (++steps == STRETCH) {
            if (gainNs < -NOISE * STRETCH * plainNs) {
                suspendedFor = (int) Math.clamp(-gainNs / (LOSS * plainNs), SUSPENDED_MIN, longest);
                longest = Math.min(2 * longest, LONGEST_MAX);
            } else {
                longest = LONGEST_MIN;
            }
            gainNs = 0;
            steps = 0;
        }
    }

    boolean isSuspended() {
        return suspendedFor > 0;
    }
}
