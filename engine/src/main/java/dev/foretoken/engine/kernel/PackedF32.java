package dev.foretoken.engine.kernel;

import static dev.foretoken.engine.kernel.PackedMatrix.PANEL_ROWS;
import static dev.foretoken.engine.kernel.PackedMatrix.STRIPE;

import java.util.function.Function;

/** Float weights; 16 rows are a panel {@code [columns][16]} as it lies. */
final class PackedF32 extends PackedSlab {
    final float[] w;

    private PackedF32(float[] w, SlabGrid.Slab place) {
        super(place);
        this.w = w;
    }

    static Function<SlabGrid.Slab, PackedSlab> allocate(long weights) {
        float[] w = new float[(int) weights];
        return place -> new PackedF32(w, place);
    }

    @Override
    int stripeBytes() {
        return Float.BYTES * columns() * STRIPE;
    }

    /** Where a row begins in panels {@code [columns][16]}, one after the other. */
    private int rowInPanels(int row) {
        return stripeAt(0) + row / PANEL_ROWS * columns() * PANEL_ROWS + row % PANEL_ROWS;
    }

    @Override
    float weight(int row, int k) {
        return w[rowInPanels(row) + k * PANEL_ROWS];
    }

    @Override
    void fillPanel(int panelIndex, int kFrom, int kTo, float[] panel, int panelAt) {
        int at = rowInPanels(panelIndex * PANEL_ROWS) + kFrom * PANEL_ROWS;
        System.arraycopy(w, at, panel, panelAt, (kTo - kFrom) * PANEL_ROWS);
    }

    @Override
    void storeRow(int row, RowDecoder decoded) {
        int at = rowInPanels(row);
        for (int k = 0; k < columns(); k++) w[at + k * PANEL_ROWS] = decoded.values[firstColumn() + k];
    }
}
