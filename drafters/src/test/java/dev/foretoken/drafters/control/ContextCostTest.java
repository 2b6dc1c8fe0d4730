package dev.foretoken.drafters.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContextCostTest {
    private static final int[] ROWS = {1, 2, 4, 8};

    @Test
    void shouldFindWhatPositionsAndRowsTake() {
        ContextCost cost = ContextCost.fit(ROWS, new double[] {1500, 2000, 3000, 5000}, 10);

        assertThat(cost.nsPerPosition()).isCloseTo(100, within(1e-9));
        assertThat(cost.nsPerRowPosition()).isCloseTo(50, within(1e-9));
        assertThat(cost.ns(20, 60)).isCloseTo(5000, within(1e-9));
    }

    @Test
    void shouldNotSayThatMoreTakesLess() {
        ContextCost falling = ContextCost.fit(ROWS, new double[] {5000, 4000, 3000, 2000}, 10);
        assertThat(falling.nsPerRowPosition()).isZero();
        assertThat(falling.nsPerPosition()).isCloseTo(350, within(1e-9));

        ContextCost steep = ContextCost.fit(ROWS, new double[] {0, 0, 0, 8000}, 10);
        assertThat(steep.nsPerPosition()).isZero();
        assertThat(steep.nsPerRowPosition()).isPositive();

        assertThat(ContextCost.fit(ROWS, new double[] {-5, -5, -5, -5}, 10)).isEqualTo(ContextCost.NONE);
        assertThat(ContextCost.fit(new int[0], new double[0], 10)).isEqualTo(ContextCost.NONE);
    }

    @Test
    void shouldTakeOneSizeForWhatPositionsTake() {
        ContextCost cost = ContextCost.fit(new int[] {3}, new double[] {600}, 10);

        assertThat(cost).isEqualTo(new ContextCost(60, 0));
    }

    @ParameterizedTest
    @ValueSource(doubles = {-1, Double.NaN, Double.POSITIVE_INFINITY})
    void shouldRefuseWhatIsNoCost(double ns) {
        assertThatIllegalArgumentException().isThrownBy(() -> new ContextCost(ns, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new ContextCost(0, ns));
    }
}
