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

    @Override
    float weight(int row, int k) {
        int stripe = row / STRIPE, lane = row % STRIPE;
        int scaleAt = stripe * scalesPerStripe() + (k >> blockShift) * STRIPE + lane;
        byte value = q[(stripe * columns() + k) * STRIPE + lane];
        return hasMinima() ? Math.fma((float) value, scale[scaleAt], minimum[scaleAt]) : value * scale[scaleAt];
    }

    @Override
    void fillPanel(int panelIndex, int kFrom, int kTo, float[] panel, int panelAt) {
        int stripe = panelIndex * PANEL_ROWS / STRIPE, lane = panelIndex * PANEL_ROWS % STRIPE;
        int at = (stripe * columns() + kFrom) * STRIPE + lane;
        for (int k = kFrom; k < kTo; k++, at += STRIPE, panelAt += PANEL_ROWS) {
            int scaleAt = stripe * scalesPerStripe() + (k >> blockShift) * STRIPE + lane;
            for (int r = 0; r < PANEL_ROWS; r++)
                panel[panelAt + r] = hasMinima()
                        ? Math.fma((float) q[at + r], scale[scaleAt + r], minimum[scaleAt + r])
                        : q[at + r] * scale[scaleAt + r];
        }
    }

    @Override
    void storeRow(int row, RowDecoder decoded) {
        int stripe = row / STRIPE, lane = row % STRIPE;
        int at = stripe * columns() * STRIPE + lane, scaleAt = stripe * scalesPerStripe() + lane;
        for (int k = 0; k < columns(); k++) q[at + k * STRIPE] = decoded.q[k];
        for (int b = 0; b < columns() >> blockShift; b++) {
            scale[scaleAt + b * STRIPE] = decoded.scale[b];
            if (hasMinima()) minimum[scaleAt + b * STRIPE] = decoded.minimum[b];
        }
    }
}
