package dev.foretoken.benchmarks.bench;

/**
 * A median and the 95 % bootstrap interval around it.
 *
 * @param samples how many values the median is of
 */
record Interval(double median, double low, double high, int samples) {
    /** False for one or two values: resampling them says nothing. */
    boolean hasRange() {
        return samples > 2;
    }
}
