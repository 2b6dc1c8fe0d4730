package dev.foretoken.engine.kernel;

/** Half-precision weights, kept as the 16 bits of the file. */
final class PackedF16 extends PackedMatrix {
    final short[] w;

    PackedF16(int rows, int columns) {
        super(rows, columns);
        this.w = new short[(int) checkedWeights(PackedLayout.F16, rows, columns)];
    }

    @Override
    public long sizeBytes() {
        return 2L * w.length;
    }

    @Override
    float weight(int row, int k) {
        return Float.float16ToFloat(w[inPanels(row) + k * PANEL_ROWS]);
    }

    /** A flat loop, which the compiler turns into the processor's half-to-float conversion. */
    @Override
    void fillPanel(int panelIndex, int kFrom, int kTo, float[] panel, int panelAt) {
        int at = (panelIndex * columns() + kFrom) * PANEL_ROWS, count = (kTo - kFrom) * PANEL_ROWS;
        for (int i = 0; i < count; i++) panel[panelAt + i] = Float.float16ToFloat(w[at + i]);
    }

    @Override
    void storeRow(int row, RowDecoder decoded) {
        int at = inPanels(row);
        for (int k = 0; k < columns(); k++) w[at + k * PANEL_ROWS] = decoded.halves[k];
    }
}
