package dev.foretoken.engine.kernel;

import static dev.foretoken.engine.kernel.PackedMatrix.STRIPE;

/**
 * Some stripes by some columns of a {@link PackedMatrix}; rows and columns count from the slab's first. All slabs of a matrix
 * are views on the same arrays.
 */
abstract sealed class PackedSlab permits PackedQ8, PackedQ4, PackedF32, PackedHalf {
    private final int columns;
    private final int firstColumn;
    private final int columnsBefore;

    PackedSlab(SlabGrid.Slab place) {
        columns = place.columns();
        firstColumn = place.firstColumn();
        columnsBefore = place.columnsBefore();
    }

    /** Its columns. */
    final int columns() {
        return columns;
    }

    /** Which column of the matrix is its first: where its activations begin. */
    final int firstColumn() {
        return firstColumn;
    }

    /** Columns of stripes, {@code STRIPE} weights each, that lie before a stripe in the arrays of the matrix. */
    final int columnsBefore(int stripe) {
        return columnsBefore + stripe * columns;
    }

    /** Where a stripe begins among weights that lie in stripes {@code [columns][STRIPE]}. */
    final int stripeAt(int stripe) {
        return columnsBefore(stripe) * STRIPE;
    }

    /** Where a row begins in such stripes. */
    final int rowAt(int row) {
        return stripeAt(row / STRIPE) + row % STRIPE;
    }

    /** Bytes of a stripe, its share of scales included. */
    abstract int stripeBytes();

    /** One weight; the row may be padding. */
    abstract float weight(int row, int k);

    /** Writes columns [kFrom, kTo) of the rows from {@code 16 * panelIndex} on as a float panel {@code [k][16]} at {@code panelAt}. */
    abstract void fillPanel(int panelIndex, int kFrom, int kTo, float[] panel, int panelAt);

    /** Stores this slab's columns of a row; called once per row while packing, rows of one stripe by one thread. */
    abstract void storeRow(int row, RowDecoder decoded);

    /** Called once, by one thread, when all rows are stored and before any is read. */
    void seal() {}
}
