package dev.foretoken.engine.kernel;

/** Float weights; 16 rows are a panel {@code [columns][16]} as it lies. */
final class PackedF32 extends PackedMatrix {
    final float[] w;

    PackedF32(int rows, int columns) {
        super(rows, columns);
        this.w = new float[(int) checkedWeights(PackedLayout.F32, rows, columns)];
    }

    @Override
    public long sizeBytes() {
        return 4L * w.length;
    }

    @Override
    float weight(int row, int k) {
        return w[inPanels(row) + k * PANEL_ROWS];
    }

    @Override
    void fillPanel(int panelIndex, int kFrom, int kTo, float[] panel, int panelAt) {
        System.arraycopy(w, (panelIndex * columns() + kFrom) * PANEL_ROWS, panel, panelAt, (kTo - kFrom) * PANEL_ROWS);
    }

    @Override
    void storeRow(int row, RowDecoder decoded) {
        int at = inPanels(row);
        for (int k = 0; k < columns(); k++) w[at + k * PANEL_ROWS] = decoded.values[k];
    }

    /** Where a row begins in panels {@code [columns][16]}, one after the other. */
    private int inPanels(int row) {
        return row / PANEL_ROWS * columns() * PANEL_ROWS + row % PANEL_ROWS;
    }
}
