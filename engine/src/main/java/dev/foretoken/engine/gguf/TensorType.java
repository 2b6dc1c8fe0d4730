package dev.foretoken.engine.gguf;

import java.util.Optional;

/**
 * How the elements of a tensor are stored: blocks of {@link #blockElements()} values in {@link #blockBytes()} bytes.
 * <p>All types of the ggml project are known, so that a file with a type that cannot be computed with is described and
 * refused by its name; {@link #isSupported()} tells which ones {@link Dequantizer} and the kernels read.
 * <p>Source: the block structures of the ggml project.
 */
public enum TensorType {
    F32(0, 1, 4, true),
    F16(1, 1, 2, true),
    Q4_0(2, 32, 18, true),
    Q4_1(3, 32, 20, true),
    Q5_0(6, 32, 22, true),
    Q5_1(7, 32, 24, true),
    Q8_0(8, 32, 34, true),
    Q8_1(9, 32, 36, false),
    Q2_K(10, 256, 84, false),
    Q3_K(11, 256, 110, false),
    Q4_K(12, 256, 144, true),
    Q5_K(13, 256, 176, true),
    Q6_K(14, 256, 210, true),
    Q8_K(15, 256, 292, false),
    IQ2_XXS(16, 256, 66, false),
    IQ2_XS(17, 256, 74, false),
    IQ3_XXS(18, 256, 98, false),
    IQ1_S(19, 256, 50, false),
    IQ4_NL(20, 32, 18, false),
    IQ3_S(21, 256, 110, false),
    IQ2_S(22, 256, 82, false),
    IQ4_XS(23, 256, 136, false),
    I8(24, 1, 1, false),
    I16(25, 1, 2, false),
    I32(26, 1, 4, false),
    I64(27, 1, 8, false),
    F64(28, 1, 8, false),
    IQ1_M(29, 256, 56, false),
    BF16(30, 1, 2, true),
    Q4_0_4_4(31, 32, 18, false),
    Q4_0_4_8(32, 32, 18, false),
    Q4_0_8_8(33, 32, 18, false),
    TQ1_0(34, 256, 54, false),
    TQ2_0(35, 256, 66, false),
    IQ4_NL_4_4(36, 32, 18, false),
    IQ4_NL_4_8(37, 32, 18, false),
    IQ4_NL_8_8(38, 32, 18, false),
    MXFP4(39, 32, 17, false),
    NVFP4(40, 64, 36, false),
    Q1_0(41, 128, 18, false);

    /** The supported types, spelled for messages. */
    public static final String SUPPORTED = "F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K or Q6_K";

    private final int id;
    private final int blockElements;
    private final int blockBytes;
    private final boolean supported;

    TensorType(int id, int blockElements, int blockBytes, boolean supported) {
        this.id = id;
        this.blockElements = blockElements;
        this.blockBytes = blockBytes;
        this.supported = supported;
    }

    /** The number that stands for this type in a file. */
    public int id() {
        return id;
    }

    /** Elements that share one block; 1 for plain numbers. A row is a whole number of blocks. */
    public int blockElements() {
        return blockElements;
    }

    /** Bytes of one block. */
    public int blockBytes() {
        return blockBytes;
    }

    /** True if {@link Dequantizer} and the kernels read it. */
    public boolean isSupported() {
        return supported;
    }

    /**
     * Bytes of this many elements.
     *
     * @param elements a multiple of {@link #blockElements()}
     * @throws ArithmeticException if the size does not fit 63 bits
     */
    public long sizeBytes(long elements) {
        return Math.multiplyExact(elements / blockElements, blockBytes);
    }

    static Optional<TensorType> byId(int id) {
        for (TensorType type : values()) {
            if (type.id == id) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }
}
