package dev.foretoken.engine.kernel;

import static dev.foretoken.engine.kernel.PackedMatrix.STRIPE;
import static dev.foretoken.engine.kernel.VectorWidth.F;
import static dev.foretoken.engine.kernel.VectorWidth.LANES;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;

/** Scales that are products, in vectors; loaded only where the vector module is present. */
final class FactorVectors {
    private FactorVectors() {}

    /**
     * Writes {@code factor[from + i] * shared[...]} of {@code count} numbers; {@code blocksPerGroup} rows of 16 factors share
     * a row of 16 numbers.
     */
    static void multiply(byte[] factor, int from, int count, float[] shared, int blocksPerGroup, float[] to) {
        int blocks = count / STRIPE, firstShared = from / blocksPerGroup;
        for (int part = 0; part < STRIPE; part += LANES) {
            for (int block = 0; block < blocks; block += blocksPerGroup) {
                FloatVector s = FloatVector.fromArray(F, shared, firstShared + block / blocksPerGroup * STRIPE + part);
                for (int b = block; b < block + blocksPerGroup; b++) {
                    // with 128-bit vectors a load takes all 16 and the cast the part
                    int at = from + b * STRIPE + (LANES == 4 ? 0 : part);
                    FloatVector f = (FloatVector)
                            ByteVector.fromArray(Q8Tiles.B, factor, at).castShape(F, LANES == 4 ? part / LANES : 0);
                    f.mul(s).intoArray(to, b * STRIPE + part);
                }
            }
        }
    }
}
