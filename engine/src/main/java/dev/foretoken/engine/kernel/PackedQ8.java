package dev.foretoken.engine.kernel;

import static dev.foretoken.engine.kernel.PackedMatrix.PANEL_ROWS;
import static dev.foretoken.engine.kernel.PackedMatrix.STRIPE;

import java.util.Arrays;
import java.util.function.Function;

/**
 * {@code w = fma(q, scale, minimum)}, bytes; one scale per 32 (Q8_0, Q5_0, Q5_1, Q5_K) or per 16 weights (Q6_K). Types without
 * minima share one stripe of minus zeros: to add that is to add nothing, whatever the product's sign.
 */
final class PackedQ8 extends PackedSlab {
    final byte[] q;
    final float[] scale;
    final float[] minimum;
    /** Floats from the minima of a block to those of the next: 0 where all are the same. */
    final int minimumStep;
    /** log2 of the weights that share a scale. */
    final int blockShift;

    private PackedQ8(PackedLayout layout, byte[] q, float[] scale, float[] minimum, SlabGrid.Slab place) {
        super(place);
        this.blockShift = Integer.numberOfTrailingZeros(layout.block);
        this.q = q;
        this.scale = scale;
        this.minimum = minimum;
        this.minimumStep = layout == PackedLayout.Q8_MIN ? STRIPE : 0;
    }

    static Function<SlabGrid.Slab, PackedSlab> allocate(PackedLayout layout, long weights) {
        byte[] q = new byte[(int) weights + Prefetch.END_BYTES];
        float[] scale = new float[(int) weights / layout.block];
        boolean hasMinima = layout == PackedLayout.Q8_MIN;
        float[] minimum = new float[hasMinima ? scale.length : STRIPE];
        if (!hasMinima) Arrays.fill(minimum, -0f);
        return place -> new PackedQ8(layout, q, scale, minimum, place);
    }

    /** Where the scales of a stripe begin. */
    int scalesAt(int stripe) {
        return stripeAt(stripe) >> blockShift;
    }

    /** Where the minima of a stripe begin: all stripes have the same where the step is 0. */
    int minimaAt(int stripe) {
        return hasMinima() ? scalesAt(stripe) : 0;
    }

    boolean hasMinima() {
        return minimumStep > 0;
    }

    @Override
    int stripeBytes() {
        int weights = columns() * STRIPE, scales = weights >> blockShift;
        return weights + Float.BYTES * (hasMinima() ? 2 * scales : scales);
    }

    /** Where the scale of a row's block is, and its minimum if there are minima. */
    private int inScales(int row, int block) {
        return scalesAt(row / STRIPE) + block * STRIPE + row % STRIPE;
    }

    private float value(int at, int scaleAt) {
        return hasMinima() ? Math.fma((float) q[at], scale[scaleAt], minimum[scaleAt]) : q[at] * scale[scaleAt];
    }

    @Override
    float weight(int row, int k) {
        return value(rowAt(row) + k * STRIPE, inScales(row, k >> blockShift));
    }

    @Override
    void fillPanel(int panelIndex, int kFrom, int kTo, float[] panel, int panelAt) {
        int row = panelIndex * PANEL_ROWS, at = rowAt(row) + kFrom * STRIPE;
        for (int k = kFrom; k < kTo; k++, at += STRIPE, panelAt += PANEL_ROWS) {
            int scaleAt = inScales(row, k >> blockShift);
            for (int r = 0; r < PANEL_ROWS; r++) panel[panelAt + r] = value(at + r, scaleAt + r);
        }
    }

    @Override
    void storeRow(int row, RowDecoder decoded) {
        int at = rowAt(row), scaleAt = inScales(row, 0), firstBlock = firstColumn() >> blockShift;
        for (int k = 0; k < columns(); k++) q[at + k * STRIPE] = decoded.q[firstColumn() + k];
        for (int b = 0; b < columns() >> blockShift; b++) {
            scale[scaleAt + b * STRIPE] = decoded.scale[firstBlock + b];
            if (hasMinima()) minimum[scaleAt + b * STRIPE] = decoded.minimum[firstBlock + b];
        }
    }
}
