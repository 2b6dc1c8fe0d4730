package dev.foretoken.engine.kernel;

import static dev.foretoken.engine.kernel.PackedMatrix.STRIPE;
import static dev.foretoken.engine.kernel.Q8Tiles.B;
import static dev.foretoken.engine.kernel.Q8Tiles.firstScale;
import static dev.foretoken.engine.kernel.Q8Tiles.firstWeight;
import static dev.foretoken.engine.kernel.VectorWidth.F;
import static dev.foretoken.engine.kernel.VectorWidth.LANES;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;

/**
 * {@link Q8Tiles} for weights with minima, {@code ma} that of vector a. Tiles of their own, because narrow vectors have no
 * register left for the minima of weights that have none. Not for 128 bits, where a stripe is four vectors.
 */
final class Q8MinTiles {
    private Q8MinTiles() {}

    /** Runs the tile of two vectors, from vector {@code v} on, and 1 to 4 tokens. */
    static void run(int tokens, PackedQ8 w, float[] x, int xAt, float[] y, int yAt, int yStride, int v) {
        switch (tokens) {
            case 1 -> tile2x1(w, x, xAt, y, yAt, v);
            case 2 -> tile2x2(w, x, xAt, y, yAt, yStride, v);
            case 3 -> tile2x3(w, x, xAt, y, yAt, yStride, v);
            case 4 -> tile2x4(w, x, xAt, y, yAt, yStride, v);
            default -> throw new IllegalArgumentException("no tile of 2 x " + tokens);
        }
    }

    private static void tile2x1(PackedQ8 w, float[] x, int xAt, float[] y, int yAt, int v) {
        byte[] q = w.q;
        float[] scale = w.scale, minimum = w.minimum;
        int length = 1 << w.blockShift, blocks = w.columns() >> w.blockShift;
        int qa = firstWeight(w, v), qb = firstWeight(w, v + 1);
        int da = firstScale(w, v), db = firstScale(w, v + 1);
        FloatVector z = FloatVector.zero(F);
        FloatVector a0 = z;
        FloatVector b0 = z;
        for (int block = 0; block < blocks; block++) {
            int at = block * length * STRIPE, xk = xAt + block * length;
            FloatVector sa = FloatVector.fromArray(F, scale, da + block * STRIPE);
            FloatVector sb = FloatVector.fromArray(F, scale, db + block * STRIPE);
            FloatVector ma = FloatVector.fromArray(F, minimum, da + block * STRIPE);
            FloatVector mb = FloatVector.fromArray(F, minimum, db + block * STRIPE);
            for (int k = 0; k < length; k++) {
                FloatVector wa = ((FloatVector)
                                ByteVector.fromArray(B, q, qa + at + k * STRIPE).castShape(F, 0))
                        .fma(sa, ma);
                FloatVector wb = ((FloatVector)
                                ByteVector.fromArray(B, q, qb + at + k * STRIPE).castShape(F, 0))
                        .fma(sb, mb);
                FloatVector v0 = FloatVector.broadcast(F, x[xk + k]);
                a0 = wa.fma(v0, a0);
                b0 = wb.fma(v0, b0);
            }
        }
        a0.intoArray(y, yAt);
        b0.intoArray(y, yAt + LANES);
    }

    private static void tile2x2(PackedQ8 w, float[] x, int xAt, float[] y, int yAt, int yStride, int v) {
        byte[] q = w.q;
        float[] scale = w.scale, minimum = w.minimum;
        int length = 1 << w.blockShift, blocks = w.columns() >> w.blockShift;
        int qa = firstWeight(w, v), qb = firstWeight(w, v + 1);
        int da = firstScale(w, v), db = firstScale(w, v + 1);
        FloatVector z = FloatVector.zero(F);
        FloatVector a0 = z, a1 = z;
        FloatVector b0 = z, b1 = z;
        for (int block = 0; block < blocks; block++) {
            int at = block * length * STRIPE, xk = xAt + block * length * 2;
            FloatVector sa = FloatVector.fromArray(F, scale, da + block * STRIPE);
            FloatVector sb = FloatVector.fromArray(F, scale, db + block * STRIPE);
            FloatVector ma = FloatVector.fromArray(F, minimum, da + block * STRIPE);
            FloatVector mb = FloatVector.fromArray(F, minimum, db + block * STRIPE);
            for (int k = 0; k < length; k++) {
                FloatVector wa = ((FloatVector)
                                ByteVector.fromArray(B, q, qa + at + k * STRIPE).castShape(F, 0))
                        .fma(sa, ma);
                FloatVector wb = ((FloatVector)
                                ByteVector.fromArray(B, q, qb + at + k * STRIPE).castShape(F, 0))
                        .fma(sb, mb);
                FloatVector v0 = FloatVector.broadcast(F, x[xk + k * 2]);
                a0 = wa.fma(v0, a0);
                b0 = wb.fma(v0, b0);
                FloatVector v1 = FloatVector.broadcast(F, x[xk + k * 2 + 1]);
                a1 = wa.fma(v1, a1);
                b1 = wb.fma(v1, b1);
            }
        }
        int at = yAt;
        a0.intoArray(y, at);
        b0.intoArray(y, at + LANES);
        at += yStride;
        a1.intoArray(y, at);
        b1.intoArray(y, at + LANES);
    }

    private static void tile2x3(PackedQ8 w, float[] x, int xAt, float[] y, int yAt, int yStride, int v) {
        byte[] q = w.q;
        float[] scale = w.scale, minimum = w.minimum;
        int length = 1 << w.blockShift, blocks = w.columns() >> w.blockShift;
        int qa = firstWeight(w, v), qb = firstWeight(w, v + 1);
        int da = firstScale(w, v), db = firstScale(w, v + 1);
        FloatVector z = FloatVector.zero(F);
        FloatVector a0 = z, a1 = z, a2 = z;
        FloatVector b0 = z, b1 = z, b2 = z;
        for (int block = 0; block < blocks; block++) {
            int at = block * length * STRIPE, xk = xAt + block * length * 3;
            FloatVector sa = FloatVector.fromArray(F, scale, da + block * STRIPE);
            FloatVector sb = FloatVector.fromArray(F, scale, db + block * STRIPE);
            FloatVector ma = FloatVector.fromArray(F, minimum, da + block * STRIPE);
            FloatVector mb = FloatVector.fromArray(F, minimum, db + block * STRIPE);
            for (int k = 0; k < length; k++) {
                FloatVector wa = ((FloatVector)
                                ByteVector.fromArray(B, q, qa + at + k * STRIPE).castShape(F, 0))
                        .fma(sa, ma);
                FloatVector wb = ((FloatVector)
                                ByteVector.fromArray(B, q, qb + at + k * STRIPE).castShape(F, 0))
                        .fma(sb, mb);
                FloatVector v0 = FloatVector.broadcast(F, x[xk + k * 3]);
                a0 = wa.fma(v0, a0);
                b0 = wb.fma(v0, b0);
                FloatVector v1 = FloatVector.broadcast(F, x[xk + k * 3 + 1]);
                a1 = wa.fma(v1, a1);
                b1 = wb.fma(v1, b1);
                FloatVector v2 = FloatVector.broadcast(F, x[xk + k * 3 + 2]);
                a2 = wa.fma(v2, a2);
                b2 = wb.fma(v2, b2);
            }
        }
        int at = yAt;
        a0.intoArray(y, at);
        b0.intoArray(y, at + LANES);
        at += yStride;
        a1.intoArray(y, at);
        b1.intoArray(y, at + LANES);
        at += yStride;
        a2.intoArray(y, at);
        b2.intoArray(y, at + LANES);
    }

    private static void tile2x4(PackedQ8 w, float[] x, int xAt, float[] y, int yAt, int yStride, int v) {
        byte[] q = w.q;
        float[] scale = w.scale, minimum = w.minimum;
        int length = 1 << w.blockShift, blocks = w.columns() >> w.blockShift;
        int qa = firstWeight(w, v), qb = firstWeight(w, v + 1);
        int da = firstScale(w, v), db = firstScale(w, v + 1);
        FloatVector z = FloatVector.zero(F);
        FloatVector a0 = z, a1 = z, a2 = z, a3 = z;
        FloatVector b0 = z, b1 = z, b2 = z, b3 = z;
        for (int block = 0; block < blocks; block++) {
            int at = block * length * STRIPE, xk = xAt + block * length * 4;
            FloatVector sa = FloatVector.fromArray(F, scale, da + block * STRIPE);
            FloatVector sb = FloatVector.fromArray(F, scale, db + block * STRIPE);
            FloatVector ma = FloatVector.fromArray(F, minimum, da + block * STRIPE);
            FloatVector mb = FloatVector.fromArray(F, minimum, db + block * STRIPE);
            for (int k = 0; k < length; k++) {
                FloatVector wa = ((FloatVector)
                                ByteVector.fromArray(B, q, qa + at + k * STRIPE).castShape(F, 0))
                        .fma(sa, ma);
                FloatVector wb = ((FloatVector)
                                ByteVector.fromArray(B, q, qb + at + k * STRIPE).castShape(F, 0))
                        .fma(sb, mb);
                FloatVector v0 = FloatVector.broadcast(F, x[xk + k * 4]);
                a0 = wa.fma(v0, a0);
                b0 = wb.fma(v0, b0);
                FloatVector v1 = FloatVector.broadcast(F, x[xk + k * 4 + 1]);
                a1 = wa.fma(v1, a1);
                b1 = wb.fma(v1, b1);
                FloatVector v2 = FloatVector.broadcast(F, x[xk + k * 4 + 2]);
                a2 = wa.fma(v2, a2);
                b2 = wb.fma(v2, b2);
                FloatVector v3 = FloatVector.broadcast(F, x[xk + k * 4 + 3]);
                a3 = wa.fma(v3, a3);
                b3 = wb.fma(v3, b3);
            }
        }
        int at = yAt;
        a0.intoArray(y, at);
        b0.intoArray(y, at + LANES);
        at += yStride;
        a1.intoArray(y, at);
        b1.intoArray(y, at + LANES);
        at += yStride;
        a2.intoArray(y, at);
        b2.intoArray(y, at + LANES);
        at += yStride;
        a3.intoArray(y, at);
        b3.intoArray(y, at + LANES);
    }
}
