package dev.foretoken.engine.kernel;

import static dev.foretoken.engine.kernel.PackedMatrix.PANEL_ROWS;
import static dev.foretoken.engine.kernel.PackedMatrix.STRIPE;
import static dev.foretoken.engine.kernel.Q8Tiles.B;
import static dev.foretoken.engine.kernel.Q8Tiles.firstScale;
import static dev.foretoken.engine.kernel.Q8Tiles.firstWeight;
import static dev.foretoken.engine.kernel.VectorWidth.F;
import static dev.foretoken.engine.kernel.VectorWidth.LANES;
import static dev.foretoken.engine.kernel.VectorWidth.PER_STRIPE;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Byte weights, with or without minima, for 512-bit vectors (32 registers) and two tiles of activations at once, for which
 * weights are dequantised only once. Letters as in {@link Q8Tiles}, {@code ma} the minimum of vector a; {@code xk} is the first
 * tile of activations, {@code xn} the next.
 */
final class Q8WideTiles {
    private Q8WideTiles() {}

    private static int firstMinimum(PackedQ8 w, int v) {
        return w.minimaAt(v / PER_STRIPE) + v % PER_STRIPE * LANES;
    }

    /** Runs the tile of two vectors, from vector {@code v} on, and 5 to 8 tokens: those of two tiles of activations. */
    static void run(int tokens, PackedQ8 w, float[] x, int xAt, float[] y, int yAt, int yStride, int v) {
        switch (tokens) {
            case 5 -> tile2x5(w, x, xAt, y, yAt, yStride, v);
            case 6 -> tile2x6(w, x, xAt, y, yAt, yStride, v);
            case 7 -> tile2x7(w, x, xAt, y, yAt, yStride, v);
            case 8 -> tile2x8(w, x, xAt, y, yAt, yStride, v);
            default -> throw new IllegalArgumentException("no tile of 2 x " + tokens);
        }
    }

    private static void tile2x5(PackedQ8 w, float[] x, int xAt, float[] y, int yAt, int yStride, int v) {
        byte[] q = w.q;
        float[] scale = w.scale, minimum = w.minimum;
        int length = 1 << w.blockShift,
                step = w.minimumStep,
                blocks = w.columns() >> w.blockShift,
                next = xAt + 4 * w.columns();
        int qa = firstWeight(w, v), qb = firstWeight(w, v + 1);
        int da = firstScale(w, v), db = firstScale(w, v + 1);
        int na = firstMinimum(w, v), nb = firstMinimum(w, v + 1);
        FloatVector z = FloatVector.zero(F);
        FloatVector a0 = z, a1 = z, a2 = z, a3 = z, a4 = z;
        FloatVector b0 = z, b1 = z, b2 = z, b3 = z, b4 = z;
        ByteVector nothing = ByteVector.zero(B);
        VectorMask<Byte> noBytes = VectorMask.fromLong(B, Prefetch.noLanes);
        for (int block = 0; block < blocks; block++) {
            int at = block * length * STRIPE, xk = xAt + block * length * 4, xn = next + block * length;
            FloatVector sa = FloatVector.fromArray(F, scale, da + block * STRIPE);
            FloatVector sb = FloatVector.fromArray(F, scale, db + block * STRIPE);
            FloatVector ma = FloatVector.fromArray(F, minimum, na + block * step);
            FloatVector mb = FloatVector.fromArray(F, minimum, nb + block * step);
            for (int k = 0; k < length; k++) {
                if (Prefetch.IS_ON) {
                    nothing.intoArray(q, qa + at + k * STRIPE + Prefetch.BYTES_OF_ONE, noBytes);
                }
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
                FloatVector v4 = FloatVector.broadcast(F, x[xn + k]);
                a4 = wa.fma(v4, a4);
                b4 = wb.fma(v4, b4);
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
        at += yStride;
        a4.intoArray(y, at);
        b4.intoArray(y, at + LANES);
    }

    private static void tile2x6(PackedQ8 w, float[] x, int xAt, float[] y, int yAt, int yStride, int v) {
        byte[] q = w.q;
        float[] scale = w.scale, minimum = w.minimum;
        int length = 1 << w.blockShift,
                step = w.minimumStep,
                blocks = w.columns() >> w.blockShift,
                next = xAt + 4 * w.columns();
        int qa = firstWeight(w, v), qb = firstWeight(w, v + 1);
        int da = firstScale(w, v), db = firstScale(w, v + 1);
        int na = firstMinimum(w, v), nb = firstMinimum(w, v + 1);
        FloatVector z = FloatVector.zero(F);
        FloatVector a0 = z, a1 = z, a2 = z, a3 = z, a4 = z, a5 = z;
        FloatVector b0 = z, b1 = z, b2 = z, b3 = z, b4 = z, b5 = z;
        ByteVector nothing = ByteVector.zero(B);
        VectorMask<Byte> noBytes = VectorMask.fromLong(B, Prefetch.noLanes);
        for (int block = 0; block < blocks; block++) {
            int at = block * length * STRIPE, xk = xAt + block * length * 4, xn = next + block * length * 2;
            FloatVector sa = FloatVector.fromArray(F, scale, da + block * STRIPE);
            FloatVector sb = FloatVector.fromArray(F, scale, db + block * STRIPE);
            FloatVector ma = FloatVector.fromArray(F, minimum, na + block * step);
            FloatVector mb = FloatVector.fromArray(F, minimum, nb + block * step);
            for (int k = 0; k < length; k++) {
                if (Prefetch.IS_ON) {
                    nothing.intoArray(q, qa + at + k * STRIPE + Prefetch.BYTES_OF_ONE, noBytes);
                }
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
                FloatVector v4 = FloatVector.broadcast(F, x[xn + k * 2]);
                a4 = wa.fma(v4, a4);
                b4 = wb.fma(v4, b4);
                FloatVector v5 = FloatVector.broadcast(F, x[xn + k * 2 + 1]);
                a5 = wa.fma(v5, a5);
                b5 = wb.fma(v5, b5);
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
        at += yStride;
        a4.intoArray(y, at);
        b4.intoArray(y, at + LANES);
        at += yStride;
        a5.intoArray(y, at);
        b5.intoArray(y, at + LANES);
    }

    private static void tile2x7(PackedQ8 w, float[] x, int xAt, float[] y, int yAt, int yStride, int v) {
        byte[] q = w.q;
        float[] scale = w.scale, minimum = w.minimum;
        int length = 1 << w.blockShift,
                step = w.minimumStep,
                blocks = w.columns() >> w.blockShift,
                next = xAt + 4 * w.columns();
        int qa = firstWeight(w, v), qb = firstWeight(w, v + 1);
        int da = firstScale(w, v), db = firstScale(w, v + 1);
        int na = firstMinimum(w, v), nb = firstMinimum(w, v + 1);
        FloatVector z = FloatVector.zero(F);
        FloatVector a0 = z, a1 = z, a2 = z, a3 = z, a4 = z, a5 = z, a6 = z;
        FloatVector b0 = z, b1 = z, b2 = z, b3 = z, b4 = z, b5 = z, b6 = z;
        ByteVector nothing = ByteVector.zero(B);
        VectorMask<Byte> noBytes = VectorMask.fromLong(B, Prefetch.noLanes);
        for (int block = 0; block < blocks; block++) {
            int at = block * length * STRIPE, xk = xAt + block * length * 4, xn = next + block * length * 3;
            FloatVector sa = FloatVector.fromArray(F, scale, da + block * STRIPE);
            FloatVector sb = FloatVector.fromArray(F, scale, db + block * STRIPE);
            FloatVector ma = FloatVector.fromArray(F, minimum, na + block * step);
            FloatVector mb = FloatVector.fromArray(F, minimum, nb + block * step);
            for (int k = 0; k < length; k++) {
                if (Prefetch.IS_ON) {
                    nothing.intoArray(q, qa + at + k * STRIPE + Prefetch.BYTES_OF_ONE, noBytes);
                }
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
                FloatVector v4 = FloatVector.broadcast(F, x[xn + k * 3]);
                a4 = wa.fma(v4, a4);
                b4 = wb.fma(v4, b4);
                FloatVector v5 = FloatVector.broadcast(F, x[xn + k * 3 + 1]);
                a5 = wa.fma(v5, a5);
                b5 = wb.fma(v5, b5);
                FloatVector v6 = FloatVector.broadcast(F, x[xn + k * 3 + 2]);
                a6 = wa.fma(v6, a6);
                b6 = wb.fma(v6, b6);
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
        at += yStride;
        a4.intoArray(y, at);
        b4.intoArray(y, at + LANES);
        at += yStride;
        a5.intoArray(y, at);
        b5.intoArray(y, at + LANES);
        at += yStride;
        a6.intoArray(y, at);
        b6.intoArray(y, at + LANES);
    }

    private static void tile2x8(PackedQ8 w, float[] x, int xAt, float[] y, int yAt, int yStride, int v) {
        byte[] q = w.q;
        float[] scale = w.scale, minimum = w.minimum;
        int length = 1 << w.blockShift,
                step = w.minimumStep,
                blocks = w.columns() >> w.blockShift,
                next = xAt + 4 * w.columns();
        int qa = firstWeight(w, v), qb = firstWeight(w, v + 1);
        int da = firstScale(w, v), db = firstScale(w, v + 1);
        int na = firstMinimum(w, v), nb = firstMinimum(w, v + 1);
        FloatVector z = FloatVector.zero(F);
        FloatVector a0 = z, a1 = z, a2 = z, a3 = z, a4 = z, a5 = z, a6 = z, a7 = z;
        FloatVector b0 = z, b1 = z, b2 = z, b3 = z, b4 = z, b5 = z, b6 = z, b7 = z;
        ByteVector nothing = ByteVector.zero(B);
        VectorMask<Byte> noBytes = VectorMask.fromLong(B, Prefetch.noLanes);
        for (int block = 0; block < blocks; block++) {
            int at = block * length * STRIPE, xk = xAt + block * length * 4, xn = next + block * length * 4;
            FloatVector sa = FloatVector.fromArray(F, scale, da + block * STRIPE);
            FloatVector sb = FloatVector.fromArray(F, scale, db + block * STRIPE);
            FloatVector ma = FloatVector.fromArray(F, minimum, na + block * step);
            FloatVector mb = FloatVector.fromArray(F, minimum, nb + block * step);
            for (int k = 0; k < length; k++) {
                if (Prefetch.IS_ON) {
                    nothing.intoArray(q, qa + at + k * STRIPE + Prefetch.BYTES_OF_ONE, noBytes);
                }
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
                FloatVector v4 = FloatVector.broadcast(F, x[xn + k * 4]);
                a4 = wa.fma(v4, a4);
                b4 = wb.fma(v4, b4);
                FloatVector v5 = FloatVector.broadcast(F, x[xn + k * 4 + 1]);
                a5 = wa.fma(v5, a5);
                b5 = wb.fma(v5, b5);
                FloatVector v6 = FloatVector.broadcast(F, x[xn + k * 4 + 2]);
                a6 = wa.fma(v6, a6);
                b6 = wb.fma(v6, b6);
                FloatVector v7 = FloatVector.broadcast(F, x[xn + k * 4 + 3]);
                a7 = wa.fma(v7, a7);
                b7 = wb.fma(v7, b7);
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
        at += yStride;
        a4.intoArray(y, at);
        b4.intoArray(y, at + LANES);
        at += yStride;
        a5.intoArray(y, at);
        b5.intoArray(y, at + LANES);
        at += yStride;
        a6.intoArray(y, at);
        b6.intoArray(y, at + LANES);
        at += yStride;
        a7.intoArray(y, at);
        b7.intoArray(y, at + LANES);
    }

    /**
     * Eight tokens and columns [kFrom, kTo), whole blocks, added to what {@code y} holds. Leaves the weights in the panel,
     * {@code [k][16]} each, {@code panelStep} apart, for the tokens that follow: stores hide behind arithmetic, and arithmetic
     * behind reading.
     */
    static void fill2x8(
            PackedQ8 w,
            int kFrom,
            int kTo,
            float[] x,
            float[] panel,
            int panelStep,
            float[] y,
            int yAt,
            int yStride,
            int v) {
        byte[] q = w.q;
        float[] scale = w.scale, minimum = w.minimum;
        int length = 1 << w.blockShift, step = w.minimumStep, next = 4 * w.columns();
        int qa = firstWeight(w, v), qb = firstWeight(w, v + 1);
        int da = firstScale(w, v), db = firstScale(w, v + 1);
        int na = firstMinimum(w, v), nb = firstMinimum(w, v + 1);
        int yk = yAt;
        FloatVector a0 = FloatVector.fromArray(F, y, yk);
        FloatVector b0 = FloatVector.fromArray(F, y, yk + LANES);
        yk += yStride;
        FloatVector a1 = FloatVector.fromArray(F, y, yk);
        FloatVector b1 = FloatVector.fromArray(F, y, yk + LANES);
        yk += yStride;
        FloatVector a2 = FloatVector.fromArray(F, y, yk);
        FloatVector b2 = FloatVector.fromArray(F, y, yk + LANES);
        yk += yStride;
        FloatVector a3 = FloatVector.fromArray(F, y, yk);
        FloatVector b3 = FloatVector.fromArray(F, y, yk + LANES);
        yk += yStride;
        FloatVector a4 = FloatVector.fromArray(F, y, yk);
        FloatVector b4 = FloatVector.fromArray(F, y, yk + LANES);
        yk += yStride;
        FloatVector a5 = FloatVector.fromArray(F, y, yk);
        FloatVector b5 = FloatVector.fromArray(F, y, yk + LANES);
        yk += yStride;
        FloatVector a6 = FloatVector.fromArray(F, y, yk);
        FloatVector b6 = FloatVector.fromArray(F, y, yk + LANES);
        yk += yStride;
        FloatVector a7 = FloatVector.fromArray(F, y, yk);
        FloatVector b7 = FloatVector.fromArray(F, y, yk + LANES);
        for (int block = kFrom >> w.blockShift; block < kTo >> w.blockShift; block++) {
            int at = block * length * STRIPE, xk = block * length * 4, xn = next + block * length * 4;
            int pa = (block * length - kFrom) * PANEL_ROWS, pb = pa + panelStep;
            FloatVector sa = FloatVector.fromArray(F, scale, da + block * STRIPE);
            FloatVector sb = FloatVector.fromArray(F, scale, db + block * STRIPE);
            FloatVector ma = FloatVector.fromArray(F, minimum, na + block * step);
            FloatVector mb = FloatVector.fromArray(F, minimum, nb + block * step);
            for (int k = 0; k < length; k++) {
                FloatVector wa = ((FloatVector)
                                ByteVector.fromArray(B, q, qa + at + k * STRIPE).castShape(F, 0))
                        .fma(sa, ma);
                FloatVector wb = ((FloatVector)
                                ByteVector.fromArray(B, q, qb + at + k * STRIPE).castShape(F, 0))
                        .fma(sb, mb);
                wa.intoArray(panel, pa + k * PANEL_ROWS);
                wb.intoArray(panel, pb + k * PANEL_ROWS);
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
                FloatVector v4 = FloatVector.broadcast(F, x[xn + k * 4]);
                a4 = wa.fma(v4, a4);
                b4 = wb.fma(v4, b4);
                FloatVector v5 = FloatVector.broadcast(F, x[xn + k * 4 + 1]);
                a5 = wa.fma(v5, a5);
                b5 = wb.fma(v5, b5);
                FloatVector v6 = FloatVector.broadcast(F, x[xn + k * 4 + 2]);
                a6 = wa.fma(v6, a6);
                b6 = wb.fma(v6, b6);
                FloatVector v7 = FloatVector.broadcast(F, x[xn + k * 4 + 3]);
                a7 = wa.fma(v7, a7);
                b7 = wb.fma(v7, b7);
            }
        }
        yk = yAt + 7 * yStride; // anew and backwards: eight places are too many to keep beside the loop
        a7.intoArray(y, yk);
        b7.intoArray(y, yk + LANES);
        yk -= yStride;
        a6.intoArray(y, yk);
        b6.intoArray(y, yk + LANES);
        yk -= yStride;
        a5.intoArray(y, yk);
        b5.intoArray(y, yk + LANES);
        yk -= yStride;
        a4.intoArray(y, yk);
        b4.intoArray(y, yk + LANES);
        yk -= yStride;
        a3.intoArray(y, yk);
        b3.intoArray(y, yk + LANES);
        yk -= yStride;
        a2.intoArray(y, yk);
        b2.intoArray(y, yk + LANES);
        yk -= yStride;
        a1.intoArray(y, yk);
        b1.intoArray(y, yk + LANES);
        yk -= yStride;
        a0.intoArray(y, yk);
        b0.intoArray(y, yk + LANES);
    }
}
