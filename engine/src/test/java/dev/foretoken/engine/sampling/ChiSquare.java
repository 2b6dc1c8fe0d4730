package dev.foretoken.engine.sampling;

/** Pearson's test of observed counts against expected ones. */
final class ChiSquare {
    private static final double EXPECTED_MIN = 5;

    private ChiSquare() {}

    /**
     * The probability of counts at least this unlikely if the expectation is right. Cells that expect fewer than five are
     * pooled; a count where nothing is expected gives 0.
     */
    static double pValue(long[] observed, double[] expected) {
        double statistic = 0;
        int cells = 0;
        double pooledExpected = 0;
        long pooledObserved = 0;
        for (int cell = 0; cell < observed.length; cell++) {
            if (expected[cell] == 0 && observed[cell] > 0) {
                return 0;
            }
            if (expected[cell] >= EXPECTED_MIN) {
                statistic += term(observed[cell], expected[cell]);
                cells++;
            } else {
                pooledExpected += expected[cell];
                pooledObserved += observed[cell];
            }
        }
        if (pooledExpected >= EXPECTED_MIN) {
            statistic += term(pooledObserved, pooledExpected);
            cells++;
        }
        return upperTail((cells - 1) / 2.0, statistic / 2);
    }

    private static double term(long observed, double expected) {
        return (observed - expected) * (observed - expected) / expected;
    }

    /** Regularised upper incomplete gamma function Q(a, x): a series below a + 1, Lentz's continued fraction above. */
    static double upperTail(double a, double x) {
        if (x <= 0) {
            return 1;
        }
        double front = Math.exp(a * Math.log(x) - x - logGamma(a));
        if (x < a + 1) {
            double term = 1 / a;
            double sum = term;
            for (int n = 1; n < 1000 && term > sum * 1e-15; n++) {
                term *= x / (a + n);
                sum += term;
            }
            return 1 - front * sum;
        }
        double b = x + 1 - a;
        double c = 1e300;
        double d = 1 / b;
        double fraction = d;
        for (int n = 1; n < 1000; n++) {
            double numerator = -n * (n - a);
            b += 2;
            d = 1 / (numerator * d + b);
            c = b + numerator / c;
            fraction *= d * c;
        }
        return front * fraction;
    }

    /** log of the gamma function by Stirling's series after shifting the argument up. */
    private static double logGamma(double argument) {
        double shift = 0;
        double a = argument;
        for (; a < 20; a++) {
            shift += Math.log(a);
        }
        double inverse = 1 / (a * a);
        double series = (1.0 / 12 - inverse * (1.0 / 360 - inverse / 1260)) / a;
        return (a - 0.5) * Math.log(a) - a + 0.5 * Math.log(2 * Math.PI) + series - shift;
    }
}
