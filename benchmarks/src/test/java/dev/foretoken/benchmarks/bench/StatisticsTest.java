package dev.foretoken.benchmarks.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StatisticsTest {
    @Test
    void shouldTakeTheMiddleValueOrTheMeanOfTheTwoMiddleOnes() {
        assertThat(Statistics.median(3, 1, 2)).isEqualTo(2);
        assertThat(Statistics.median(4, 1, 2, 3)).isEqualTo(2.5);
        assertThat(Statistics.median()).isNaN();
    }

    @Test
    void shouldInterpolateQuantiles() {
        double[] values = {0, 10, 20, 30};

        assertThat(Statistics.quantile(values, 0)).isEqualTo(0);
        assertThat(Statistics.quantile(values, 0.5)).isEqualTo(15);
        assertThat(Statistics.quantile(values, 1)).isEqualTo(30);
    }

    @Test
    void shouldHaveNoIntervalWithoutValues() {
        assertThat(Statistics.medianOf(List.of())).isNull();
        assertThat(Statistics.medianOf(List.of(new double[0]))).isNull();
    }

    @Test
    void shouldHaveAnIntervalOfNoWidthWhereAllValuesAreEqual() {
        assertThat(Statistics.medianOf(List.of(new double[] {1.5, 1.5}, new double[] {1.5})))
                .isEqualTo(new Interval(1.5, 1.5, 1.5, 3, true));
    }

    @Test
    void shouldHaveNoRangeWhereResamplingCouldOnlyRepeatItself() {
        double[] one = {1};
        double[] two = {2, 3};
        double[] three = {4, 5, 7};

        assertThat(Statistics.medianOf(List.of(one))).isEqualTo(new Interval(1, 1, 1, 1, false));
        assertThat(Statistics.medianOf(List.of(two))).isEqualTo(new Interval(2.5, 2.5, 2.5, 2, false));
        assertThat(Statistics.medianOf(List.of(one, one)).hasRange()).isFalse();
        assertThat(Statistics.medianOf(List.of(three)).hasRange()).isTrue();
        assertThat(Statistics.medianOf(List.of(one, two)).hasRange()).isTrue();
        // three values, but each group has only one to draw
        assertThat(Statistics.meanOfMedians(
                        List.of(List.of(one), List.of(new double[] {3}), List.of(new double[] {5}))))
                .isEqualTo(new Interval(3, 3, 3, 3, false));
        assertThat(Statistics.meanOfMedians(List.of(List.of(one, two), List.of(two)))
                        .hasRange())
                .isFalse();
        assertThat(Statistics.meanOfMedians(List.of(List.of(one, two), List.of(three)))
                        .hasRange())
                .isTrue();
    }

    /** For n values of a normal law the median's standard error is 1.2533 sigma / sqrt(n). */
    @Test
    void shouldBeAsWideAsTheNormalLawSays() {
        Random random = new Random(7);
        List<double[]> clusters = IntStream.range(0, 400)
                .mapToObj(i -> new double[] {10 + random.nextGaussian()})
                .toList();

        Interval interval = Statistics.medianOf(clusters);

        double expectedWidth = 2 * 1.96 * 1.2533 / Math.sqrt(400);
        assertThat(interval.median()).isCloseTo(10, within(0.25));
        assertThat(interval.high() - interval.low()).isCloseTo(expectedWidth, within(0.4 * expectedWidth));
    }

    /** A nominal 95 % interval; the percentile bootstrap of a median covers about that much. */
    @Test
    void shouldCoverTheTruthAboutNineteenTimesInTwenty() {
        Random random = new Random(11);
        int covered = 0;
        int trials = 200;
        for (int trial = 0; trial < trials; trial++) {
            List<double[]> clusters = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                clusters.add(new double[] {random.nextGaussian()});
            }
            Interval interval = Statistics.medianOf(clusters);
            covered += interval.low() <= 0 && interval.high() >= 0 ? 1 : 0;
        }
        assertThat(covered).isBetween((int) (0.90 * trials), trials - 1);
    }

    /** Ten equal values of one prompt are one piece of evidence, not ten. */
    @Test
    void shouldNotMistakeRepetitionsOfAPromptForMorePrompts() {
        List<double[]> single =
                IntStream.range(0, 12).mapToObj(i -> new double[] {i}).toList();
        List<double[]> repeated = IntStream.range(0, 12)
                .mapToObj(i -> IntStream.range(0, 10).mapToDouble(same -> i).toArray())
                .toList();

        Interval once = Statistics.medianOf(single);
        Interval tenTimes = Statistics.medianOf(repeated);

        assertThat(tenTimes.high() - tenTimes.low()).isGreaterThanOrEqualTo(0.8 * (once.high() - once.low()));
    }

    @Test
    void shouldWeighEveryGroupEquallyInTheMeanOfMedians() {
        List<double[]> many =
                IntStream.range(0, 50).mapToObj(i -> new double[] {1}).toList();
        List<double[]> few = List.<double[]>of(new double[] {3});

        assertThat(Statistics.meanOfMedians(List.of(many, few, List.of()))).isEqualTo(new Interval(2, 2, 2, 51, false));
    }

    @Test
    void shouldGiveTheSameIntervalForTheSameValues() {
        List<double[]> values = List.of(new double[] {1, 2, 3}, new double[] {2, 5});

        assertThat(Statistics.medianOf(values)).isEqualTo(Statistics.medianOf(values));
    }
}
