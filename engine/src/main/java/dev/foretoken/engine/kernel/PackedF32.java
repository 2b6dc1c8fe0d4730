package dev.foretoken.engine.kernel;

/** Float weights; a stripe is a panel {@code [columns][16]} as it lies. */
final class PackedF32 extends PackedMatrix {
    final float[] w;

    PackedF32(int rows, int columns) {
        super(rows, columns);
        this.w = new float[checkedWeights(PackedLayout.F32, rows, columns)];
    }

    @Override
    public long sizeBytes() {
        return 4L * w.length;
    }

    @Override
    float weight(int stripe, int lane, int k) {
        return w[(stripe * columns() + k) * STRIPE + lane];
    }

    @Override
    void fillPanel(int stripe, int kFrom, int kTo, float[] panel, int panelAt) {
        System.arraycopy(w, (stripe * columns() + kFrom) * STRIPE, panel, panelAt, (kTo - kFrom) * STRIPE);
    }

    @Override
    void storeRow(int row, RowDecoder decoded) {
        int at = row / STRIPE * columns() * STRIPE + row % STRIPE;
        for (int k = 0; k < columns(); k++) w[at + k * STRIPE] = decoded.values[k];
    }
}
