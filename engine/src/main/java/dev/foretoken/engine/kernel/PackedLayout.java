package dev.foretoken.engine.kernel;

import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.gguf.TensorType;
import java.util.function.Function;

/** How packed weights lie in memory. Types that share a layout share every kernel and can be joined row-wise. */
enum PackedLayout {
    /** {@code byte} q, scale per 32: Q8_0, Q5_0. */
    Q8(32, 8, 1),
    /** {@code byte} q, scale per 16: Q6_K. */
    Q8_BY_16(16, 8, 1),
    /** {@code byte} q, scale and minimum per 32: Q5_1, Q5_K. */
    Q8_MIN(32, 8, 2),
    /** nibbles, scale and minimum per 32: Q4_1, Q4_K, and Q4_0 where {@link #Q4_CENTRED} does not pay. */
    Q4(32, 4, 2),
    /** nibbles, scale per 32, whose -8-fold is the minimum: Q4_0 for wide tiles, which need a sixth less memory then. */
    Q4_CENTRED(32, 4, 1),
    F32(1, 32, 0),
    F16(1, 16, 0),
    BF16(1, 16, 0);

    /** Most weights of a row that share a scale: so many are whole blocks of any layout. */
    static final int BLOCK_MAX = 32;

    /** Bytes behind the nibbles of a stripe of a slab: a cache line, so that stripes share none. See {@link PackedQ4}. */
    static final long STRIPE_END = 64;

    /** With 32 rows and their scales, and activations for four tokens, these fill two thirds of a first cache of 48 KB. */
    private static final int NIBBLE_COLUMNS_MAX = 768;

    /** Weights of one row that share a scale. */
    final int block;

    private final int bitsPerWeight;
    private final int floatsPerBlock;

    PackedLayout(int block, int bitsPerWeight, int floatsPerBlock) {
        this.block = block;
        this.bitsPerWeight = bitsPerWeight;
        this.floatsPerBlock = floatsPerBlock;
    }

    static PackedLayout of(TensorType type) {
        return switch (type) {
            case Q8_0, Q5_0 -> Q8;
            case Q6_K -> Q8_BY_16;
            case Q5_1, Q5_K -> Q8_MIN;
            // Narrow tiles have no register left for the factor.
            case Q4_0 -> KernelChoice.hasWideVectors() ? Q4_CENTRED : Q4;
            case Q4_1, Q4_K -> Q4;
            case F32 -> F32;
            case F16 -> F16;
            case BF16 -> BF16;
            default -> throw unsupported(type);
        };
    }

    static InvalidInputException unsupported(TensorType type) {
        return new InvalidInputException(
                "weights of type " + type + " cannot be computed with; use " + TensorType.SUPPORTED);
    }

    /**
     * The arrays of a matrix.
     *
     * @param stripes of all slabs together
     * @return makes slabs that are views on them
     */
    Function<SlabGrid.Slab, PackedSlab> allocate(long weights, int stripes) {
        return switch (this) {
            case Q8, Q8_BY_16, Q8_MIN -> PackedQ8.allocate(this, weights);
            case Q4, Q4_CENTRED -> PackedQ4.allocate(this, weights, stripes);
            case F32 -> PackedF32.allocate(weights);
            case F16, BF16 -> PackedHalf.allocate(this, weights);
        };
    }

    /** Most columns of a slab: {@link #NIBBLE_COLUMNS_MAX} for wide tiles of nibbles. All else gains nothing and is one slab. */
    int slabColumnsMax() {
        return hasNibbles() && KernelChoice.hasWideVectors() ? NIBBLE_COLUMNS_MAX : Integer.MAX_VALUE;
    }

    /** Bytes of so many packed weights in so many stripes of slabs. */
    long bytes(long weights, long stripes) {
        long q = Math.addExact(Math.multiplyExact(weights, bitsPerWeight) / 8, stripeEnds(stripes));
        long scales = Math.multiplyExact(weights / block, 4L * floatsPerBlock);
        return Math.addExact(Math.addExact(q, scales), prefetchEnd());
    }

    /** Bytes behind the weights of tiles that prefetch. Scales are prefetched as far as there are any. */
    private int prefetchEnd() {
        return hasNibbles() || this == F32 ? 0 : Prefetch.END_BYTES;
    }

    private long stripeEnds(long stripes) {
        return hasNibbles() ? Math.multiplyExact(STRIPE_END, stripes) : 0;
    }

    private boolean hasNibbles() {
        return bitsPerWeight == 4;
    }

    /** The longest array of a matrix; must stay below the limit of Java arrays. */
    long longestArray(long weights, long stripes) {
        return hasNibbles() ? weights / 2 + stripeEnds(stripes) : weights + prefetchEnd();
    }
}
