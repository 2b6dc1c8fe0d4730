package dev.foretoken.engine.kernel;

import static dev.foretoken.engine.kernel.PackedMatrix.STRIPE;
import static dev.foretoken.engine.kernel.Q8Tiles.B;
import static dev.foretoken.engine.kernel.Q8Tiles.firstScale;
import static dev.foretoken.engine.kernel.Q8Tiles.firstWeight;
import static dev.foretoken.engine.kernel.VectorWidth.F;
import static dev.foretoken.engine.kernel.VectorWidth.LANES;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** {@link Q8MinTiles} of two stripes: up to four tokens with 512-bit vectors (32 registers), one with 256. */
final class Q8MinTwoStripeTiles {
    private Q8MinTwoStripeTiles() {}

    /**
     * Runs the tile of the stripe that begins with vector {@code v} and of that with {@code u}, whose rows go to yNext; 1 to 4
     * tokens.
     */
    static void run(
            int tokens, PackedQ8 w, float[] x, int xAt, float[] y, int yAt, int yNext, int yStride, int v, int u) {
        switch (tokens) {
            case 1 -> tile4x1(w, x, xAt, y, yAt, yNext, v, u);
            case 2 -> tile4x2(w, x, xAt, y, yAt, yNext, yStride, v, u);
            case 3 -> tile4x3(w, x, xAt, y, yAt, yNext, yStride, v, u);
            case 4 -> tile4x4(w, x, xAt, y, yAt, yNext, yStride, v, u);
            default -> throw new IllegalArgumentException("no tile of 4 x " + tokens);
        }
    }

    private static void tile4x1(PackedQ8 w, float[] x, int xAt, float[] y, int yAt, int yNext, int v, int u) {
        byte[] q = w.q;
        float[] scale = w.scale, minimum = w.minimum;
        int length = 1 << w.blockShift, blocks = w.columns() >> w.blockShift;
        int qa = firstWeight(w, v), qb = firstWeight(w, v + 1), qc = firstWeight(w, u), qd = firstWeight(w, u + 1);
        int da = firstScale(w, v), db = firstScale(w, v + 1), dc = firstScale(w, u), dd = firstScale(w, u + 1);
        FloatVector z = FloatVector.zero(F);
        FloatVector a0 = z;
        FloatVector b0 = z;
        FloatVector c0 = z;
        FloatVector d0 = z;
        ByteVector nothing = ByteVector.zero(B);
        VectorMask<Byte> noBytes = VectorMask.fromLong(B, Prefetch.noLanes);
        for (int block = 0; block < blocks; block++) {
            int at = block * length * STRIPE, xk = xAt + block * length;
            FloatVector sa = FloatVector.fromArray(F, scale, da + block * STRIPE);
            FloatVector sb = FloatVector.fromArray(F, scale, db + block * STRIPE);
            FloatVector sc = FloatVector.fromArray(F, scale, dc + block * STRIPE);
            FloatVector sd = FloatVector.fromArray(F, scale, dd + block * STRIPE);
            FloatVector ma = FloatVector.fromArray(F, minimum, da + block * STRIPE);
            FloatVector mb = FloatVector.fromArray(F, minimum, db + block * STRIPE);
            FloatVector mc = FloatVector.fromArray(F, minimum, dc + block * STRIPE);
            FloatVector md = FloatVector.fromArray(F, minimum, dd + block * STRIPE);
            for (int k = 0; k < length; k++) {
                if (Prefetch.IS_ON) {
                    nothing.intoArray(q, qa + at + k * STRIPE + Prefetch.BYTES, noBytes);
                    nothing.intoArray(q, qc + at + k * STRIPE + Prefetch.BYTES, noBytes);
                }
                FloatVector wa = ((FloatVector)
                                ByteVector.fromArray(B, q, qa + at + k * STRIPE).castShape(F, 0))
                        .fma(sa, ma);
                FloatVector wb = ((FloatVector)
                                ByteVector.fromArray(B, q, qb + at + k * STRIPE).castShape(F, 0))
                        .fma(sb, mb);
                FloatVector wc = ((FloatVector)
                                ByteVector.fromArray(B, q, qc + at + k * STRIPE).castShape(F, 0))
                        .fma(sc, mc);
                FloatVector wd = ((FloatVector)
                                ByteVector.fromArray(B, q, qd + at + k * STRIPE).castShape(F, 0))
                        .fma(sd, md);
                FloatVector v0 = FloatVector.broadcast(F, x[xk + k]);
                a0 = wa.fma(v0, a0);
                b0 = wb.fma(v0, b0);
                c0 = wc.fma(v0, c0);
                d0 = wd.fma(v0, d0);
            }
        }
        a0.intoArray(y, yAt);
        b0.intoArray(y, yAt + LANES);
        c0.intoArray(y, yNext);
        d0.intoArray(y, yNext + LANES);
    }

    private static void tile4x2(
            PackedQ8 w, float[] x, int xAt, float[] y, int yAt, int yNext, int yStride, int v, int u) {
        byte[] q = w.q;
        float[] scale = w.scale, minimum = w.minimum;
        int length = 1 << w.blockShift, blocks = w.columns() >> w.blockShift;
        int qa = firstWeight(w, v), qb = firstWeight(w, v + 1), qc = firstWeight(w, u), qd = firstWeight(w, u + 1);
        int da = firstScale(w, v), db = firstScale(w, v + 1), dc = firstScale(w, u), dd = firstScale(w, u + 1);
        FloatVector z = FloatVector.zero(F);
        FloatVector a0 = z, a1 = z;
        FloatVector b0 = z, b1 = z;
        FloatVector c0 = z, c1 = z;
        FloatVector d0 = z, d1 = z;
        ByteVector nothing = ByteVector.zero(B);
        VectorMask<Byte> noBytes = VectorMask.fromLong(B, Prefetch.noLanes);
        for (int block = 0; block < blocks; block++) {
            int at = block * length * STRIPE, xk = xAt + block * length * 2;
            FloatVector sa = FloatVector.fromArray(F, scale, da + block * STRIPE);
            FloatVector sb = FloatVector.fromArray(F, scale, db + block * STRIPE);
            FloatVector sc = FloatVector.fromArray(F, scale, dc + block * STRIPE);
            FloatVector sd = FloatVector.fromArray(F, scale, dd + block * STRIPE);
            FloatVector ma = FloatVector.fromArray(F, minimum, da + block * STRIPE);
            FloatVector mb = FloatVector.fromArray(F, minimum, db + block * STRIPE);
            FloatVector mc = FloatVector.fromArray(F, minimum, dc + block * STRIPE);
            FloatVector md = FloatVector.fromArray(F, minimum, dd + block * STRIPE);
            for (int k = 0; k < length; k++) {
                if (Prefetch.IS_ON) {
                    nothing.intoArray(q, qa + at + k * STRIPE + Prefetch.BYTES, noBytes);
                    nothing.intoArray(q, qc + at + k * STRIPE + Prefetch.BYTES, noBytes);
                }
                FloatVector wa = ((FloatVector)
                                ByteVector.fromArray(B, q, qa + at + k * STRIPE).castShape(F, 0))
                        .fma(sa, ma);
                FloatVector wb = ((FloatVector)
                                ByteVector.fromArray(B, q, qb + at + k * STRIPE).castShape(F, 0))
                        .fma(sb, mb);
                FloatVector wc = ((FloatVector)
                                ByteVector.fromArray(B, q, qc + at + k * STRIPE).castShape(F, 0))
                        .fma(sc, mc);
                FloatVector wd = ((FloatVector)
                                ByteVector.fromArray(B, q, qd + at + k * STRIPE).castShape(F, 0))
                        .fma(sd, md);
                FloatVector v0 = FloatVector.broadcast(F, x[xk + k * 2]);
                a0 = wa.fma(v0, a0);
                b0 = wb.fma(v0, b0);
                c0 = wc.fma(v0, c0);
                d0 = wd.fma(v0, d0);
                FloatVector v1 = FloatVector.broadcast(F, x[xk + k * 2 + 1]);
                a1 = wa.fma(v1, a1);
                b1 = wb.fma(v1, b1);
                c1 = wc.fma(v1, c1);
                d1 = wd.fma(v1, d1);
            }
        }
        int at = yAt, next = yNext;
        a0.intoArray(y, at);
        b0.intoArray(y, at + LANES);
        c0.intoArray(y, next);
        d0.intoArray(y, next + LANES);
        at += yStride;
        next += yStride;
        a1.intoArray(y, at);
        b1.intoArray(y, at + LANES);
        c1.intoArray(y, next);
        d1.intoArray(y, next + LANES);
    }

    private static void tile4x3(
            PackedQ8 w, float[] x, int xAt, float[] y, int yAt, int yNext, int yStride, int v, int u) {
        byte[] q = w.q;
        float[] scale = w.scale, minimum = w.minimum;
        int length = 1 << w.blockShift, blocks = w.columns() >> w.blockShift;
        int qa = firstWeight(w, v), qb = firstWeight(w, v + 1), qc = firstWeight(w, u), qd = firstWeight(w, u + 1);
        int da = firstScale(w, v), db = firstScale(w, v + 1), dc = firstScale(w, u), dd = firstScale(w, u + 1);
        FloatVector z = FloatVector.zero(F);
        FloatVector a0 = z, a1 = z, a2 = z;
        FloatVector b0 = z, b1 = z, b2 = z;
        FloatVector c0 = z, c1 = z, c2 = z;
        FloatVector d0 = z, d1 = z, d2 = z;
        ByteVector nothing = ByteVector.zero(B);
        VectorMask<Byte> noBytes = VectorMask.fromLong(B, Prefetch.noLanes);
        for (int block = 0; block < blocks; block++) {
            int at = block * length * STRIPE, xk = xAt + block * length * 3;
            FloatVector sa = FloatVector.fromArray(F, scale, da + block * STRIPE);
            FloatVector sb = FloatVector.fromArray(F, scale, db + block * STRIPE);
            FloatVector sc = FloatVector.fromArray(F, scale, dc + block * STRIPE);
            FloatVector sd = FloatVector.fromArray(F, scale, dd + block * STRIPE);
            FloatVector ma = FloatVector.fromArray(F, minimum, da + block * STRIPE);
            FloatVector mb = FloatVector.fromArray(F, minimum, db + block * STRIPE);
            FloatVector mc = FloatVector.fromArray(F, minimum, dc + block * STRIPE);
            FloatVector md = FloatVector.fromArray(F, minimum, dd + block * STRIPE);
            for (int k = 0; k < length; k++) {
                if (Prefetch.IS_ON) {
                    nothing.intoArray(q, qa + at + k * STRIPE + Prefetch.BYTES, noBytes);
                    nothing.intoArray(q, qc + at + k * STRIPE + Prefetch.BYTES, noBytes);
                }
                FloatVector wa = ((FloatVector)
                                ByteVector.fromArray(B, q, qa + at + k * STRIPE).castShape(F, 0))
                        .fma(sa, ma);
                FloatVector wb = ((FloatVector)
                                ByteVector.fromArray(B, q, qb + at + k * STRIPE).castShape(F, 0))
                        .fma(sb, mb);
                FloatVector wc = ((FloatVector)
                                ByteVector.fromArray(B, q, qc + at + k * STRIPE).castShape(F, 0))
                        .fma(sc, mc);
                FloatVector wd = ((FloatVector)
                                ByteVector.fromArray(B, q, qd + at + k * STRIPE).castShape(F, 0))
                        .fma(sd, md);
                FloatVector v0 = FloatVector.broadcast(F, x[xk + k * 3]);
                a0 = wa.fma(v0, a0);
                b0 = wb.fma(v0, b0);
                c0 = wc.fma(v0, c0);
                d0 = wd.fma(v0, d0);
                FloatVector v1 = FloatVector.broadcast(F, x[xk + k * 3 + 1]);
                a1 = wa.fma(v1, a1);
                b1 = wb.fma(v1, b1);
                c1 = wc.fma(v1, c1);
                d1 = wd.fma(v1, d1);
                FloatVector v2 = FloatVector.broadcast(F, x[xk + k * 3 + 2]);
                a2 = wa.fma(v2, a2);
                b2 = wb.fma(v2, b2);
                c2 = wc.fma(v2, c2);
                d2 = wd.fma(v2, d2);
            }
        }
        int at = yAt, next = yNext;
        a0.intoArray(y, at);
        b0.intoArray(y, at + LANES);
        c0.intoArray(y, next);
        d0.intoArray(y, next + LANES);
        at += yStride;
        next += yStride;
        a1.intoArray(y, at);
        b1.intoArray(y, at + LANES);
        c1.intoArray(y, next);
        d1.intoArray(y, next + LANES);
        at += yStride;
        next += yStride;
        a2.intoArray(y, at);
        b2.intoArray(y, at + LANES);
        c2.intoArray(y, next);
        d2.intoArray(y, next + LANES);
    }

    private static void tile4x4(
            PackedQ8 w, float[] x, int xAt, float[] y, int yAt, int yNext, int yStride, int v, int u) {
        byte[] q = w.q;
        float[] scale = w.scale, minimum = w.minimum;
        int length = 1 << w.blockShift, blocks = w.columns() >> w.blockShift;
        int qa = firstWeight(w, v), qb = firstWeight(w, v + 1), qc = firstWeight(w, u), qd = firstWeight(w, u + 1);
        int da = firstScale(w, v), db = firstScale(w, v + 1), dc = firstScale(w, u), dd = firstScale(w, u + 1);
        FloatVector z = FloatVector.zero(F);
        FloatVector a0 = z, a1 = z, a2 = z, a3 = z;
        FloatVector b0 = z, b1 = z, b2 = z, b3 = z;
        FloatVector c0 = z, c1 = z, c2 = z, c3 = z;
        FloatVector d0 = z, d1 = z, d2 = z, d3 = z;
        ByteVector nothing = ByteVector.zero(B);
        VectorMask<Byte> noBytes = VectorMask.fromLong(B, Prefetch.noLanes);
        for (int block = 0; block < blocks; block++) {
            int at = block * length * STRIPE, xk = xAt + block * length * 4;
            FloatVector sa = FloatVector.fromArray(F, scale, da + block * STRIPE);
            FloatVector sb = FloatVector.fromArray(F, scale, db + block * STRIPE);
            FloatVector sc = FloatVector.fromArray(F, scale, dc + block * STRIPE);
            FloatVector sd = FloatVector.fromArray(F, scale, dd + block * STRIPE);
            FloatVector ma = FloatVector.fromArray(F, minimum, da + block * STRIPE);
            FloatVector mb = FloatVector.fromArray(F, minimum, db + block * STRIPE);
            FloatVector mc = FloatVector.fromArray(F, minimum, dc + block * STRIPE);
            FloatVector md = FloatVector.fromArray(F, minimum, dd + block * STRIPE);
            for (int k = 0; k < length; k++) {
                if (Prefetch.IS_ON) {
                    nothing.intoArray(q, qa + at + k * STRIPE + Prefetch.BYTES, noBytes);
                    nothing.intoArray(q, qc + at + k * STRIPE + Prefetch.BYTES, noBytes);
                }
                FloatVector wa = ((FloatVector)
                                ByteVector.fromArray(B, q, qa + at + k * STRIPE).castShape(F, 0))
                        .fma(sa, ma);
                FloatVector wb = ((FloatVector)
                                ByteVector.fromArray(B, q, qb + at + k * STRIPE).castShape(F, 0))
                        .fma(sb, mb);
                FloatVector wc = ((FloatVector)
                                ByteVector.fromArray(B, q, qc + at + k * STRIPE).castShape(F, 0))
                        .fma(sc, mc);
                FloatVector wd = ((FloatVector)
                                ByteVector.fromArray(B, q, qd + at + k * STRIPE).castShape(F, 0))
                        .fma(sd, md);
                FloatVector v0 = FloatVector.broadcast(F, x[xk + k * 4]);
                a0 = wa.fma(v0, a0);
                b0 = wb.fma(v0, b0);
                c0 = wc.fma(v0, c0);
                d0 = wd.fma(v0, d0);
                FloatVector v1 = FloatVector.broadcast(F, x[xk + k * 4 + 1]);
                a1 = wa.fma(v1, a1);
                b1 = wb.fma(v1, b1);
                c1 = wc.fma(v1, c1);
                d1 = wd.fma(v1, d1);
                FloatVector v2 = FloatVector.broadcast(F, x[xk + k * 4 + 2]);
                a2 = wa.fma(v2, a2);
                b2 = wb.fma(v2, b2);
                c2 = wc.fma(v2, c2);
                d2 = wd.fma(v2, d2);
                FloatVector v3 = FloatVector.broadcast(F, x[xk + k * 4 + 3]);
                a3 = wa.fma(v3, a3);
                b3 = wb.fma(v3, b3);
                c3 = wc.fma(v3, c3);
                d3 = wd.fma(v3, d3);
            }
        }
        int at = yAt, next = yNext;
        a0.intoArray(y, at);
        b0.intoArray(y, at + LANES);
        c0.intoArray(y, next);
        d0.intoArray(y, next + LANES);
        at += yStride;
        next += yStride;
        a1.intoArray(y, at);
        b1.intoArray(y, at + LANES);
        c1.intoArray(y, next);
        d1.intoArray(y, next + LANES);
        at += yStride;
        next += yStride;
        a2.intoArray(y, at);
        b2.intoArray(y, at + LANES);
        c2.intoArray(y, next);
        d2.intoArray(y, next + LANES);
        at += yStride;
        next += yStride;
        a3.intoArray(y, at);
        b3.intoArray(y, at + LANES);
        c3.intoArray(y, next);
        d3.intoArray(y, next + LANES);
    }
}
