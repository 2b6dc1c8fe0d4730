package dev.foretoken.engine.kernel;

/** Half-precision weights, kept as the 16 bits of the file. */
final class PackedF16 extends PackedMatrix {
    final short[] w;

    PackedF16(int rows, int columns) {
        super(rows, columns);
        this.w = new short[checkedWeights(PackedLayout.F16, rows, columns)];
    }

    @Override
    public long sizeBytes() {
        return 2L * w.length;
    }

    @Override
    float weight(int stripe, int lane, int k) {
        return Float.float16ToFloat(w[(stripe * columns() + k) * STRIPE + lane]);
    }

    /** A flat loop, which the compiler turns into the processor's half-to-float conversion. */
    @Override
    void fillPanel(int stripe, int kFrom, int kTo, float[] panel, int panelAt) {
        int at = (stripe * columns() + kFrom) * STRIPE, count = (kTo - kFrom) * STRIPE;
        for (int i = 0; i < count; i++) panel[panelAt + i] = Float.float16ToFloat(w[at + i]);
    }

    @Override
    void storeRow(int row, RowDecoder decoded) {
        int at = row / STRIPE * columns() * STRIPE + row % STRIPE;
        for (int k = 0; k < columns(); k++) w[at + k * STRIPE] = decoded.halves[k];
    }
}
