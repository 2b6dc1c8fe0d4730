package dev.foretoken.engine.kernel;

import java.util.Arrays;

/**
 * {@code w = fma(q, scale, minimum)}, bytes; one scale per 32 (Q8_0, Q5_0, Q5_1, Q5_K) or per 16 weights (Q6_K). Types without
 * minima share one stripe of minus zeros: to add that is to add nothing, whatever the product's sign.
 */
final class PackedQ8 extends PackedMatrix {
    final byte[] q;
    final float[] scale;
    final float[] minimum;
    /** Floats from the minima of a block to those of the next: 0 where all are the same. */
    final int minimumStep;
    /** log2 of the weights that share a scale. */
    final int blockShift;

    PackedQ8(PackedLayout layout, int rows, int columns) {
        super(rows, columns);
        int weights = (int) checkedWeights(layout, rows, columns);
        this.blockShift = Integer.numberOfTrailingZeros(layout.block);
        this.q = new byte[weights];
        this.scale = new float[weights >> blockShift];
        boolean hasMinima = layout == PackedLayout.Q8_MIN;
        this.minimumStep = hasMinima ? STRIPE : 0;
        this.minimum = new float[hasMinima ? scale.length : STRIPE];
        if (!hasMinima) Arrays.fill(minimum, -0f);
    }

    /** Scales of one stripe. */
    int scalesPerStripe() {
        return (columns() >> blockShift) * STRIPE;
    }

    /** Minima of one stripe, 0 where all stripes have the same. */
    int minimaPerStripe() {
        return (columns() >> blockShift) * minimumStep;
    }

    boolean hasMinima() {
        return minimumStep > 0;
    }

    @Override
    public long sizeBytes() {
        return q.length + 4L * scale.length + (hasMinima() ? 4L * minimum.length : 0);
    }

    /** Where the scale of a row's block is, and its minimum if there are minima. */
    private int inScales(int row, int block) {
        return row / STRIPE * scalesPerStripe() + block * STRIPE + row % STRIPE;
    }

    private float value(int at, int scaleAt) {
        return hasMinima() ? Math.fma((float) q[at], scale[scaleAt], minimum[scaleAt]) : q[at] * scale[scaleAt];
    }

    @Override
    float weight(int row, int k) {
        return value(inStripes(row) + k * STRIPE, inScales(row, k >> blockShift));
    }

    @Override
    void fillPanel(int panelIndex, int kFrom, int kTo, float[] panel, int panelAt) {
        int row = panelIndex * PANEL_ROWS, at = inStripes(row) + kFrom * STRIPE;
        for (int k = kFrom; k < kTo; k++, at += STRIPE, panelAt += PANEL_ROWS) {
            int scaleAt = inScales(row, k >> blockShift);
            for (int r = 0; r < PANEL_ROWS; r++) panel[panelAt + r] = value(at + r, scaleAt + r);
        }
    }

    @Override
    void storeRow(int row, RowDecoder decoded) {
        int at = inStripes(row), scaleAt = inScales(row, 0);
        for (int k = 0; k < columns(); k++) q[at + k * STRIPE] = decoded.q[k];
        for (int b = 0; b < columns() >> blockShift; b++) {
            scale[scaleAt + b * STRIPE] = decoded.scale[b];
            if (hasMinima()) minimum[scaleAt + b * STRIPE] = decoded.minimum[b];
        }
    }
}
