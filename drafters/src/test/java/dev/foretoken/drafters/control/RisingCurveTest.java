package dev.foretoken.drafters.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class RisingCurveTest {
    private static final double EXACT = 1e-9;

    private final RisingCurve curve = new RisingCurve();

    private void draw(int[] rows, double[] values, double[] weights) {
        curve.begin();
        for (int i = 0; i < rows.length; i++) {
            curve.add(CostKnots.atOrAbove(rows[i]), values[i], weights[i]);
        }
        curve.finish();
    }

    @Test
    void shouldGoStraightBetweenKnotsAndOnBeyondThem() {
        draw(new int[] {4, 8}, new double[] {19, 27}, new double[] {1, 1});

        assertThat(curve.read(6)).isCloseTo(23, within(EXACT));
        assertThat(curve.read(9)).isCloseTo(29, within(EXACT));
        assertThat(curve.read(1)).as("guessed").isCloseTo(10, within(EXACT));
    }

    @Test
    void shouldAverageByWeightWhatFalls() {
        draw(new int[] {1, 2, 3, 4}, new double[] {1, 10, 6, 3}, new double[] {1, 1, 3, 4});

        assertThat(curve.read(1)).isCloseTo(1, within(EXACT));
        for (int rows = 2; rows <= 4; rows++) {
            assertThat(curve.read(rows)).as("%d rows", rows).isCloseTo((10 + 18 + 12) / 8.0, within(EXACT));
        }
        assertThat(curve.read(5)).as("never free").isGreaterThan(curve.read(4));
    }

    @Test
    void shouldGuessEverythingFromOneValue() {
        curve.guessFrom(11, 8);

        assertThat(curve.read(1)).isCloseTo(2, within(EXACT));
        assertThat(curve.read(2)).isCloseTo(2.6, within(EXACT));
    }

    @Test
    void shouldForgetWhatItWasDrawnThroughBefore() {
        draw(new int[] {2, 8}, new double[] {1, 100}, new double[] {1, 1});
        draw(new int[] {2, 16}, new double[] {1, 15}, new double[] {1, 1});

        assertThat(curve.read(8)).isCloseTo(7, within(EXACT));
    }
}
