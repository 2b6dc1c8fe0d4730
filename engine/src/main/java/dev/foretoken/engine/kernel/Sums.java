package dev.foretoken.engine.kernel;

/**
 * Sums in one order on every platform: partial sum j takes the elements with {@code i mod 8 == j} in ascending order, then
 * {@code ((s0+s4)+(s2+s6))+((s1+s5)+(s3+s7))}. Written with eight scalars, which are independent chains already.
 */
final class Sums {
    private Sums() {}

    static float plain(float[] a, int at, int n) {
        return finish(0, 0, 0, 0, 0, 0, 0, 0, a, at, n);
    }

    /** Adds n more elements to partial sums that hold a multiple of eight. */
    static float finish(
            float s0, float s1, float s2, float s3, float s4, float s5, float s6, float s7, float[] a, int at, int n) {
        int i = 0;
        for (; i + 8 <= n; i += 8) {
            int j = at + i;
            s0 += a[j];
            s1 += a[j + 1];
            s2 += a[j + 2];
            s3 += a[j + 3];
            s4 += a[j + 4];
            s5 += a[j + 5];
            s6 += a[j + 6];
            s7 += a[j + 7];
        }
        int left = n - i, j = at + i;
        if (left > 0) s0 += a[j];
        if (left > 1) s1 += a[j + 1];
        if (left > 2) s2 += a[j + 2];
        if (left > 3) s3 += a[j + 3];
        if (left > 4) s4 += a[j + 4];
        if (left > 5) s5 += a[j + 5];
        if (left > 6) s6 += a[j + 6];
        return s0 + s4 + (s2 + s6) + (s1 + s5 + (s3 + s7));
    }

    /** {@code 1 / sqrt(mean of squares + epsilon)}, after the sum in double. */
    static float inverseRootMean(float[] a, int at, int n, float epsilon) {
        double mean = (double) squares(a, at, n) / n;
        return (float) (1 / Math.sqrt(mean + epsilon));
    }

    /** Sum of squares, each added by one fma. */
    static float squares(float[] a, int at, int n) {
        float s0 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0, s5 = 0, s6 = 0, s7 = 0;
        int i = 0;
        for (; i + 8 <= n; i += 8) {
            int j = at + i;
            s0 = Math.fma(a[j], a[j], s0);
            s1 = Math.fma(a[j + 1], a[j + 1], s1);
            s2 = Math.fma(a[j + 2], a[j + 2], s2);
            s3 = Math.fma(a[j + 3], a[j + 3], s3);
            s4 = Math.fma(a[j + 4], a[j + 4], s4);
            s5 = Math.fma(a[j + 5], a[j + 5], s5);
            s6 = Math.fma(a[j + 6], a[j + 6], s6);
            s7 = Math.fma(a[j + 7], a[j + 7], s7);
        }
        int left = n - i, j = at + i;
        if (left > 0) s0 = Math.fma(a[j], a[j], s0);
        if (left > 1) s1 = Math.fma(a[j + 1], a[j + 1], s1);
        if (left > 2) s2 = Math.fma(a[j + 2], a[j + 2], s2);
        if (left > 3) s3 = Math.fma(a[j + 3], a[j + 3], s3);
        if (left > 4) s4 = Math.fma(a[j + 4], a[j + 4], s4);
        if (left > 5) s5 = Math.fma(a[j + 5], a[j + 5], s5);
        if (left > 6) s6 = Math.fma(a[j + 6], a[j + 6], s6);
        return s0 + s4 + (s2 + s6) + (s1 + s5 + (s3 + s7));
    }
}
