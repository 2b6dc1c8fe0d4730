package dev.foretoken.engine.kernel;

import static dev.foretoken.engine.kernel.PackedMatrix.PANEL_ROWS;
import static dev.foretoken.engine.kernel.PackedMatrix.STRIPE;

import java.util.function.Function;

/**
 * Weights of 16 bits, kept as they are in the file: half precision (F16) or bfloat16.
 *
 * <p>The float is {@code (bits << shift & mask) * factor}, the bits extended with their sign: moved to where a float has them,
 * a half's exponent is too low by 112. That is exact, also where the half is subnormal. Infinities and NaNs in half precision,
 * which no sound model has, would come out wrong, so a slab with such weights takes the slow way.
 */
final class PackedHalf extends PackedSlab {
    private static final short EXPONENT_F16 = 0x7c00;

    final short[] w;
    final int shift;
    final int mask;
    final float factor;
    private final boolean isBf16;
    private volatile boolean isFinite = true;

    private PackedHalf(PackedLayout layout, short[] w, SlabGrid.Slab place) {
        super(place);
        this.w = w;
        this.isBf16 = layout == PackedLayout.BF16;
        this.shift = isBf16 ? 16 : 13;
        this.mask = isBf16 ? -1 : 0x8fffffff;
        this.factor = isBf16 ? 1f : 0x1p112f;
    }

    static Function<SlabGrid.Slab, PackedSlab> allocate(PackedLayout layout, long weights) {
        short[] w = new short[(int) weights];
        return place -> new PackedHalf(layout, w, place);
    }

    /** Whether shift, mask and factor give every weight: always for bfloat16. */
    boolean isFinite() {
        return isFinite;
    }

    @Override
    int stripeBytes() {
        return Short.BYTES * columns() * STRIPE;
    }

    private float value(short bits) {
        return isBf16 ? Float.intBitsToFloat(bits << 16) : Float.float16ToFloat(bits);
    }

    @Override
    float weight(int row, int k) {
        return value(w[rowAt(row) + k * STRIPE]);
    }

    @Override
    void fillPanel(int panelIndex, int kFrom, int kTo, float[] panel, int panelAt) {
        int at = rowAt(panelIndex * PANEL_ROWS) + kFrom * STRIPE;
        if (STRIPE == PANEL_ROWS) widen(at, panel, panelAt, (kTo - kFrom) * PANEL_ROWS);
        else
            for (int k = kFrom; k < kTo; k++, at += STRIPE, panelAt += PANEL_ROWS)
                widen(at, panel, panelAt, PANEL_ROWS);
    }

    /** Flat loops, which the compiler turns into the processor's conversions. */
    private void widen(int at, float[] out, int outAt, int count) {
        if (isBf16) for (int i = 0; i < count; i++) out[outAt + i] = Float.intBitsToFloat(w[at + i] << 16);
        else for (int i = 0; i < count; i++) out[outAt + i] = Float.float16ToFloat(w[at + i]);
    }

    @Override
    void storeRow(int row, RowDecoder decoded) {
        int at = rowAt(row);
        boolean finite = true;
        for (int k = 0; k < columns(); k++) {
            short bits = decoded.halves[firstColumn() + k];
            w[at + k * STRIPE] = bits;
            finite &= (bits & EXPONENT_F16) != EXPONENT_F16;
        }
        if (!finite && !isBf16) isFinite = false;
    }
}
