package dev.foretoken.engine.kernel;

/**
 * Scales and minima of the stripes that a tile works on, widened to floats in the first cache. Working memory of one
 * thread.
 */
final class BlockScales {
    /** What {@link Q4WideTiles} multiplies: nibbles as parts of 16. */
    private static final float WIDE = 16f;

    float[] scale = {};
    float[] minimum = {};
    /** Index in the matrix of the first number here. */
    int first;

    /** Shows scales and minima of stripes [stripe, stripe + stripes). */
    void show(PackedQ4 w, int stripe, int stripes) {
        int count = move(stripe, stripes, w.scalesPerStripe());
        w.scale.copy(first, count, scale);
        if (w.hasMinimum()) w.minimum.copy(first, count, minimum);
        else multiply(scale, PackedQ4.SYMMETRIC, count, minimum);
    }

    /** Shows {@code 16 * scale} and {@code minimum - 16 * scale}, which are exact: {@link PackedQ4#isMantissaExact()}. */
    void showWide(PackedQ4 w, int stripe, int stripes) {
        int count = move(stripe, stripes, w.scalesPerStripe());
        w.scale.copy(first, count, scale);
        if (w.hasMinimum()) {
            w.minimum.copy(first, count, minimum);
            widen(scale, minimum, count);
        } else {
            widenSymmetric(scale, minimum, count);
        }
    }

    /** Shows the scales of stripes [stripe, stripe + stripes). */
    void show(PackedQ8 w, int stripe, int stripes) {
        int count = move(stripe, stripes, w.scalesPerStripe());
        w.scale.copy(first, count, scale);
    }

    /** Shows scales and minima of stripes [stripe, stripe + stripes). */
    void show(PackedQ8Min w, int stripe, int stripes) {
        int count = move(stripe, stripes, w.scalesPerStripe());
        w.scale.copy(first, count, scale);
        w.minimum.copy(first, count, minimum);
    }

    private static void multiply(float[] from, float by, int count, float[] to) {
        for (int i = 0; i < count; i++) to[i] = by * from[i];
    }

    /** Of a block whose minimum is {@link PackedQ4#SYMMETRIC} times the scale, {@code -24 * scale} is left. */
    private static void widenSymmetric(float[] scale, float[] minimum, int count) {
        for (int i = 0; i < count; i++) {
            float narrow = scale[i];
            scale[i] = narrow * WIDE;
            minimum[i] = narrow * (PackedQ4.SYMMETRIC - WIDE);
        }
    }

    private static void widen(float[] scale, float[] minimum, int count) {
        for (int i = 0; i < count; i++) {
            float wide = scale[i] * WIDE;
            scale[i] = wide;
            minimum[i] -= wide;
        }
    }

    /** Returns the count of numbers, for which there is room afterwards. */
    private int move(int stripe, int stripes, int numbersPerStripe) {
        int count = stripes * numbersPerStripe;
        first = stripe * numbersPerStripe;
        if (scale.length < count) {
            scale = new float[count];
            minimum = new float[count];
        }
        return count;
    }
}
