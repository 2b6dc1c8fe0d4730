package dev.foretoken.engine.sampling;

/**
 * exp for arguments at most 0, to within a few units in the last place: a table of 2^(j/64) and a short polynomial. Plain
 * double arithmetic in a fixed order, so every machine computes the same bits.
 */
final class FastExp {
    /** Largest relative error, with room to spare. */
    static final double RELATIVE_ERROR = 1e-14;

    private static final double PER_UNIT = 64 / StrictMath.log(2);
    // ln 2 / 64 in two parts: the first has 20 trailing zero bits, so its products with the step numbers are exact.
    private static final double STEP_HIGH =
            Double.longBitsToDouble(Double.doubleToRawLongBits(StrictMath.log(2) / 64) & -1L << 20);
    private static final double STEP_LOW = (0.6931471805599453 - STEP_HIGH * 64 + 2.3190468138462996e-17) / 64;
    private static final double SMALLEST = -700;
    private static final double[] POWER = new double[64];

    static {
        for (int j = 0; j < POWER.length; j++) {
            POWER[j] = StrictMath.pow(2, j / 64.0);
        }
    }

    private FastExp() {}

    /** exp(x) for x at most 0; 0 below -700. */
    static double exp(double x) {
        if (x < SMALLEST) {
            return 0;
        }
        int step = (int) (x * PER_UNIT - 0.5);
        double r = (x - step * STEP_HIGH) - step * STEP_LOW;
        double polynomial = r * (1 + r * (0.5 + r * (1.0 / 6 + r * (1.0 / 24 + r * (1.0 / 120)))));
        double power = POWER[step & 63];
        double scale = Double.longBitsToDouble((long) ((step >> 6) + 1023) << 52);
        return (power + power * polynomial) * scale;
    }
}
