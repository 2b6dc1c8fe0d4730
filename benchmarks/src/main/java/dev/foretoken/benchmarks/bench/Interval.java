package dev.foretoken.benchmarks.bench;

/**
 * A median and the 95 % bootstrap interval around it.
 *
 * @param low as high, the median where there is no range
 * @param samples how many values the median is of
 * @param hasRange false if the values are too few for resampling to say anything
 */
record Interval(double median, double low, double high, int samples, boolean hasRange) {
    static Interval withoutRange(double median, int samples) {
        return new Interval(median, median, median, samples, false);
    }
}
