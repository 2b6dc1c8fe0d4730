package dev.foretoken.engine.kernel;

/**
 * {@code w = fma(q, scale, minimum * minimumFactor)}, nibbles 0 to 15, scale and minimum per 32 weights (Q4_0, Q4_1, Q4_K).
 * One int holds k..k+7 of one row, lowest nibble first. The factor is 1, or -8 where the minima are the scales themselves.
 */
final class PackedQ4 extends PackedMatrix {
    final int[] q;
    final float[] scale;
    final float[] minimum;
    final float minimumFactor;
    private volatile boolean isMantissaExact = true;

    PackedQ4(PackedLayout layout, int rows, int columns) {
        super(rows, columns);
        int ints = checkedWeights(layout, rows, columns);
        this.q = new int[ints];
        this.scale = new float[ints / 4];
        boolean isCentred = layout == PackedLayout.Q4_CENTRED;
        this.minimum = isCentred ? scale : new float[ints / 4];
        this.minimumFactor = isCentred ? -8f : 1f;
    }

    /** Ints of one stripe. */
    int intsPerStripe() {
        return columns() / 8 * STRIPE;
    }

    int scalesPerStripe() {
        return columns() / 32 * STRIPE;
    }

    /**
     * True if {@code minimum - n * scale} is a float everywhere for n = 16 and n = 256, so that {@code fma(n + q, scale,
     * minimum - n * scale)} has the bits of {@code fma(q, scale, minimum)}: the same number, rounded once. Holds for every Q4_0,
     * as 24 and 264 times a half-precision number are floats, and nearly every Q4_1 tensor, whose scales and minima have 11 bits.
     */
    boolean isMantissaExact() {
        return isMantissaExact;
    }

    /** A weight that is minus zero in one form may be plus zero in the other: only that of two negative factors can be. */
    private static boolean isMantissaExact(float scale, float minimum) {
        boolean mayBeMinusZero =
                Float.floatToRawIntBits(scale) < 0 && Float.floatToRawIntBits(minimum) == Integer.MIN_VALUE;
        return isFloat(minimum - 16.0 * scale) && isFloat(minimum - 256.0 * scale) && !mayBeMinusZero;
    }

    private static boolean isFloat(double number) {
        return (float) number == number && Double.isFinite(number);
    }

    @Override
    public long sizeBytes() {
        return 4L * q.length + 4L * scale.length + (minimum == scale ? 0 : 4L * minimum.length);
    }

    @Override
    float weight(int row, int k) {
        int stripe = row / STRIPE, lane = row % STRIPE;
        int nibble = q[stripe * intsPerStripe() + k / 8 * STRIPE + lane] >>> 4 * (k % 8) & 15;
        int scaleAt = stripe * scalesPerStripe() + k / 32 * STRIPE + lane;
        return Math.fma((float) nibble, scale[scaleAt], minimum[scaleAt] * minimumFactor);
    }

    @Override
    void fillPanel(int panelIndex, int kFrom, int kTo, float[] panel, int panelAt) {
        int stripe = panelIndex * PANEL_ROWS / STRIPE, lane = panelIndex * PANEL_ROWS % STRIPE;
        for (int k = kFrom; k < kTo; k++, panelAt += PANEL_ROWS) {
            int at = stripe * intsPerStripe() + k / 8 * STRIPE + lane, shift = 4 * (k % 8);
            int scaleAt = stripe * scalesPerStripe() + k / 32 * STRIPE + lane;
            for (int r = 0; r < PANEL_ROWS; r++)
                panel[panelAt + r] = Math.fma(
                        (float) (q[at + r] >>> shift & 15), scale[scaleAt + r], minimum[scaleAt + r] * minimumFactor);
        }
    }

    @Override
    void storeRow(int row, RowDecoder decoded) {
        int stripe = row / STRIPE, lane = row % STRIPE;
        int at = stripe * intsPerStripe() + lane, scaleAt = stripe * scalesPerStripe() + lane;
        for (int g = 0; g < columns() / 8; g++) {
            int eight = 0;
            for (int j = 0; j < 8; j++) eight |= decoded.q[g * 8 + j] << 4 * j;
            q[at + g * STRIPE] = eight;
        }
        for (int b = 0; b < columns() / 32; b++) {
            scale[scaleAt + b * STRIPE] = decoded.scale[b];
            if (minimum == scale) continue;
            minimum[scaleAt + b * STRIPE] = decoded.minimum[b];
            if (!isMantissaExact(decoded.scale[b], decoded.minimum[b])) isMantissaExact = false;
        }
    }
}
