package dev.foretoken.engine.kernel;

/** {@code w = fma(q, scale, minimum)}, bytes 0 to 31, scale and minimum per 32 weights (Q5_1, Q5_K). */
final class PackedQ8Min extends PackedMatrix {
    final byte[] q;
    final float[] scale;
    final float[] minimum;

    PackedQ8Min(int rows, int columns) {
        super(rows, columns);
        int weights = (int) checkedWeights(PackedLayout.Q8_MIN, rows, columns);
        this.q = new byte[weights];
        this.scale = new float[weights / 32];
        this.minimum = new float[weights / 32];
    }

    int scalesPerStripe() {
        return columns() / 32 * STRIPE;
    }

    @Override
    public long sizeBytes() {
        return q.length + 4L * scale.length + 4L * minimum.length;
    }

    @Override
    float weight(int row, int k) {
        int stripe = row / STRIPE, lane = row % STRIPE;
        int scaleAt = stripe * scalesPerStripe() + k / 32 * STRIPE + lane;
        return Math.fma((float) q[(stripe * columns() + k) * STRIPE + lane], scale[scaleAt], minimum[scaleAt]);
    }

    @Override
    void fillPanel(int panelIndex, int kFrom, int kTo, float[] panel, int panelAt) {
        int stripe = panelIndex * PANEL_ROWS / STRIPE, lane = panelIndex * PANEL_ROWS % STRIPE;
        int at = (stripe * columns() + kFrom) * STRIPE + lane;
        for (int k = kFrom; k < kTo; k++, at += STRIPE, panelAt += PANEL_ROWS) {
            int scaleAt = stripe * scalesPerStripe() + k / 32 * STRIPE + lane;
            for (int r = 0; r < PANEL_ROWS; r++)
                panel[panelAt + r] = Math.fma((float) q[at + r], scale[scaleAt + r], minimum[scaleAt + r]);
        }
    }

    @Override
    void storeRow(int row, RowDecoder decoded) {
        int stripe = row / STRIPE, lane = row % STRIPE;
        int at = stripe * columns() * STRIPE + lane, scaleAt = stripe * scalesPerStripe() + lane;
        for (int k = 0; k < columns(); k++) q[at + k * STRIPE] = decoded.q[k];
        for (int b = 0; b < columns() / 32; b++) {
            scale[scaleAt + b * STRIPE] = decoded.scale[b];
            minimum[scaleAt + b * STRIPE] = decoded.minimum[b];
        }
    }
}
