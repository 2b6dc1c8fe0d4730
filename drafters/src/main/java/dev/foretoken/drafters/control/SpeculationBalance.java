package dev.foretoken.drafters.control;

/**
 * Compares what drafting steps really took with what plain decoding would have taken for the same tokens. When a stretch of
 * them lost more time than chance explains, speculation is suspended for so long that the loss is a small part of the whole;
 * a smaller loss is carried into the next stretch, where chance explains less of it. Not thread-safe.
 */
final class SpeculationBalance {
    private static final int STRETCH = 32;
    /** A single step that loses more plain steps than this was interrupted by something else. */
    private static final double PAUSE = 3;
    /** A stretch that loses less than this part of its time is noise. */
    private static final double NOISE = 0.01;
    /** The loss may be this part of the time until the next stretch. */
    private static final double LOSS = 0.005;

    private static final int SUSPENDED_MIN = 16;
    /** The longest suspension doubles with every stretch that loses: a cold start or bad luck must not count for long. */
    private static final int LONGEST_MIN = 16;

    private static final int LONGEST_MAX = 4096;

    /** Losses within so many standard deviations of a sum of such steps are chance. */
    private static final double CHANCE = 1.5;

    private double gain; // in plain steps
    private double squares; // of the same
    private int longest = LONGEST_MIN;
    private int steps;
    private int suspendedFor;

    /**
     * Adds one step.
     *
     * @param drafted whether any drafter was asked
     * @param stepGainNs plain time of its tokens less its own time
     * @param plainNs time of one plain step, or this session's part of it
     */
    void add(boolean drafted, double stepGainNs, double plainNs) {
        if (suspendedFor > 0) {
            suspendedFor--;
            return;
        }
        if (!drafted) {
            return;
        }
        double stepGain = Math.max(stepGainNs / plainNs, -PAUSE);
        gain += stepGain;
        squares += stepGain * stepGain;
        if (++steps == STRETCH) {
            judge();
            steps = 0;
        }
    }

    private void judge() {
        if (gain < -NOISE * STRETCH - CHANCE * Math.sqrt(squares)) {
            suspendedFor = (int) Math.clamp(-gain / LOSS, SUSPENDED_MIN, longest);
            longest = Math.min(2 * longest, LONGEST_MAX);
        } else if (gain < 0) {
            return;
        } else {
            longest = LONGEST_MIN;
        }
        gain = 0;
        squares = 0;
    }

    boolean isSuspended() {
        return suspendedFor > 0;
    }
}
