package dev.foretoken.engine.kernel;

import static dev.foretoken.engine.kernel.PackedMatrix.STRIPE;
import static dev.foretoken.engine.kernel.VectorWidth.F;
import static dev.foretoken.engine.kernel.VectorWidth.LANES;
import static dev.foretoken.engine.kernel.VectorWidth.PER_STRIPE;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * Byte weights without minima times activations, dequantised in registers: tiles of R vectors of rows (2, 4) and T tokens (1 to 4).
 *
 * <p>Letters: a..d the vectors of the tile, 0..3 its tokens, {@code a2} the accumulator of vector a and token 2,
 * {@code sa} and {@code wa} scale and weights of vector a. A vector number {@code v} counts vectors of rows through the
 * matrix: v / PER_STRIPE is its stripe.
 *
 * <p>The tiles are written out on purpose. The compiler keeps all of a tile in registers only if accumulators are created
 * in the method, the loop does one k per turn with an int counter, and no method of ours takes or returns a vector.
 */
final class Q8Tiles {
    /** Bytes of one load: the rows of a vector; with 128-bit vectors a whole stripe, of which each vector takes a part. */
    static final VectorSpecies<Byte> B = LANES == 8 ? ByteVector.SPECIES_64 : ByteVector.SPECIES_128;

    private static final int PART = LANES == 4 ? 1 : 0;

    private Q8Tiles() {}

    /** Runs the tile of the stripe that begins with vector {@code v}, and 1 to 4 tokens. */
    static void run(int tokens, PackedQ8 w, float[] x, int xAt, float[] y, int yAt, int yStride, int v) {
        if (PER_STRIPE == 4) {
            runFourVectors(tokens, w, x, xAt, y, yAt, yAt + 2 * LANES, yStride, v, v + 2);
            return;
        }
        switch (tokens) {
            case 1 -> tile2x1(w, x, xAt, y, yAt, yStride, v);
            case 2 -> tile2x2(w, x, xAt, y, yAt, yStride, v);
            case 3 -> tile2x3(w, x, xAt, y, yAt, yStride, v);
            case 4 -> tile2x4(w, x, xAt, y, yAt, yStride, v);
            default -> throw new IllegalArgumentException("no tile of 2 x " + tokens);
        }
    }

    /**
     * Runs the tile of vectors v, v + 1, u and u + 1, and 1 to 4 tokens: two stripes, or with 128 bits the halves of one. The rows
     * of the last two vectors go to yNext.
     */
    static void runFourVectors(
            int tokens, PackedQ8 w, float[] x, int xAt, float[] y, int yAt, int yNext, int yStride, int v, int u) {
        switch (tokens) {
            case 1 -> tile4x1(w, x, xAt, y, yAt, yNext, v, u);
            case 2 -> tile4x2(w, x, xAt, y, yAt, yNext, yStride, v, u);
            case 3 -> tile4x3(w, x, xAt, y, yAt, yNext, yStride, v, u);
            case 4 -> tile4x4(w, x, xAt, y, yAt, yNext, yStride, v, u);
            default -> throw new IllegalArgumentException("no tile of 4 x " + tokens);
        }
    }

    /** Where vector v begins in weights that lie in stripes. */
    static int firstWeight(PackedSlab w, int v) {
        int inStripe = LANES == 4 ? 0 : v % PER_STRIPE * LANES;
        return w.stripeAt(v / PER_STRIPE) + inStripe;
    }

    static int firstScale(PackedQ8 w, int v) {
        return w.scalesAt(v / PER_STRIPE) + v % PER_STRIPE * LANES;
    }

    private static void tile4x1(PackedQ8 w, float[] x, int xAt, float[] y, int yAt, int yNext, int v, int u) {
        byte[] q = w.q;
        float[] scale = w.scale;
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
            for (int k = 0; k < length; k++) {
                if (Prefetch.IS_ON) {
                    nothing.intoArray(q, qa + at + k * STRIPE + Prefetch.BYTES, noBytes);
                    nothing.intoArray(q, qc + at + k * STRIPE + Prefetch.BYTES, noBytes);
                }
                FloatVector wa = ((FloatVector)
                                ByteVector.fromArray(B, q, qa + at + k * STRIPE).castShape(F, 0))
                        .mul(sa);
                FloatVector wb = ((FloatVector)
                                ByteVector.fromArray(B, q, qb + at + k * STRIPE).castShape(F, PART))
                        .mul(sb);
                FloatVector wc = ((FloatVector)
                                ByteVector.fromArray(B, q, qc + at + k * STRIPE).castShape(F, 2 * PART))
                        .mul(sc);
                FloatVector wd = ((FloatVector)
                                ByteVector.fromArray(B, q, qd + at + k * STRIPE).castShape(F, 3 * PART))
                        .mul(sd);
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
        float[] scale = w.scale;
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
            for (int k = 0; k < length; k++) {
                if (Prefetch.IS_ON) {
                    nothing.intoArray(q, qa + at + k * STRIPE + Prefetch.BYTES, noBytes);
                    nothing.intoArray(q, qc + at + k * STRIPE + Prefetch.BYTES, noBytes);
                }
                FloatVector wa = ((FloatVector)
                                ByteVector.fromArray(B, q, qa + at + k * STRIPE).castShape(F, 0))
                        .mul(sa);
                FloatVector wb = ((FloatVector)
                                ByteVector.fromArray(B, q, qb + at + k * STRIPE).castShape(F, PART))
                        .mul(sb);
                FloatVector wc = ((FloatVector)
                                ByteVector.fromArray(B, q, qc + at + k * STRIPE).castShape(F, 2 * PART))
                        .mul(sc);
                FloatVector wd = ((FloatVector)
                                ByteVector.fromArray(B, q, qd + at + k * STRIPE).castShape(F, 3 * PART))
                        .mul(sd);
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
        float[] scale = w.scale;
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
            for (int k = 0; k < length; k++) {
                if (Prefetch.IS_ON) {
                    nothing.intoArray(q, qa + at + k * STRIPE + Prefetch.BYTES, noBytes);
                    nothing.intoArray(q, qc + at + k * STRIPE + Prefetch.BYTES, noBytes);
                }
                FloatVector wa = ((FloatVector)
                                ByteVector.fromArray(B, q, qa + at + k * STRIPE).castShape(F, 0))
                        .mul(sa);
                FloatVector wb = ((FloatVector)
                                ByteVector.fromArray(B, q, qb + at + k * STRIPE).castShape(F, PART))
                        .mul(sb);
                FloatVector wc = ((FloatVector)
                                ByteVector.fromArray(B, q, qc + at + k * STRIPE).castShape(F, 2 * PART))
                        .mul(sc);
                FloatVector wd = ((FloatVector)
                                ByteVector.fromArray(B, q, qd + at + k * STRIPE).castShape(F, 3 * PART))
                        .mul(sd);
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
        float[] scale = w.scale;
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
            for (int k = 0; k < length; k++) {
                if (Prefetch.IS_ON) {
                    nothing.intoArray(q, qa + at + k * STRIPE + Prefetch.BYTES, noBytes);
                    nothing.intoArray(q, qc + at + k * STRIPE + Prefetch.BYTES, noBytes);
                }
                FloatVector wa = ((FloatVector)
                                ByteVector.fromArray(B, q, qa + at + k * STRIPE).castShape(F, 0))
                        .mul(sa);
                FloatVector wb = ((FloatVector)
                                ByteVector.fromArray(B, q, qb + at + k * STRIPE).castShape(F, PART))
                        .mul(sb);
                FloatVector wc = ((FloatVector)
                                ByteVector.fromArray(B, q, qc + at + k * STRIPE).castShape(F, 2 * PART))
                        .mul(sc);
                FloatVector wd = ((FloatVector)
                                ByteVector.fromArray(B, q, qd + at + k * STRIPE).castShape(F, 3 * PART))
                        .mul(sd);
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

    private static void tile2x1(PackedQ8 w, float[] x, int xAt, float[] y, int yAt, int yStride, int v) {
        byte[] q = w.q;
        float[] scale = w.scale;
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
            for (int k = 0; k < length; k++) {
                FloatVector wa = ((FloatVector)
                                ByteVector.fromArray(B, q, qa + at + k * STRIPE).castShape(F, 0))
                        .mul(sa);
                FloatVector wb = ((FloatVector)
                                ByteVector.fromArray(B, q, qb + at + k * STRIPE).castShape(F, PART))
                        .mul(sb);
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
        float[] scale = w.scale;
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
            for (int k = 0; k < length; k++) {
                FloatVector wa = ((FloatVector)
                                ByteVector.fromArray(B, q, qa + at + k * STRIPE).castShape(F, 0))
                        .mul(sa);
                FloatVector wb = ((FloatVector)
                                ByteVector.fromArray(B, q, qb + at + k * STRIPE).castShape(F, PART))
                        .mul(sb);
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
        float[] scale = w.scale;
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
            for (int k = 0; k < length; k++) {
                FloatVector wa = ((FloatVector)
                                ByteVector.fromArray(B, q, qa + at + k * STRIPE).castShape(F, 0))
                        .mul(sa);
                FloatVector wb = ((FloatVector)
                                ByteVector.fromArray(B, q, qb + at + k * STRIPE).castShape(F, PART))
                        .mul(sb);
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
        float[] scale = w.scale;
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
            for (int k = 0; k < length; k++) {
                FloatVector wa = ((FloatVector)
                                ByteVector.fromArray(B, q, qa + at + k * STRIPE).castShape(F, 0))
                        .mul(sa);
                FloatVector wb = ((FloatVector)
                                ByteVector.fromArray(B, q, qb + at + k * STRIPE).castShape(F, PART))
                        .mul(sb);
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
