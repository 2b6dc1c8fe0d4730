package dev.foretoken.engine.kernel;

/** bfloat16 weights, kept as the 16 bits of the file. */
final class PackedBf16 extends PackedMatrix {
    final short[] w;

    PackedBf16(int rows, int columns) {
        super(rows, columns);
        this.w = new short[checkedWeights(PackedLayout.BF16, rows, columns)];
    }

    @Override
    public long sizeBytes() {
        return 2L * w.length;
    }

    @Override
    float weight(int stripe, int lane, int k) {
        return Float.intBitsToFloat(w[(stripe * columns() + k) * STRIPE + lane] << 16);
    }

    @Override
    void fillPanel(int stripe, int kFrom, int kTo, float[] panel, int panelAt) {
        int at = (stripe * columns() + kFrom) * STRIPE, count = (kTo - kFrom) * STRIPE;
        for (int i = 0; i < count; i++) panel[panelAt + i] = Float.intBitsToFloat(w[at + i] << 16);
    }

    @Override
    void storeRow(int row, RowDecoder decoded) {
        int at = row / STRIPE * columns() * STRIPE + row % STRIPE;
        for (int k = 0; k < columns(); k++) w[at + k * STRIPE] = decoded.halves[k];
    }
}
