package dev.foretoken.engine.kernel;

import static dev.foretoken.engine.kernel.PackedMatrix.STRIPE;

/**
 * The scales or the minima of a matrix, a number per block in the order of {@link PackedMatrix}, kept as briefly as the
 * file does: a single token's step reads them from memory like the weights.
 *
 * <p>Immutable and thread-safe once packed.
 */
abstract sealed class BlockNumbers {
    /** Keeps the numbers of one row; that of block b goes to {@code at + b * STRIPE}. */
    abstract void store(int at, RowNumbers row, int blocks);

    abstract float get(int at);

    /** Copies numbers [from, from + count), whole stripes, to the beginning of an array. */
    abstract void copy(int from, int count, float[] to);

    abstract long sizeBytes();

    /** For layouts without such numbers. */
    static final class None extends BlockNumbers {
        @Override
        void store(int at, RowNumbers row, int blocks) {}

        @Override
        float get(int at) {
            throw new IndexOutOfBoundsException("this layout has no such numbers");
        }

        @Override
        void copy(int from, int count, float[] to) {
            throw new IndexOutOfBoundsException("this layout has no such numbers");
        }

        @Override
        long sizeBytes() {
            return 0;
        }
    }

    /** Halves, as in the file. */
    static final class Halves extends BlockNumbers {
        private final short[] halves;

        Halves(int count) {
            halves = new short[count];
        }

        @Override
        void store(int at, RowNumbers row, int blocks) {
            for (int b = 0; b < blocks; b++) halves[at + b * STRIPE] = Float.floatToFloat16(row.number[b]);
        }

        @Override
        float get(int at) {
            return Float.float16ToFloat(halves[at]);
        }

        @Override
        void copy(int from, int count, float[] to) {
            widen(halves, from, count, to);
        }

        /** A flat loop, which the compiler turns into the processor's half-to-float conversion. */
        private static void widen(short[] halves, int from, int count, float[] to) {
            for (int i = 0; i < count; i++) to[i] = Float.float16ToFloat(halves[from + i]);
        }

        @Override
        long sizeBytes() {
            return 2L * halves.length;
        }
    }

    /** A small integer times a number that all blocks of 256 weights share; their product is exact. */
    static final class Products extends BlockNumbers {
        private final int blocksPerGroup;
        private final byte[] factor;
        private final float[] shared;

        Products(int count, int blocksPerGroup) {
            this.blocksPerGroup = blocksPerGroup;
            factor = new byte[count];
            shared = new float[count / blocksPerGroup];
        }

        @Override
        void store(int at, RowNumbers row, int blocks) {
            for (int b = 0; b < blocks; b++) {
                factor[at + b * STRIPE] = row.factor[b];
                shared[sharedAt(at + b * STRIPE)] = row.shared[b / blocksPerGroup];
            }
        }

        private int sharedAt(int at) {
            return at / STRIPE / blocksPerGroup * STRIPE + at % STRIPE;
        }

        @Override
        float get(int at) {
            return factor[at] * shared[sharedAt(at)];
        }

        @Override
        void copy(int from, int count, float[] to) {
            FactorVectors.multiply(factor, from, count, shared, blocksPerGroup, to);
        }

        @Override
        long sizeBytes() {
            return factor.length + 4L * shared.length;
        }
    }
}
