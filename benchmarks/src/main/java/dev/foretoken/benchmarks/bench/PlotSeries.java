package dev.foretoken.benchmarks.bench;

import java.util.List;

/**
 * One line or one set of dots of a plot.
 *
 * @param points in the order of x
 * @param isLimit drawn dashed and grey: no measurement but a bound
 */
record PlotSeries(String name, List<Point> points, boolean isLimit) {
    PlotSeries {
        points = List.copyOf(points);
    }

    static PlotSeries of(String name, List<Point> points) {
        return new PlotSeries(name, points, false);
    }

    /** A value with its interval; low = high = value where there is none. */
    record Point(double at, double value, double low, double high) {
        static Point of(double at, double value) {
            return new Point(at, value, value, value);
        }

        static Point of(double at, Interval interval) {
            return new Point(at, interval.median(), interval.low(), interval.high());
        }
    }
}
