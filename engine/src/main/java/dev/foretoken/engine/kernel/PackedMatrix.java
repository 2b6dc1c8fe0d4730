package dev.foretoken.engine.kernel;

import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.gguf.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Weights of one matrix [rows, columns], repacked when the model is loaded so that vector lanes are rows.
 *
 * <pre>
 *   stripe s = the rows of two vectors, S = 32 with 512 bits and 16 otherwise: rows sS .. sS + S-1
 *   within a stripe k-major, S rows side by side:
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
public abstract sealed class PackedMatrix permits PackedQ8, PackedQ4, PackedF32, PackedHalf {
    /** Rows that lie side by side, 16 or 32: the same all over this JVM. */
    public static final int STRIPE = KernelChoice.stripeRows();

    /** Rows of a panel of floats; stripes consist of whole panels. */
    static final int PANEL_ROWS = 16;

    /** Java arrays hold a little less than 2^31 elements. */
    private static final long ARRAY_LIMIT = Integer.MAX_VALUE - 8L;

    private final int rows;
    private final int columns;

    PackedMatrix(int rows, int columns) {
        this.rows = rows;
        this.columns = columns;
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
        long padded = pad(rows);
        return PackedLayout.of(type).bytes(Math.multiplyExact(padded, columns), padded / STRIPE);
    }

    /** The number of weights, padding included, after checking that every index of this matrix fits an int. */
    static long checkedWeights(PackedLayout layout, long rows, int columns) {
        long weights = Math.multiplyExact(pad(rows), (long) columns);
        if (layout.longestArray(weights, pad(rows) / STRIPE) > ARRAY_LIMIT || pad(rows) > ARRAY_LIMIT)
            throw new InvalidInputException(
                    ("a weight matrix of %d x %d does not fit into Java arrays of 2^31 elements;"
                                    + " use a model with smaller matrices")
                            .formatted(rows, columns));
        return weights;
    }

    static long pad(long rows) {
        return Math.addExact(rows, STRIPE - 1) / STRIPE * STRIPE;
    }

    /** Rows with meaning. */
    public final int rows() {
        return rows;
    }

    /** Inner length n. */
    public final int columns() {
        return columns;
    }

    /** Rows including padding: the least row stride of an output {@code y}. */
    public final int paddedRows() {
        return stripes() * STRIPE;
    }

    /** Number of stripes. */
    public final int stripes() {
        return (rows + STRIPE - 1) / STRIPE;
    }

    /** Heap bytes of the packed arrays. */
    public abstract long sizeBytes();

    /** Writes row {@code row} as {@code columns} float32 values, for example an embedding. */
    public final void dequantizeRow(int row, float[] out, int outAt) {
        if (row < 0 || row >= rows) throw new IndexOutOfBoundsException("row " + row + " of " + rows);
        for (int k = 0; k < columns; k++) out[outAt + k] = weight(row, k);
    }

    /** Where a row begins in stripes {@code [columns][STRIPE]}, one after the other. */
    final int inStripes(int row) {
        return row / STRIPE * columns * STRIPE + row % STRIPE;
    }

    /** One weight; the row may be padding. */
    abstract float weight(int row, int k);

    /** Writes columns [kFrom, kTo) of the rows from {@code 16 * panelIndex} on as a float panel {@code [k][16]} at {@code panelAt}. */
    abstract void fillPanel(int panelIndex, int kFrom, int kTo, float[] panel, int panelAt);

    /** Stores one row's decoded weights; called once per row while packing, rows of one stripe by one thread. */
    abstract void storeRow(int row, RowDecoder decoded);
}
