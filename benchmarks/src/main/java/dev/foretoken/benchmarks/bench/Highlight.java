package dev.foretoken.benchmarks.bench;

/**
 * One number that a reader should see first.
 *
 * @param range its interval, or empty
 */
record Highlight(String value, String range, String meaning) {
    static Highlight of(Interval interval, String meaning) {
        return new Highlight(Figures.times(interval), Figures.range(interval), meaning);
    }
}
