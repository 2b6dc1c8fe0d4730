package dev.foretoken.engine.kernel;

import static dev.foretoken.engine.kernel.PackedMatrix.PANEL_ROWS;
import static dev.foretoken.engine.kernel.PackedMatrix.STRIPE;

import java.util.function.Function;

/**
 * Weights of 16 bits: half precision (F16) or bfloat16.
 *
 * <p>The float is {@code (bits << shift & mask) * factor}, the bits extended with their sign: they are moved to where a float has
 * them, and the factor puts the exponent right. So a file's bits are kept as they are, or for halves exponents 10 higher where
 * all are below 128: then halves that are subnormal, whose exponent is 0, are not subnormal as floats either. A multiplication
 * by such a float takes some processors a hundred cycles, and of normal weights with a deviation of 0.02 one in 400 is that small.
 *
 * <p>Infinities and NaNs in half precision, which no sound model has, would come out wrong: a slab with such weights takes the
 * slow way.
 */
final class PackedHalf extends PackedSlab {
    /** Magnitudes from here on are no numbers. */
    private static final int INFINITY_F16 = 0x7c00;
    /** The half 128: higher exponents have no room for 10 more. */
    private static final int LARGE_F16 = 0x5800;

    private static final int MAGNITUDE = 0x7fff;
    /** The factor of halves as in the file, and of those with exponents 10 higher. */
    private static final float FACTOR_F16 = 0x1p112f, RAISED_FACTOR_F16 = 0x1p102f;

    final short[] w;
    final int shift;
    final int mask;
    private final boolean isBf16;
    private float factor;
    private volatile boolean isFinite = true;
    private volatile boolean isSmall = true;

    private PackedHalf(PackedLayout layout, short[] w, SlabGrid.Slab place) {
        super(place);
        this.w = w;
        this.isBf16 = layout == PackedLayout.BF16;
        this.shift = isBf16 ? 16 : 13;
        this.mask = isBf16 ? -1 : 0x8fffffff;
        this.factor = isBf16 ? 1f : FACTOR_F16;
    }

    static Function<SlabGrid.Slab, PackedSlab> allocate(PackedLayout layout, long weights) {
        short[] w = new short[(int) weights];
        return place -> new PackedHalf(layout, w, place);
    }

    /** Whether shift, mask and factor give every weight: always for bfloat16. */
    boolean isFinite() {
        return isFinite;
    }

    /** What the moved bits are multiplied with. */
    float factor() {
        return factor;
    }

    @Override
    int stripeBytes() {
        return Short.BYTES * columns() * STRIPE;
    }

    @Override
    float weight(int row, int k) {
        short bits = w[rowAt(row) + k * STRIPE];
        return isFinite ? Float.intBitsToFloat(bits << shift & mask) * factor : Float.float16ToFloat(bits);
    }

    @Override
    void fillPanel(int panelIndex, int kFrom, int kTo, float[] panel, int panelAt) {
        int at = rowAt(panelIndex * PANEL_ROWS) + kFrom * STRIPE;
        if (STRIPE == PANEL_ROWS) widen(at, panel, panelAt, (kTo - kFrom) * PANEL_ROWS);
        else
            for (int k = kFrom; k < kTo; k++, at += STRIPE, panelAt += PANEL_ROWS)
                widen(at, panel, panelAt, PANEL_ROWS);
    }

    /** Flat loops, which the compiler turns into vectors. */
    private void widen(int at, float[] out, int outAt, int count) {
        int shift = this.shift, mask = this.mask;
        float factor = this.factor;
        if (isFinite)
            for (int i = 0; i < count; i++) out[outAt + i] = Float.intBitsToFloat(w[at + i] << shift & mask) * factor;
        else for (int i = 0; i < count; i++) out[outAt + i] = Float.float16ToFloat(w[at + i]);
    }

    @Override
    void storeRow(int row, RowDecoder decoded) {
        int at = rowAt(row), most = 0;
        for (int k = 0; k < columns(); k++) {
            short bits = decoded.halves[firstColumn() + k];
            w[at + k * STRIPE] = bits;
            most = Math.max(most, bits & MAGNITUDE);
        }
        if (isBf16) return;
        if (most >= INFINITY_F16) isFinite = false;
        if (most >= LARGE_F16) isSmall = false;
    }

    @Override
    void seal() {
        if (isBf16 || !isSmall) return;
        for (int i = 0; i < w.length; i++) { // halves are never cut into slabs
            int bits = Float.floatToRawIntBits(Float.float16ToFloat(w[i]) / RAISED_FACTOR_F16);
            w[i] = (short) (bits >> 16 & ~MAGNITUDE | bits >> 13 & MAGNITUDE);
        }
        factor = RAISED_FACTOR_F16;
    }
}
