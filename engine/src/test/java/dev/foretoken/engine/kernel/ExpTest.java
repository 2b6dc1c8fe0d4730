package dev.foretoken.engine.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ExpTest {
    @Test
    void shouldStayWithinItsErrorBound() {
        double worst = 0;
        for (float x = -87f; x <= 88f; x += 1.7e-4f) worst = Math.max(worst, relativeError(x));
        for (float x = 1e-8f; x < 1f; x *= 1.001f)
            worst = Math.max(worst, Math.max(relativeError(x), relativeError(-x)));
        assertThat(worst).isLessThan(1.2e-7);
    }

    private static double relativeError(float x) {
        double exact = StrictMath.exp(x);
        return Math.abs(Exp.exp(x) - exact) / exact;
    }

    @Test
    void shouldBeExactAtZeroAndClampOutsideItsRange() {
        assertThat(Exp.exp(0f)).isEqualTo(1f);
        assertThat(Exp.exp(-0f)).isEqualTo(1f);
        assertThat(Exp.exp(Float.NEGATIVE_INFINITY)).isEqualTo(Exp.exp(-87f)).isBetween(1e-38f, 2e-38f);
        assertThat(Exp.exp(Float.POSITIVE_INFINITY)).isEqualTo(Exp.exp(88f)).isFinite();
        assertThat(Exp.exp(Float.NaN)).isNaN();
    }
}
