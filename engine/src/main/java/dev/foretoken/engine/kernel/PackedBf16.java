package dev.foretoken.engine.kernel;

/** bfloat16 weights, kept as the 16 bits of the file. */
final class PackedBf16 extends PackedMatrix {
    final short[] w;

    PackedBf16(int rows, int columns) {
        super(rows, columns);
        this.w = new short[(int) checkedWeights(PackedLayout.BF16, rows, columns)];
    }

    @Override
    public long sizeBytes() {
        return 2L * w.length;
    }

    @Override
    float weight(int row, int k) {
        return Float.intBitsToFloat(w[inPanels(row) + k * PANEL_ROWS] << 16);
    }

    @Override
    void fillPanel(int panelIndex, int kFrom, int kTo, float[] panel, int panelAt) {
        int at = (panelIndex * columns() + kFrom) * PANEL_ROWS, count = (kTo - kFrom) * PANEL_ROWS;
        for (int i = 0; i < count; i++) panel[panelAt + i] = Float.intBitsToFloat(w[at + i] << 16);
    }

    @Override
    void storeRow(int row, RowDecoder decoded) {
        int at = inPanels(row);
        for (int k = 0; k < columns(); k++) w[at + k * PANEL_ROWS] = decoded.halves[k];
    }
}
