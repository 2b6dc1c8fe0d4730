package dev.foretoken.engine.kernel;

import static dev.foretoken.engine.kernel.PackedLayout.BLOCK_MAX;
import static dev.foretoken.engine.kernel.PackedMatrix.STRIPE;

/**
 * How a matrix is cut into slabs: some stripes by some columns each, in memory one after the other, first those of the first
 * stripes. A tile reads a stripe's columns of a slab, and the next tile the same activations: with few columns those are still in
 * the first cache then. Where they are not, a tile waits for them behind the weights that are on their way from memory. A
 * thread's part of a matrix is whole slabs where that is possible, and thus one stream.
 *
 * @param stripes of the matrix
 * @param columns of the matrix
 * @param stripesPerSlab the last slabs may have fewer
 * @param columnsPerSlab the last slabs may have fewer
 */
record SlabGrid(int stripes, int columns, int stripesPerSlab, int columnsPerSlab) {
    private static final int STRIPES = 256 / STRIPE;

    static SlabGrid of(PackedLayout layout, int stripes, int columns) {
        boolean isTall = across(layout, columns) == 1;
        return new SlabGrid(
                stripes, columns, isTall ? Math.max(1, stripes) : stripesOf(stripes), (int) columnsOf(layout, columns));
    }

    /** As few slabs side by side as possible, and nearly equal ones, of whole blocks of any type. */
    private static long columnsOf(PackedLayout layout, long columns) {
        long even = Math.ceilDiv(columns, Math.max(1, Math.ceilDiv(columns, layout.slabColumnsMax())));
        return Math.ceilDiv(Math.max(1, even), BLOCK_MAX) * BLOCK_MAX;
    }

    /** Half a small matrix, which is a thread's part of two, and otherwise what chunks are multiples of. */
    private static int stripesOf(int stripes) {
        int half = Math.ceilDiv(stripes, 2);
        return half <= STRIPES + STRIPES / 2 ? half : STRIPES;
    }

    /** Slabs side by side of a matrix with so many columns, at least one. */
    static long across(PackedLayout layout, long columns) {
        return Math.ceilDiv(columns, columnsOf(layout, columns));
    }

    int across() {
        return Math.ceilDiv(columns, columnsPerSlab);
    }

    int down() {
        return Math.ceilDiv(stripes, stripesPerSlab);
    }

    /** The slab at a place: {@code row} slabs from the top, {@code column} from the left. */
    Slab slab(int row, int column) {
        int stripe = row * stripesPerSlab, first = column * columnsPerSlab;
        int height = Math.min(stripesPerSlab, stripes - stripe);
        int width = Math.min(columnsPerSlab, columns - first);
        return new Slab(width, first, stripe * columns + first * height, stripe * across() + column * height);
    }

    /**
     * One slab's place.
     *
     * @param columns its columns
     * @param firstColumn which column of the matrix is its first
     * @param columnsBefore columns of stripes that lie before it, {@code STRIPE} weights each
     * @param stripesBefore stripes of slabs that lie before it
     */
    record Slab(int columns, int firstColumn, int columnsBefore, int stripesBefore) {}
}
