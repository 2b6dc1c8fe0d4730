package dev.foretoken.engine.kernel;

import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.gguf.TensorType;

/** How packed weights lie in memory. Types that share a layout share every kernel and can be joined row-wise. */
enum PackedLayout {
    /** {@code byte} q, half scale per 32: Q8_0, Q5_0. */
    Q8(32, 8, 1, false),
    /** {@code byte} q, scale per 16 as a product: Q6_K. */
    Q8_BY_16(16, 8, 1, true),
    /** {@code byte} q, half scale and half minimum per 32: Q5_1. */
    Q8_MIN(32, 8, 2, false),
    /** {@code byte} q, scale and minimum per 32 as products: Q5_K. */
    Q8_MIN_PRODUCTS(32, 8, 2, true),
    /** nibbles, half scale per 32: Q4_0. */
    Q4_SYMMETRIC(32, 4, 1, false),
    /** nibbles, half scale and half minimum per 32: Q4_1. */
    Q4(32, 4, 2, false),
    /** nibbles, scale and minimum per 32 as products: Q4_K. */
    Q4_PRODUCTS(32, 4, 2, true),
    F32(1, 32, 0, false),
    F16(1, 16, 0, false),
    BF16(1, 16, 0, false);

    /** Weights of one row that share the other factor of a product. */
    private static final int GROUP = 256;

    /** Weights of one row that share a scale. */
    final int block;

    private final int bitsPerWeight;
    private final int numbersPerBlock;
    private final boolean areProducts;

    PackedLayout(int block, int bitsPerWeight, int numbersPerBlock, boolean areProducts) {
        this.block = block;
        this.bitsPerWeight = bitsPerWeight;
        this.numbersPerBlock = numbersPerBlock;
        this.areProducts = areProducts;
    }

    static PackedLayout of(TensorType type) {
        return switch (type) {
            case Q8_0, Q5_0 -> Q8;
            case Q6_K -> Q8_BY_16;
            case Q5_1 -> Q8_MIN;
            case Q5_K -> Q8_MIN_PRODUCTS;
            case Q4_0 -> Q4_SYMMETRIC;
            case Q4_1 -> Q4;
            case Q4_K -> Q4_PRODUCTS;
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

    /** Bytes of so many packed weights. */
    long bytes(long weights) {
        long q = Math.multiplyExact(weights, bitsPerWeight) / 8, blocks = weights / block;
        long number = areProducts ? blocks + weights / GROUP * Float.BYTES : blocks * Short.BYTES;
        return Math.addExact(q, numbersPerBlock * number);
    }

    /** The longest array of a matrix of so many weights; must stay below the limit of Java arrays. */
    long longestArray(long weights) {
        return isNibbles() ? Math.max(weights / 8, weights / block) : weights;
    }

    /** Whether an int holds eight weights. */
    boolean isNibbles() {
        return bitsPerWeight == 4;
    }

    boolean hasMinimum() {
        return numbersPerBlock == 2;
    }

    /** Scales or minima of so many blocks. */
    BlockNumbers blockNumbers(int count) {
        return areProducts ? new BlockNumbers.Products(count, GROUP / block) : new BlockNumbers.Halves(count);
    }
}
