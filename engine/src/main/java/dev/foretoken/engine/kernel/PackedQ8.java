package dev.foretoken.engine.kernel;

/** {@code w = q * scale}, signed bytes; one scale per 32 (Q8_0, Q5_0) or per 16 weights (Q6_K). */
final class PackedQ8 extends PackedMatrix {
    final byte[] q;
    final float[] scale;
    /** log2 of the weights that share a scale. */
    final int blockShift;

    PackedQ8(PackedLayout layout, int rows, int columns) {
        super(rows, columns);
        int weights = (int) checkedWeights(layout, rows, columns);
        this.blockShift = Integer.numberOfTrailingZeros(layout.block);
        this.q = new byte[weights];
        this.scale = new float[weights >> blockShift];
    }

    /** Scales of one stripe. */
    int scalesPerStripe() {
        return (columns() >> blockShift) * STRIPE;
    }

    @Override
    public long sizeBytes() {
        return q.length + 4L * scale.length;
    }

    @Override
    float weight(int row, int k) {
        int stripe = row / STRIPE, lane = row % STRIPE;
        return q[(stripe * columns() + k) * STRIPE + lane]
                * scale[stripe * scalesPerStripe() + (k >> blockShift) * STRIPE + lane];
    }

    @Override
    void fillPanel(int panelIndex, int kFrom, int kTo, float[] panel, int panelAt) {
        int stripe = panelIndex * PANEL_ROWS / STRIPE, lane = panelIndex * PANEL_ROWS % STRIPE;
        int at = (stripe * columns() + kFrom) * STRIPE + lane;
        for (int k = kFrom; k < kTo; k++, at += STRIPE, panelAt += PANEL_ROWS) {
            int scaleAt = stripe * scalesPerStripe() + (k >> blockShift) * STRIPE + lane;
            for (int r = 0; r < PANEL_ROWS; r++) panel[panelAt + r] = q[at + r] * scale[scaleAt + r];
        }
    }

    @Override
    void storeRow(int row, RowDecoder decoded) {
        int stripe = row / STRIPE, lane = row % STRIPE;
        int at = stripe * columns() * STRIPE + lane, scaleAt = stripe * scalesPerStripe() + lane;
        for (int k = 0; k < columns(); k++) q[at + k * STRIPE] = decoded.q[k];
        for (int b = 0; b < columns() >> blockShift; b++) scale[scaleAt + b * STRIPE] = decoded.scale[b];
    }
}
