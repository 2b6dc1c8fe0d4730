package dev.foretoken.benchmarks.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Medians with percentile-bootstrap intervals. Values that belong together (the pairs of one prompt) form a cluster and are
 * drawn together, so an interval says how the result would vary over other prompts too; a single cluster is resampled value
 * by value. The draws are seeded: the same values give the same interval. Where there is next to nothing to draw from, every
 * draw is the same, and there is no range rather than one of no width.
 * <p>Source: Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapters 8 and 13.
 */
final class Statistics {
    private static final int RESAMPLES = 2000;
    private static final double TAIL = 0.025;
    private static final long SEED = 0x5eed;
    /** Fewer values, all together or of a group's only cluster, get no range. */
    private static final int RANGE_VALUES_MIN = 3;

    private Statistics() {}

    /** The middle value, or the mean of the two middle ones; NaN for none. */
    static double median(double... values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int half = sorted.length / 2;
        if (sorted.length == 0) {
            return Double.NaN;
        }
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }

    /** Median over all values of all clusters; null if there is no value. */
    static @Nullable Interval medianOf(List<double[]> clusters) {
        return meanOfMedians(List.of(clusters));
    }

    /** Mean over groups of each group's median; groups without a value do not count; null if none is left. */
    static @Nullable Interval meanOfMedians(List<List<double[]>> groups) {
        List<List<double[]>> filled = groups.stream()
                .map(Statistics::withoutEmpty)
                .filter(group -> !group.isEmpty())
                .toList();
        if (filled.isEmpty()) {
            return null;
        }
        double estimate = filled.stream()
                .mapToDouble(group -> median(flat(group)))
                .average()
                .orElseThrow();
        int samples = filled.stream().mapToInt(group -> flat(group).length).sum();
        if (samples < RANGE_VALUES_MIN || !filled.stream().allMatch(Statistics::canBeResampled)) {
            return Interval.withoutRange(estimate, samples);
        }
        SplittableRandom random = new SplittableRandom(SEED);
        double[] draws = new double[RESAMPLES];
        for (int i = 0; i < RESAMPLES; i++) {
            double sum = 0;
            for (List<double[]> group : filled) {
                sum += median(resample(group, random));
            }
            draws[i] = sum / filled.size();
        }
        Arrays.sort(draws);
        return new Interval(estimate, quantile(draws, TAIL), quantile(draws, 1 - TAIL), samples, true);
    }

    private static boolean canBeResampled(List<double[]> clusters) {
        return clusters.size() > 1 || clusters.getFirst().length >= RANGE_VALUES_MIN;
    }

    private static List<double[]> withoutEmpty(List<double[]> clusters) {
        return clusters.stream().filter(cluster -> cluster.length > 0).toList();
    }

    private static double[] flat(List<double[]> clusters) {
        return clusters.stream().flatMapToDouble(Arrays::stream).toArray();
    }

    private static double[] resample(List<double[]> clusters, SplittableRandom random) {
        if (clusters.size() == 1) {
            double[] only = clusters.getFirst();
            return IntStream.range(0, only.length)
                    .mapToDouble(i -> only[random.nextInt(only.length)])
                    .toArray();
        }
        List<double[]> drawn = new ArrayList<>(clusters.size());
        for (int i = 0; i < clusters.size(); i++) {
            drawn.add(clusters.get(random.nextInt(clusters.size())));
        }
        return flat(drawn);
    }

    /** Linear between the two nearest ranks of an ascending array. */
    static double quantile(double[] ascending, double share) {
        double rank = share * (ascending.length - 1);
        int below = (int) rank;
        int above = Math.min(below + 1, ascending.length - 1);
        return ascending[below] + (rank - below) * (ascending[above] - ascending[below]);
    }
}
