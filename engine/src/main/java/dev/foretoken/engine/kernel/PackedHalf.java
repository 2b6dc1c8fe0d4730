package dev.foretoken.engine.kernel;

import static dev.foretoken.engine.kernel.PackedMatrix.PANEL_ROWS;
import static dev.foretoken.engine.kernel.PackedMatrix.STRIPE;

import java.util.function.Function;

/**
 * Weights of 16 bits: half precision (F16) or bfloat16.
 *
 * <p>Halves below 64 are kept 1024 times as large, if all are that small: then none is subnormal. The float is {@code (bits <<
 * shift & mask) * factor}, the bits extended with their sign: they are moved to where a float has them, and the factor puts the
 * exponent right. A subnormal half would be a subnormal float until then, and a multiplication by that takes some processors a
 * hundred cycles; of normal weights with a deviation of 0.02 one in 400 is that small.
 *
 * <p>Infinities and NaNs in half precision, which no sound model has, would come out wrong: a slab with such weights takes the
 * slow way.
 */
final class PackedHalf extends PackedSlab {
    /** Magnitudes from here on are no numbers. */
    private static final int INFINITY_F16 = 0x7c00;
    /** The half 64, which 1024 times as large is none any more. */
    private static final int LARGE_F16 = 0x5400;

    private static final int MAGNITUDE = 0x7fff;
    private static final float ENLARGED = 1024f;

    /** {@link Prefetch#BYTES} in weights. */
    static final int SHORTS_AHEAD = Prefetch.BYTES / Short.BYTES;

    static final int SHORTS_AHEAD_OF_ONE = Prefetch.BYTES_OF_ONE / Short.BYTES;

    final short[] w;
    final int shift;
    final int mask;
    private final boolean isBf16;
    /** How many times as large as in the file weights are kept. */
    private float size = 1;

    private volatile boolean isFinite = true;
    private volatile boolean isSmall = true;

    private PackedHalf(PackedLayout layout, short[] w, SlabGrid.Slab place) {
        super(place);
        this.w = w;
        this.isBf16 = layout == PackedLayout.BF16;
        this.shift = isBf16 ? 16 : 13;
        this.mask = isBf16 ? -1 : 0x8fffffff;
    }

    static Function<SlabGrid.Slab, PackedSlab> allocate(PackedLayout layout, long weights) {
        short[] w = new short[(int) weights + Prefetch.END_BYTES / Short.BYTES];
        return place -> new PackedHalf(layout, w, place);
    }

    /** Whether shift, mask and factor give every weight: always for bfloat16. */
    boolean isFinite() {
        return isFinite;
    }

    /** What the moved bits are multiplied with. */
    float factor() {
        return (isBf16 ? 1f : 0x1p112f) / size;
    }

    @Override
    int stripeBytes() {
        return Short.BYTES * columns() * STRIPE;
    }

    private float value(short bits) {
        return isBf16 ? Float.intBitsToFloat(bits << 16) : Float.float16ToFloat(bits) / size;
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
        float scale = 1 / size;
        if (isBf16) for (int i = 0; i < count; i++) out[outAt + i] = Float.intBitsToFloat(w[at + i] << 16);
        else for (int i = 0; i < count; i++) out[outAt + i] = Float.float16ToFloat(w[at + i]) * scale;
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
        size = ENLARGED;
        // All of the array: halves are never cut into slabs.
        for (int i = 0; i < w.length; i++) w[i] = Float.floatToFloat16(Float.float16ToFloat(w[i]) * size);
    }
}
