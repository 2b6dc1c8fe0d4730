package dev.foretoken.engine.kernel;

/** {@code w = fma(q, scale, minimum)}, bytes 0 to 31, scale and minimum per 32 weights (Q5_1, Q5_K). */
final class PackedQ8Min extends PackedMatrix {
    final byte[] q;
    final BlockNumbers scale;
    final BlockNumbers minimum;

    PackedQ8Min(PackedLayout layout, int rows, int columns) {
        super(rows, columns);
        int weights = checkedWeights(layout, rows, columns);
        this.q = new byte[weights];
        this.scale = layout.blockNumbers(weights / 32);
        this.minimum = layout.blockNumbers(weights / 32);
    }

    int scalesPerStripe() {
        return columns() / 32 * STRIPE;
    }

    @Override
    public long sizeBytes() {
        return q.length + scale.sizeBytes() + minimum.sizeBytes();
    }

    @Override
    float weight(int stripe, int lane, int k) {
        int scaleAt = stripe * scalesPerStripe() + k / 32 * STRIPE + lane;
        return Math.fma((float) q[(stripe * columns() + k) * STRIPE + lane], scale.get(scaleAt), minimum.get(scaleAt));
    }

    @Override
    void fillPanel(int stripe, int kFrom, int kTo, float[] panel, int panelAt) {
        int at = (stripe * columns() + kFrom) * STRIPE;
        for (int k = kFrom; k < kTo; k++, at += STRIPE, panelAt += STRIPE) {
            int scaleAt = stripe * scalesPerStripe() + k / 32 * STRIPE;
            for (int r = 0; r < STRIPE; r++)
                panel[panelAt + r] = Math.fma((float) q[at + r], scale.get(scaleAt + r), minimum.get(scaleAt + r));
        }
    }

    @Override
    void storeRow(int row, RowDecoder decoded) {
        int stripe = row / STRIPE, lane = row % STRIPE;
        int at = stripe * columns() * STRIPE + lane, scaleAt = stripe * scalesPerStripe() + lane;
        for (int k = 0; k < columns(); k++) q[at + k * STRIPE] = decoded.q[k];
        scale.store(scaleAt, decoded.scale, columns() / 32);
        minimum.store(scaleAt, decoded.minimum, columns() / 32);
    }
}
