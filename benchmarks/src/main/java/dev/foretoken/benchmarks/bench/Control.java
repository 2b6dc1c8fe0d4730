package dev.foretoken.benchmarks.bench;

import org.jspecify.annotations.Nullable;

/**
 * The A/A control: the same thing measured twice in every round, and the ratio of the two times. What differs from 1 there is
 * noise, and no other ratio of the run can be trusted more finely.
 *
 * @param ratio null if nothing could be compared
 */
record Control(@Nullable Interval ratio) {
    /** How far from 1 the median may lie. */
    static final double TOLERANCE = 0.01;

    /** True if the machine was steady enough for the other ratios to mean something. */
    boolean isFit() {
        return ratio != null && Math.abs(ratio.median() - 1) <= TOLERANCE;
    }

    String sentence() {
        if (ratio == null) {
            return "A/A control: nothing to compare, answers are too short to time";
        }
        String range = ratio.hasRange() ? Figures.format(" [%.3f, %.3f]", ratio.low(), ratio.high()) : "";
        String values = Figures.format("A/A control %.3f%s over %d pairs", ratio.median(), range, ratio.samples());
        return isFit()
                ? values
                : values
                        + ": outside 1 ± 0.01, this machine is unfit for measuring now; stop other work or take more"
                        + " --pairs";
    }
}
