package dev.foretoken.engine.kernel;

/**
 * exp in float32 with the same bits everywhere: {@code 2^n * p(r)}, {@code r = x - n ln 2} in two parts,
 * {@code p(r) = 1 + r + r^2 (C1 + C2 r + ... + C6 r^5)}, all with explicit fma. The largest relative error is below 1.2e-7
 * between -87 and 88; arguments are clamped to that range, NaN stays NaN.
 *
 * <p>The coefficients minimise the largest relative error of p on |r| <= ln 2 / 2 (5e-11 before rounding to float32).
 */
final class Exp {
    static final float LOWEST = -87f;
    static final float HIGHEST = 88f;
    static final float LOG2_E = 1.442695f;
    /** 1.5 * 2^23: adding it rounds to the nearest integer, which is left in the low bits. */
    static final float ROUND = 12582912f;
    /** -ln 2, first bits: exact products with small integers. */
    static final float LN2_HIGH = -0.693359375f;
    /** -ln 2, the rest. */
    static final float LN2_LOW = 2.1219444e-4f;

    static final float C6 = 1.9790303e-4f;
    static final float C5 = 1.3944705e-3f;
    static final float C4 = 8.333498e-3f;
    static final float C3 = 4.1666295e-2f;
    static final float C2 = 1.6666666e-1f;
    static final float C1 = 0.5f;
    static final int ONE_BITS = 0x3f800000;

    private Exp() {}

    static float exp(float value) {
        float x = Math.min(Math.max(value, LOWEST), HIGHEST);
        float shifted = Math.fma(x, LOG2_E, ROUND);
        float n = shifted - ROUND;
        float r = Math.fma(n, LN2_LOW, Math.fma(n, LN2_HIGH, x));
        float p = Math.fma(C6, r, C5);
        p = Math.fma(p, r, C4);
        p = Math.fma(p, r, C3);
        p = Math.fma(p, r, C2);
        p = Math.fma(p, r, C1);
        p = Math.fma(p, r * r, r + 1f);
        return p * Float.intBitsToFloat((Float.floatToRawIntBits(shifted) << 23) + ONE_BITS);
    }
}
