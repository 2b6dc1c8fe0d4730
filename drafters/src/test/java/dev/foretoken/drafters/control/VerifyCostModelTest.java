package dev.foretoken.drafters.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.foretoken.drafters.control.VerifyCostCurve.Point;
import java.util.List;
import java.util.SplittableRandom;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VerifyCostModelTest {
    private final VerifyCostModel cost = new VerifyCostModel();

    @Test
    void shouldKnowNothingAtFirst() {
        assertThat(cost.ns(1)).isZero();
        assertThat(cost.ns(40)).isZero();
        assertThat(cost.rowsTrusted()).isZero();
    }

    @Test
    void shouldGuessCarefullyFromOnePass() {
        cost.observe(1, 1_000_000);

        assertThat(cost.ns(1)).isCloseTo(1_000_000, within(1.0));
        assertThat(cost.ns(11)).isCloseTo(4_000_000, within(1.0));
    }

    @Test
    void shouldLearnACurveFromNoisyPasses() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 4000; i++) {
            int rows = 1 + random.nextInt(64);
            cost.observe(rows, Math.round(curve(rows) * random.nextDouble(0.9, 1.1)));
        }
        for (int rows : new int[] {1, 2, 5, 8, 9, 13, 16, 31, 50, 64}) {
            assertThat(cost.ns(rows)).as("%d rows", rows).isCloseTo(curve(rows), Percentage.withPercentage(8));
        }
    }

    @ParameterizedTest(name = "{displayName} seed={0}")
    @ValueSource(longs = {1, 2, 3})
    void shouldNeverFallWithMoreRows(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 500; i++) {
            cost.observe(1 + random.nextInt(100), 1 + random.nextLong(1_000_000));
            for (int rows = 2; rows < 130; rows++) {
                assertThat(cost.ns(rows)).isGreaterThanOrEqualTo(cost.ns(rows - 1) * (1 - 1e-12));
            }
        }
    }

    @Test
    void shouldNotTakeAPauseForACost() {
        for (int i = 0; i < 100; i++) {
            cost.observe(4, 1_000_000);
        }
        cost.observe(4, 500_000_000);

        assertThat(cost.ns(4)).isLessThan(1_200_000);
    }

    @Test
    void shouldRaiseAllRowsWhenTheContextGrows() {
        for (int i = 0; i < 200; i++) {
            cost.observe(1, 1_000_000);
            cost.observe(8, 1_500_000);
        }
        for (int i = 0; i < 200; i++) {
            cost.observe(8, 3_000_000);
        }

        assertThat(cost.ns(8)).isCloseTo(3_000_000, Percentage.withPercentage(2));
        assertThat(cost.ns(1)).as("not measured since").isBetween(1_300_000.0, 2_300_000.0);
        cost.observe(1, 2_000_000);
        assertThat(cost.ns(1)).isBetween(1_400_000.0, 2_300_000.0);
    }

    @Test
    void shouldForgetThatTheFirstPassesWereSlow() {
        cost.observe(1, 1_000_000);
        cost.observe(4, 150_000_000);
        for (int i = 0; i < 8; i++) {
            cost.observe(4, 1_500_000);
        }

        assertThat(cost.rowsTrusted()).isEqualTo(4);
        assertThat(cost.ns(4)).isLessThan(1_700_000);
    }

    @Test
    void shouldSoonBelieveWhatSurprisesAgainAndAgain() {
        for (int i = 0; i < 30; i++) {
            cost.observe(4, 1_200_000);
            cost.observe(8, 2_600_000); // in a bad moment
        }
        for (int i = 0; i < 10; i++) {
            cost.observe(8, 1_800_000);
        }

        assertThat(cost.ns(8)).isLessThan(1_900_000);
    }

    @Test
    void shouldForgetTheTimeOfColdCodeWhereAllLaterPassesHaveMoreRows() {
        for (double cold : new double[] {60e6, 40e6, 25e6, 20e6, 18e6, 18e6, 18e6, 18e6}) {
            cost.observe(1, Math.round(cold));
        }
        for (int i = 0; i < 20; i++) {
            cost.observe(5, 12_000_000); // 7 ms and one for each row
            cost.observe(8, 15_000_000);
            cost.observe(12, 19_000_000);
        }

        assertThat(cost.ns(8)).isCloseTo(15_000_000, Percentage.withPercentage(5));
        assertThat(cost.ns(1)).as("a guess from 5 rows").isBetween(5_000_000.0, 8_000_000.0);
    }

    @Test
    void shouldBelieveSurprisesOnlyOnceTheyRepeat() {
        for (int i = 0; i < 10; i++) {
            cost.observe(2, 1_000_000);
        }
        cost.observe(8, 50_000_000);
        assertThat(cost.ns(8)).as("a guess still").isLessThan(4_000_000);

        for (int i = 0; i < 60; i++) {
            cost.observe(8, 50_000_000);
        }
        assertThat(cost.ns(8)).isGreaterThan(40_000_000);
    }

    @Test
    void shouldNotDoubtSizesBetweenMeasuredOnesThatAreClose() {
        for (int i = 0; i < 10; i++) {
            cost.observe(4, 1_500_000);
            cost.observe(6, 2_100_000);
            cost.observe(10, 5_000_000);
        }

        assertThat(cost.leastNs(5)).isCloseTo(cost.ns(5), within(1.0)).isCloseTo(1_800_000, within(1.0));
        assertThat(cost.leastNs(8)).as("far from both").isCloseTo(2_100_000, within(1.0));
    }

    @Test
    void shouldKnowTheLeastThatSizesBetweenMeasuredOnesTake() {
        for (int i = 0; i < 10; i++) {
            cost.observe(2, 1_000_000);
            cost.observe(8, 5_000_000);
        }

        assertThat(cost.leastNs(5)).isCloseTo(1_000_000, within(1.0));
        assertThat(cost.ns(5)).isCloseTo(3_000_000, within(1.0));
        assertThat(cost.leastNs(8)).isCloseTo(5_000_000, within(1.0));
        for (int i = 0; i < 10_000; i++) {
            cost.observe(2, 1_000_000);
        }
        assertThat(cost.leastNs(8)).as("measured long ago").isCloseTo(1_000_000, within(1.0));
    }

    @Test
    void shouldNotDriftFarWhereItIsNotMeasured() {
        SplittableRandom random = new SplittableRandom(6);
        for (int i = 0; i < 50; i++) {
            cost.observe(1, 1_000_000);
            cost.observe(8, 2_000_000);
        }
        for (int i = 0; i < 20_000; i++) {
            cost.observe(1, random.nextInt(5) == 0 ? 3_000_000 : 500_000);
        }

        assertThat(cost.ns(8)).isBetween(1_200_000.0, 3_000_000.0);
    }

    @Test
    void shouldIgnoreWhatIsNoMeasurement() {
        cost.observe(0, 5);
        cost.observe(3, 0);

        assertThat(cost.ns(1)).isZero();
    }

    @Test
    void shouldAnswerBeyondItsLargestKnot() {
        cost.observe(5000, 1_000_000);

        assertThat(cost.ns(6000)).isPositive();
    }

    @Test
    void shouldHaveNothingToKeepBeforeItHasSeenEnough() {
        for (int i = 0; i < 255; i++) {
            cost.observe(1, 1_000_000);
        }
        assertThat(cost.curve()).isEmpty();

        for (int i = 0; i < 10; i++) {
            cost.observe(4, 1_500_000);
        }
        assertThat(cost.curve().orElseThrow().points())
                .as("4 rows may have been seen cold")
                .extracting(Point::rows)
                .containsExactly(1);
    }

    @Test
    void shouldKeepWhatARehearsalMeasuredAtOnce() {
        VerifyCostCurve curve =
                new VerifyCostCurve(List.of(new Point(1, 1e6), new Point(4, 1.5e6)), new ContextCost(700, 300));
        cost.observe(1, 30_000_000);
        assertThat(cost.curve()).isEmpty();

        cost.rehearsed(curve);

        assertThat(cost.curve()).contains(curve);
        assertThat(cost.ns(4)).isCloseTo(1.5e6, within(1.0));
        assertThat(cost.context()).isEqualTo(curve.context());
    }

    @Test
    void shouldKeepWhatItRecalledBesideWhatItLearned() {
        cost.recall(new VerifyCostCurve(List.of(new Point(1, 1e6), new Point(8, 2e6)), ContextCost.NONE));
        for (int i = 0; i < 256; i++) {
            cost.observe(1, 1_000_000);
        }

        assertThat(cost.curve().orElseThrow().points()).containsExactly(new Point(1, 1e6), new Point(8, 2e6));
    }

    @Test
    void shouldKeepWhatTextsCostApartFromWhatRowsCost() {
        cost.recall(new VerifyCostCurve(List.of(new Point(1, 1e6)), new ContextCost(1000, 500)));
        for (int i = 0; i < 100; i++) {
            cost.observe(1, 1_000_000, 0, 0);
            cost.observe(4, 1_500_000 + 1000 * 800 + 4 * 500 * 800, 800, 4 * 800);
        }

        assertThat(cost.ns(1)).isCloseTo(1e6, Percentage.withPercentage(1));
        assertThat(cost.ns(4)).isCloseTo(1.5e6, Percentage.withPercentage(1));
    }

    @Test
    void shouldNotBelieveThatATextCostsMoreThanThePass() {
        cost.recall(new VerifyCostCurve(List.of(new Point(1, 1e6)), new ContextCost(1e6, 1e6)));
        cost.observe(1, 1_000_000, 800, 800);

        assertThat(cost.ns(1)).isCloseTo(250_000, within(1.0));
    }

    @Test
    void shouldBelieveACurveOfAnEarlierEngineAtOnce() {
        VerifyCostModel later = new VerifyCostModel();
        later.recall(learned().curve().orElseThrow());

        assertThat(later.rowsTrusted()).isEqualTo(16);
        for (int rows : new int[] {1, 2, 3, 8, 16}) {
            assertThat(later.ns(rows)).as("%d rows", rows).isCloseTo(cost.ns(rows), within(1.0));
        }
        assertThat(later.curve()).as("nothing measured since").isEmpty();
    }

    @ParameterizedTest(name = "{displayName} factor={0}")
    @ValueSource(doubles = {0.3, 0.9, 2, 3.5})
    void shouldMoveARecalledCurveToTheSpeedOfToday(double factor) {
        VerifyCostModel later = new VerifyCostModel();
        later.recall(learned().curve().orElseThrow());

        later.observe(1, Math.round(factor * cost.ns(1)));

        for (int rows : new int[] {1, 2, 3, 8, 16}) {
            assertThat(later.ns(rows))
                    .as("%d rows", rows)
                    .isCloseTo(factor * cost.ns(rows), Percentage.withPercentage(0.1));
        }
    }

    @Test
    void shouldNotTakeCodeThatIsNotCompiledYetForASlowMachine() {
        VerifyCostModel later = new VerifyCostModel();
        later.recall(learned().curve().orElseThrow());
        for (double slowdown : new double[] {60, 40, 10, 4, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1}) {
            later.observe(1, Math.round(slowdown * cost.ns(1)));
        }

        assertThat(later.ns(1)).isCloseTo(cost.ns(1), Percentage.withPercentage(10));
        assertThat(later.ns(8)).isCloseTo(cost.ns(8), Percentage.withPercentage(10));
    }

    @Test
    void shouldForgetInTimeThatASizeWasSlowOnce() {
        VerifyCostModel later = new VerifyCostModel();
        later.rehearsed(new VerifyCostCurve(
                List.of(new Point(1, 1e6), new Point(2, 1.1e6), new Point(4, 1.4e6), new Point(8, 2.2e6)),
                ContextCost.NONE));
        for (int i = 0; i < 40; i++) {
            later.observe(1, 1_000_000);
        }
        for (int i = 0; i < 12; i++) {
            later.observe(4, 4_000_000); // its code was compiled anew
        }
        assertThat(later.ns(4)).isGreaterThan(1.8e6);

        for (int i = 0; i < 1000; i++) {
            later.observe(1, 1_000_000);
        }

        assertThat(later.ns(4)).isCloseTo(1.4e6, Percentage.withPercentage(5));
    }

    @Test
    void shouldRefineARecalledCurve() {
        VerifyCostModel later = new VerifyCostModel();
        later.recall(learned().curve().orElseThrow());
        assertThat(later.ns(8) / later.ns(1)).isLessThan(1.1);
        for (int i = 0; i < 300; i++) {
            later.observe(1, 1_000_000);
            later.observe(8, 4_000_000);
        }

        assertThat(later.ns(8) / later.ns(1)).isCloseTo(4, Percentage.withPercentage(10));
    }

    @Test
    void shouldNotRecallRowsThatCostMoreTogetherThanOneByOne() {
        cost.recall(new VerifyCostCurve(
                List.of(new Point(1, 15e6), new Point(2, 170e6), new Point(16, 240e6)), ContextCost.NONE));

        assertThat(cost.ns(1)).isCloseTo(15e6, within(1.0));
        assertThat(cost.ns(2)).as("on the line to 16 rows").isCloseTo(30e6, within(1.0));
        assertThat(cost.ns(16)).isCloseTo(240e6, within(1.0));
    }

    @Test
    void shouldTakeNothingFromACurveOfSizesItDoesNotKnow() {
        cost.recall(new VerifyCostCurve(List.of(new Point(9, 1e6), new Point(5000, 2e6)), ContextCost.NONE));

        assertThat(cost.ns(1)).isZero();
        cost.observe(1, 1_000_000);
        assertThat(cost.ns(1)).isCloseTo(1e6, within(1.0));
    }

    @Test
    void shouldRefuseWhatIsNoCurve() {
        for (List<Point> points : List.of(
                List.<Point>of(),
                List.of(new Point(0, 1)),
                List.of(new Point(1, 0)),
                List.of(new Point(1, Double.NaN)),
                List.of(new Point(1, Double.POSITIVE_INFINITY)),
                List.of(new Point(2, 5), new Point(2, 6)),
                List.of(new Point(1, 5), new Point(2, 4)))) {
            assertThatIllegalArgumentException()
                    .as("%s", points)
                    .isThrownBy(() -> new VerifyCostCurve(points, ContextCost.NONE));
        }
    }

    /** {@link #cost} after some hundred passes of 1 to 16 rows. */
    private VerifyCostModel learned() {
        for (int i = 0; i < 40; i++) {
            for (int rows : new int[] {1, 2, 3, 4, 6, 8, 12, 16}) {
                cost.observe(rows, Math.round(curve(rows) * 3));
            }
        }
        return cost;
    }

    /** Flat to 16 rows, then a line. */
    private static double curve(int rows) {
        return 1e6 * (1 + 0.01 * rows + 0.06 * Math.max(0, rows - 16));
    }
}
