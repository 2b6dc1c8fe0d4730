package dev.foretoken.engine.kernel;

import static dev.foretoken.engine.kernel.VectorWidth.F;
import static dev.foretoken.engine.kernel.VectorWidth.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/**
 * Writes a row to its places among the other tokens of a tile, see {@link Activations}. With 512 bits, a part of a vector is
 * spread so that its numbers meet their places, and stored under a mask, for tiles of two and four tokens. Narrower vectors
 * have too few numbers for that, and processors without 512 bits store slowly under masks.
 *
 * <p>The loops repeat each other on purpose: a vector handed to a method may become an object.
 */
final class RowScatter {
    private static final boolean SPREADS = LANES == 16;
    private static final VectorMask<Float> EVERY_2ND = VectorMask.fromLong(F, 0x5555);
    private static final VectorMask<Float> EVERY_4TH = VectorMask.fromLong(F, 0x1111);
    private static final VectorMask<Float> SECOND = VectorMask.fromLong(F, 0x2222);
    private static final VectorMask<Float> THIRD = VectorMask.fromLong(F, 0x4444);
    private static final VectorMask<Float> FOURTH = VectorMask.fromLong(F, 0x8888);
    private static final VectorShuffle<Float> HALF_0 = spread(2, 0);
    private static final VectorShuffle<Float> HALF_1 = spread(2, 1);
    private static final VectorShuffle<Float> QUARTER_0 = spread(4, 0);
    private static final VectorShuffle<Float> QUARTER_1 = spread(4, 1);
    private static final VectorShuffle<Float> QUARTER_2 = spread(4, 2);
    private static final VectorShuffle<Float> QUARTER_3 = spread(4, 3);

    private RowScatter() {}

    /** Number i of a vector's part goes to lane {@code i * stride}. */
    private static VectorShuffle<Float> spread(int stride, int part) {
        int count = Math.max(1, LANES / stride);
        return VectorShuffle.fromOp(F, lane -> (part * count + lane / stride) % LANES);
    }

    /** Number i of the row t that begins at {@code rowsAt + t * rowStride} goes to {@code out[outAt + i * rows + t]}. */
    static void interleave(float[] from, int rowsAt, int rowStride, int rows, int n, float[] out, int outAt) {
        int i = 0;
        if (SPREADS && rows == 4) {
            for (; i + LANES <= n; i += LANES) {
                int a = rowsAt + i, b = a + rowStride, c = b + rowStride, d = c + rowStride, to = outAt + 4 * i;
                FloatVector va = FloatVector.fromArray(F, from, a), vb = FloatVector.fromArray(F, from, b);
                FloatVector vc = FloatVector.fromArray(F, from, c), vd = FloatVector.fromArray(F, from, d);
                va.rearrange(QUARTER_0)
                        .blend(vb.rearrange(QUARTER_0), SECOND)
                        .blend(vc.rearrange(QUARTER_0), THIRD)
                        .blend(vd.rearrange(QUARTER_0), FOURTH)
                        .intoArray(out, to);
                va.rearrange(QUARTER_1)
                        .blend(vb.rearrange(QUARTER_1), SECOND)
                        .blend(vc.rearrange(QUARTER_1), THIRD)
                        .blend(vd.rearrange(QUARTER_1), FOURTH)
                        .intoArray(out, to + LANES);
                va.rearrange(QUARTER_2)
                        .blend(vb.rearrange(QUARTER_2), SECOND)
                        .blend(vc.rearrange(QUARTER_2), THIRD)
                        .blend(vd.rearrange(QUARTER_2), FOURTH)
                        .intoArray(out, to + 2 * LANES);
                va.rearrange(QUARTER_3)
                        .blend(vb.rearrange(QUARTER_3), SECOND)
                        .blend(vc.rearrange(QUARTER_3), THIRD)
                        .blend(vd.rearrange(QUARTER_3), FOURTH)
                        .intoArray(out, to + 3 * LANES);
            }
        }
        for (int t = 0; t < rows; t++) copy(from, rowsAt + t * rowStride + i, n - i, out, outAt + i * rows + t, rows);
    }

    /** As {@link Activations#scatter(float[], int, int, float[], int, int)}. */
    static void copy(float[] row, int rowAt, int n, float[] out, int outAt, int outStride) {
        int i = 0;
        if (SPREADS && outStride == 4) {
            for (; i + LANES <= n; i += LANES) {
                FloatVector v = FloatVector.fromArray(F, row, rowAt + i);
                int at = outAt + 4 * i;
                v.rearrange(QUARTER_0).intoArray(out, at, EVERY_4TH);
                v.rearrange(QUARTER_1).intoArray(out, at + LANES, EVERY_4TH);
                v.rearrange(QUARTER_2).intoArray(out, at + 2 * LANES, EVERY_4TH);
                v.rearrange(QUARTER_3).intoArray(out, at + 3 * LANES, EVERY_4TH);
            }
        } else if (SPREADS && outStride == 2) {
            for (; i + LANES <= n; i += LANES) {
                FloatVector v = FloatVector.fromArray(F, row, rowAt + i);
                int at = outAt + 2 * i;
                v.rearrange(HALF_0).intoArray(out, at, EVERY_2ND);
                v.rearrange(HALF_1).intoArray(out, at + LANES, EVERY_2ND);
            }
        }
        Activations.scatter(row, rowAt + i, n - i, out, outAt + i * outStride, outStride);
    }

    /** {@code out[outAt + i * outStride] = x[xAt + i] * s * weight[i]}. */
    static void scaled(float[] x, int xAt, float s, float[] weight, int n, float[] out, int outAt, int outStride) {
        int i = 0;
        if (outStride == 1) {
            for (; i + LANES <= n; i += LANES) {
                FloatVector v = FloatVector.fromArray(F, x, xAt + i).mul(s);
                v.mul(FloatVector.fromArray(F, weight, i)).intoArray(out, outAt + i);
            }
        } else if (SPREADS && outStride == 4) {
            for (; i + LANES <= n; i += LANES) {
                FloatVector v = FloatVector.fromArray(F, x, xAt + i).mul(s).mul(FloatVector.fromArray(F, weight, i));
                int at = outAt + 4 * i;
                v.rearrange(QUARTER_0).intoArray(out, at, EVERY_4TH);
                v.rearrange(QUARTER_1).intoArray(out, at + LANES, EVERY_4TH);
                v.rearrange(QUARTER_2).intoArray(out, at + 2 * LANES, EVERY_4TH);
                v.rearrange(QUARTER_3).intoArray(out, at + 3 * LANES, EVERY_4TH);
            }
        } else if (SPREADS && outStride == 2) {
            for (; i + LANES <= n; i += LANES) {
                FloatVector v = FloatVector.fromArray(F, x, xAt + i).mul(s).mul(FloatVector.fromArray(F, weight, i));
                int at = outAt + 2 * i;
                v.rearrange(HALF_0).intoArray(out, at, EVERY_2ND);
                v.rearrange(HALF_1).intoArray(out, at + LANES, EVERY_2ND);
            }
        }
        for (; i < n; i++) out[outAt + i * outStride] = x[xAt + i] * s * weight[i];
    }
}
