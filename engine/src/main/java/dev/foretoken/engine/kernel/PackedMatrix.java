package dev.foretoken.engine.kernel;

import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.gguf.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Weights of one matrix [rows, columns], repacked when the model is loaded so that vector lanes are rows.
 *
 * <pre>
 *   stripe s = the rows of two vectors, S = 32 with 512 bits and 16 otherwise: rows sS .. sS + S-1
 *   slab     = some stripes by some columns, see SlabGrid: nibbles for wide tiles; all else is one slab
 *   within a stripe of a slab k-major, S rows side by side:
 *     value of (row, k)  at  (s * columns + k) * S + row % S              (nibbles: see PackedQ4)
 *     scale, minimum     at  (s * blocks + k / block) * S + row % S
 *   floats of 32 bits: the same with panels of 16 rows
 * </pre>
 * A tile takes one stripe, so that what it reads is one stream for each array: processors fetch the next lines of a stream
 * ahead of time, and those of short streams that lie apart less than half as fast.
 *
 * Rows are padded with zero rows to whole stripes. The value of a weight is the float32 that the storage type defines:
 * {@code q * d} (exact in float32 for Q8_0, Q5_0, Q6_K) or {@code fma(q, d, minimum)} (Q4_0 and Q4_1, Q5_1, Q4_K, Q5_K: the
 * product is exact, so the only rounding is that of the sum). Sub-scales times fp16 are exact in float32.
 *
 * <p>Immutable and thread-safe once packed.
 */
public final class PackedMatrix {
    /** Rows that lie side by side, 16 or 32: the same all over this JVM. */
    public static final int STRIPE = KernelChoice.stripeRows();

    /** Rows of a panel of floats; stripes consist of whole panels. */
    static final int PANEL_ROWS = 16;

    /** Java arrays hold a little less than 2^31 elements. */
    private static final long ARRAY_LIMIT = Integer.MAX_VALUE - 8L;

    private final int rows;
    private final int columns;
    private final long sizeBytes;
    private final SlabGrid grid;
    private final PackedSlab[][] slabs; // [grid.down()][grid.across()]

    /** With zeros for weights, until rows are stored. */
    PackedMatrix(PackedLayout layout, int rows, int columns) {
        this.rows = rows;
        this.columns = columns;
        sizeBytes = packedBytes(layout, rows, columns);
        grid = SlabGrid.of(layout, stripes(), columns);
        slabs = new PackedSlab[grid.down()][grid.across()];
        Function<SlabGrid.Slab, PackedSlab> views =
                layout.allocate((long) paddedRows() * columns, stripes() * grid.across());
        for (int i = 0; i < slabs.length; i++)
            for (int j = 0; j < slabs[i].length; j++) slabs[i][j] = views.apply(grid.slab(i, j));
    }

    /** Packs one tensor. See {@link #pack(int, List, ComputeTeam)}. */
    public static PackedMatrix pack(
            TensorType type, int rows, int columns, MemorySegment data, @Nullable ComputeTeam team) {
        return pack(columns, List.of(new WeightRows(type, rows, data)), team);
    }

    /**
     * Packs tensors below each other into one matrix, for example q, k and v: row 0 of the second part follows the last
     * row of the first without padding.
     *
     * @param columns inner length; a whole number of blocks of every part's type
     * @param parts types must be joinable, see {@link #canJoin}
     * @param team runs the stripes in parallel; null packs on the calling thread
     * @throws InvalidInputException if an array would exceed what Java arrays hold, or the data is too short
     */
    public static PackedMatrix pack(int columns, List<WeightRows> parts, @Nullable ComputeTeam team) {
        return MatrixPacker.pack(columns, parts, team);
    }

    /** Whether rows of these two types can live in one matrix; otherwise keep two matrices. */
    public static boolean canJoin(TensorType a, TensorType b) {
        return PackedLayout.of(a) == PackedLayout.of(b);
    }

    /**
     * Heap bytes that {@link #pack} will take, known before anything is allocated.
     *
     * @throws ArithmeticException if the sizes are absurd
     */
    public static long packedBytes(TensorType type, long rows, long columns) {
        return packedBytes(PackedLayout.of(type), rows, columns);
    }

    private static long packedBytes(PackedLayout layout, long rows, long columns) {
        long padded = pad(rows);
        return layout.bytes(Math.multiplyExact(padded, columns), padded / STRIPE * SlabGrid.across(layout, columns));
    }

    /** Whether every array of such a matrix is one that Java can have, and every index of it an int. */
    public static boolean fits(TensorType type, long rows, int columns) {
        return fits(PackedLayout.of(type), rows, columns);
    }

    private static boolean fits(PackedLayout layout, long rows, int columns) {
        long padded = pad(rows);
        long weights = Math.multiplyExact(padded, (long) columns);
        return layout.longestArray(weights, padded / STRIPE * SlabGrid.across(layout, columns)) <= ARRAY_LIMIT
                && padded <= ARRAY_LIMIT;
    }

    /** The number of weights, padding included, if the matrix {@link #fits}. */
    static long checkedWeights(PackedLayout layout, long rows, int columns) {
        if (!fits(layout, rows, columns))
            throw new InvalidInputException(
                    ("a weight matrix of %d x %d does not fit into Java arrays of 2^31 elements;"
                                    + " use a model with smaller matrices")
                            .formatted(rows, columns));
        return Math.multiplyExact(pad(rows), (long) columns);
    }

    static long pad(long rows) {
        return Math.addExact(rows, STRIPE - 1) / STRIPE * STRIPE;
    }

    /** Rows with meaning. */
    public int rows() {
        return rows;
    }

    /** Inner length n. */
    public int columns() {
        return columns;
    }

    /** Rows including padding: the least row stride of an output {@code y}. */
    public int paddedRows() {
        return stripes() * STRIPE;
    }

    /** Number of stripes. */
    public int stripes() {
        return (rows + STRIPE - 1) / STRIPE;
    }

    /** Heap bytes of the packed arrays. */
    public long sizeBytes() {
        return sizeBytes;
    }

    /** Writes row {@code row} as {@code columns} float32 values, for example an embedding. */
    public void dequantizeRow(int row, float[] out, int outAt) {
        if (row < 0 || row >= rows) throw new IndexOutOfBoundsException("row " + row + " of " + rows);
        int inSlab = rowInSlab(row), at = outAt;
        for (PackedSlab slab : slabsOf(row))
            for (int k = 0; k < slab.columns(); k++) out[at++] = slab.weight(inSlab, k);
    }

    /** How many stripes should be multiplied together, because they lie together in memory: more than one only in slabs. */
    public int stripesTogether() {
        return grid.across() == 1 ? 1 : grid.stripesPerSlab();
    }

    /** Stripes of a slab; the last slabs may have fewer. */
    int stripesPerSlab() {
        return grid.stripesPerSlab();
    }

    /** The slabs side by side, so many slabs from the top. */
    PackedSlab[] slabs(int fromTop) {
        return slabs[fromTop];
    }

    /** Stores one row's decoded weights; called once per row while packing, rows of one stripe by one thread. */
    void storeRow(int row, RowDecoder decoded) {
        for (PackedSlab slab : slabsOf(row)) slab.storeRow(rowInSlab(row), decoded);
    }

    /** Ends packing: called once, when all rows are stored and before any is read. */
    void seal() {
        for (PackedSlab[] row : slabs) for (PackedSlab slab : row) slab.seal();
    }

    /** The slabs that hold a row, side by side. */
    PackedSlab[] slabsOf(int row) {
        return slabs(row / STRIPE / stripesPerSlab());
    }

    /** Which row of its slabs a row is. */
    int rowInSlab(int row) {
        return row % (stripesPerSlab() * STRIPE);
    }
}
