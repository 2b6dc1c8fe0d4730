package dev.foretoken.engine.kernel;

import static dev.foretoken.engine.kernel.PackedMatrix.STRIPE;
import static dev.foretoken.engine.kernel.PackedQ4.BYTES_OF_EIGHT;
import static dev.foretoken.engine.kernel.PackedQ4.LOW;
import static dev.foretoken.engine.kernel.VectorWidth.BYTES;
import static dev.foretoken.engine.kernel.VectorWidth.F;
import static dev.foretoken.engine.kernel.VectorWidth.LANES;
import static dev.foretoken.engine.kernel.VectorWidth.PER_STRIPE;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Nibble weights times activations, dequantised in registers; otherwise as {@link Q8Tiles}, whose letters it uses.
 *
 * <p>{@code ma} is the minimum of vector a. Most tiles load an int of eight k into {@code ia} and shift it right by a nibble per
 * turn. Those of one token, and of two vectors by two or three, take two k per turn ({@code ya}, {@code u0}: of the second): a
 * smaller body would be unrolled by the compiler and run out of registers. With one or two tokens each turn loads the bytes from
 * one further on, and its second nibble is shifted to the low place: there is no register for a second scale.
 */
final class Q4Tiles {
    private Q4Tiles() {}

    /** Runs the tile of the stripe that begins with vector {@code v}, and 1 to 4 tokens. */
    static void run(int tokens, PackedQ4 w, float[] x, int xAt, float[] y, int yAt, int yStride, int v) {
        switch (PER_STRIPE << 3 | tokens) {
            case 4 << 3 | 1 -> tile4x1(w, x, xAt, y, yAt, yAt + 2 * LANES, v, v + 2);
            case 4 << 3 | 2 -> tile4x2(w, x, xAt, y, yAt, yStride, v);
            case 4 << 3 | 3 -> tile4x3(w, x, xAt, y, yAt, yStride, v);
            case 4 << 3 | 4 -> tile4x4(w, x, xAt, y, yAt, yStride, v);
            case 2 << 3 | 1 -> tile2x1(w, x, xAt, y, yAt, yStride, v);
            case 2 << 3 | 2 -> tile2x2(w, x, xAt, y, yAt, yStride, v);
            case 2 << 3 | 3 -> tile2x3(w, x, xAt, y, yAt, yStride, v);
            case 2 << 3 | 4 -> tile2x4(w, x, xAt, y, yAt, yStride, v);
            default -> throw new IllegalArgumentException("no tile of " + PER_STRIPE + " x " + tokens);
        }
    }

    static int firstByte(PackedQ4 w, int v) {
        return w.firstByte(v / PER_STRIPE, v % PER_STRIPE * LANES, 0);
    }

    static int firstScale(PackedQ4 w, int v) {
        return w.scalesAt(v / PER_STRIPE) + v % PER_STRIPE * LANES;
    }

    /** Vectors v, v + 1, u and u + 1, whose rows go to yNext, by one token: two stripes, or with 128 bits the halves of one. */
    static void tile4x1(PackedQ4 w, float[] x, int xAt, float[] y, int yAt, int yNext, int v, int u) {
        byte[] q = w.q;
        float[] scale = w.scale, minimum = w.minimum;
        int blocks = w.columns() / 32;
        int qa = firstByte(w, v), qb = firstByte(w, v + 1), qc = firstByte(w, u), qd = firstByte(w, u + 1);
        int da = firstScale(w, v), db = firstScale(w, v + 1), dc = firstScale(w, u), dd = firstScale(w, u + 1);
        FloatVector z = FloatVector.zero(F);
        FloatVector a0 = z;
        FloatVector b0 = z;
        FloatVector c0 = z;
        FloatVector d0 = z;
        for (int block = 0; block < blocks; block++) {
            FloatVector sa = FloatVector.fromArray(F, scale, da + block * STRIPE);
            FloatVector sb = FloatVector.fromArray(F, scale, db + block * STRIPE);
            FloatVector sc = FloatVector.fromArray(F, scale, dc + block * STRIPE);
            FloatVector sd = FloatVector.fromArray(F, scale, dd + block * STRIPE);
            FloatVector ma = FloatVector.fromArray(F, minimum, da + block * STRIPE);
            FloatVector mb = FloatVector.fromArray(F, minimum, db + block * STRIPE);
            FloatVector mc = FloatVector.fromArray(F, minimum, dc + block * STRIPE);
            FloatVector md = FloatVector.fromArray(F, minimum, dd + block * STRIPE);
            for (int eight = 0; eight < 4; eight++) {
                int at = (block * 4 + eight) * BYTES_OF_EIGHT, xk = xAt + (block * 4 + eight) * 8;
                for (int pair = 0; pair < 4; pair++) {
                    IntVector ia =
                            ByteVector.fromArray(BYTES, q, qa + at + pair).reinterpretAsInts();
                    IntVector ib =
                            ByteVector.fromArray(BYTES, q, qb + at + pair).reinterpretAsInts();
                    IntVector ic =
                            ByteVector.fromArray(BYTES, q, qc + at + pair).reinterpretAsInts();
                    IntVector id =
                            ByteVector.fromArray(BYTES, q, qd + at + pair).reinterpretAsInts();
                    FloatVector wa = ((FloatVector) ia.and(LOW).convert(VectorOperators.I2F, 0)).fma(sa, ma);
                    FloatVector wb = ((FloatVector) ib.and(LOW).convert(VectorOperators.I2F, 0)).fma(sb, mb);
                    FloatVector wc = ((FloatVector) ic.and(LOW).convert(VectorOperators.I2F, 0)).fma(sc, mc);
                    FloatVector wd = ((FloatVector) id.and(LOW).convert(VectorOperators.I2F, 0)).fma(sd, md);
                    FloatVector v0 = FloatVector.broadcast(F, x[xk + pair * 2]);
                    a0 = wa.fma(v0, a0);
                    b0 = wb.fma(v0, b0);
                    c0 = wc.fma(v0, c0);
                    d0 = wd.fma(v0, d0);
                    FloatVector ya = ((FloatVector) ia.lanewise(VectorOperators.LSHR, 4)
                                    .and(LOW)
                                    .convert(VectorOperators.I2F, 0))
                            .fma(sa, ma);
                    FloatVector yb = ((FloatVector) ib.lanewise(VectorOperators.LSHR, 4)
                                    .and(LOW)
                                    .convert(VectorOperators.I2F, 0))
                            .fma(sb, mb);
                    FloatVector yc = ((FloatVector) ic.lanewise(VectorOperators.LSHR, 4)
                                    .and(LOW)
                                    .convert(VectorOperators.I2F, 0))
                            .fma(sc, mc);
                    FloatVector yd = ((FloatVector) id.lanewise(VectorOperators.LSHR, 4)
                                    .and(LOW)
                                    .convert(VectorOperators.I2F, 0))
                            .fma(sd, md);
                    FloatVector u0 = FloatVector.broadcast(F, x[xk + pair * 2 + 1]);
                    a0 = ya.fma(u0, a0);
                    b0 = yb.fma(u0, b0);
                    c0 = yc.fma(u0, c0);
                    d0 = yd.fma(u0, d0);
                }
            }
        }
        a0.intoArray(y, yAt);
        b0.intoArray(y, yAt + LANES);
        c0.intoArray(y, yNext);
        d0.intoArray(y, yNext + LANES);
    }

    private static void tile4x2(PackedQ4 w, float[] x, int xAt, float[] y, int yAt, int yStride, int v) {
        byte[] q = w.q;
        float[] scale = w.scale, minimum = w.minimum;
        int blocks = w.columns() / 32;
        int qa = firstByte(w, v), qb = firstByte(w, v + 1), qc = firstByte(w, v + 2), qd = firstByte(w, v + 3);
        int da = firstScale(w, v), db = firstScale(w, v + 1), dc = firstScale(w, v + 2), dd = firstScale(w, v + 3);
        FloatVector z = FloatVector.zero(F);
        FloatVector a0 = z, a1 = z;
        FloatVector b0 = z, b1 = z;
        FloatVector c0 = z, c1 = z;
        FloatVector d0 = z, d1 = z;
        for (int block = 0; block < blocks; block++) {
            FloatVector sa = FloatVector.fromArray(F, scale, da + block * STRIPE);
            FloatVector sb = FloatVector.fromArray(F, scale, db + block * STRIPE);
            FloatVector sc = FloatVector.fromArray(F, scale, dc + block * STRIPE);
            FloatVector sd = FloatVector.fromArray(F, scale, dd + block * STRIPE);
            FloatVector ma = FloatVector.fromArray(F, minimum, da + block * STRIPE);
            FloatVector mb = FloatVector.fromArray(F, minimum, db + block * STRIPE);
            FloatVector mc = FloatVector.fromArray(F, minimum, dc + block * STRIPE);
            FloatVector md = FloatVector.fromArray(F, minimum, dd + block * STRIPE);
            for (int eight = 0; eight < 4; eight++) {
                int at = (block * 4 + eight) * BYTES_OF_EIGHT, xk = xAt + (block * 4 + eight) * 16;
                IntVector ia = ByteVector.fromArray(BYTES, q, qa + at).reinterpretAsInts();
                IntVector ib = ByteVector.fromArray(BYTES, q, qb + at).reinterpretAsInts();
                IntVector ic = ByteVector.fromArray(BYTES, q, qc + at).reinterpretAsInts();
                IntVector id = ByteVector.fromArray(BYTES, q, qd + at).reinterpretAsInts();
                for (int k = 0; k < 8; k++) {
                    FloatVector wa = ((FloatVector) ia.and(LOW).convert(VectorOperators.I2F, 0)).fma(sa, ma);
                    FloatVector wb = ((FloatVector) ib.and(LOW).convert(VectorOperators.I2F, 0)).fma(sb, mb);
                    FloatVector wc = ((FloatVector) ic.and(LOW).convert(VectorOperators.I2F, 0)).fma(sc, mc);
                    FloatVector wd = ((FloatVector) id.and(LOW).convert(VectorOperators.I2F, 0)).fma(sd, md);
                    ia = ia.lanewise(VectorOperators.LSHR, 4);
                    ib = ib.lanewise(VectorOperators.LSHR, 4);
                    ic = ic.lanewise(VectorOperators.LSHR, 4);
                    id = id.lanewise(VectorOperators.LSHR, 4);
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
        }
        int at = yAt;
        a0.intoArray(y, at);
        b0.intoArray(y, at + LANES);
        c0.intoArray(y, at + 2 * LANES);
        d0.intoArray(y, at + 3 * LANES);
        at += yStride;
        a1.intoArray(y, at);
        b1.intoArray(y, at + LANES);
        c1.intoArray(y, at + 2 * LANES);
        d1.intoArray(y, at + 3 * LANES);
    }

    private static void tile4x3(PackedQ4 w, float[] x, int xAt, float[] y, int yAt, int yStride, int v) {
        byte[] q = w.q;
        float[] scale = w.scale, minimum = w.minimum;
        int blocks = w.columns() / 32;
        int qa = firstByte(w, v), qb = firstByte(w, v + 1), qc = firstByte(w, v + 2), qd = firstByte(w, v + 3);
        int da = firstScale(w, v), db = firstScale(w, v + 1), dc = firstScale(w, v + 2), dd = firstScale(w, v + 3);
        FloatVector z = FloatVector.zero(F);
        FloatVector a0 = z, a1 = z, a2 = z;
        FloatVector b0 = z, b1 = z, b2 = z;
        FloatVector c0 = z, c1 = z, c2 = z;
        FloatVector d0 = z, d1 = z, d2 = z;
        for (int block = 0; block < blocks; block++) {
            FloatVector sa = FloatVector.fromArray(F, scale, da + block * STRIPE);
            FloatVector sb = FloatVector.fromArray(F, scale, db + block * STRIPE);
            FloatVector sc = FloatVector.fromArray(F, scale, dc + block * STRIPE);
            FloatVector sd = FloatVector.fromArray(F, scale, dd + block * STRIPE);
            FloatVector ma = FloatVector.fromArray(F, minimum, da + block * STRIPE);
            FloatVector mb = FloatVector.fromArray(F, minimum, db + block * STRIPE);
            FloatVector mc = FloatVector.fromArray(F, minimum, dc + block * STRIPE);
            FloatVector md = FloatVector.fromArray(F, minimum, dd + block * STRIPE);
            for (int eight = 0; eight < 4; eight++) {
                int at = (block * 4 + eight) * BYTES_OF_EIGHT, xk = xAt + (block * 4 + eight) * 24;
                IntVector ia = ByteVector.fromArray(BYTES, q, qa + at).reinterpretAsInts();
                IntVector ib = ByteVector.fromArray(BYTES, q, qb + at).reinterpretAsInts();
                IntVector ic = ByteVector.fromArray(BYTES, q, qc + at).reinterpretAsInts();
                IntVector id = ByteVector.fromArray(BYTES, q, qd + at).reinterpretAsInts();
                for (int k = 0; k < 8; k++) {
                    FloatVector wa = ((FloatVector) ia.and(LOW).convert(VectorOperators.I2F, 0)).fma(sa, ma);
                    FloatVector wb = ((FloatVector) ib.and(LOW).convert(VectorOperators.I2F, 0)).fma(sb, mb);
                    FloatVector wc = ((FloatVector) ic.and(LOW).convert(VectorOperators.I2F, 0)).fma(sc, mc);
                    FloatVector wd = ((FloatVector) id.and(LOW).convert(VectorOperators.I2F, 0)).fma(sd, md);
                    ia = ia.lanewise(VectorOperators.LSHR, 4);
                    ib = ib.lanewise(VectorOperators.LSHR, 4);
                    ic = ic.lanewise(VectorOperators.LSHR, 4);
                    id = id.lanewise(VectorOperators.LSHR, 4);
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
        }
        int at = yAt;
        a0.intoArray(y, at);
        b0.intoArray(y, at + LANES);
        c0.intoArray(y, at + 2 * LANES);
        d0.intoArray(y, at + 3 * LANES);
        at += yStride;
        a1.intoArray(y, at);
        b1.intoArray(y, at + LANES);
        c1.intoArray(y, at + 2 * LANES);
        d1.intoArray(y, at + 3 * LANES);
        at += yStride;
        a2.intoArray(y, at);
        b2.intoArray(y, at + LANES);
        c2.intoArray(y, at + 2 * LANES);
        d2.intoArray(y, at + 3 * LANES);
    }

    private static void tile4x4(PackedQ4 w, float[] x, int xAt, float[] y, int yAt, int yStride, int v) {
        byte[] q = w.q;
        float[] scale = w.scale, minimum = w.minimum;
        int blocks = w.columns() / 32;
        int qa = firstByte(w, v), qb = firstByte(w, v + 1), qc = firstByte(w, v + 2), qd = firstByte(w, v + 3);
        int da = firstScale(w, v), db = firstScale(w, v + 1), dc = firstScale(w, v + 2), dd = firstScale(w, v + 3);
        FloatVector z = FloatVector.zero(F);
        FloatVector a0 = z, a1 = z, a2 = z, a3 = z;
        FloatVector b0 = z, b1 = z, b2 = z, b3 = z;
        FloatVector c0 = z, c1 = z, c2 = z, c3 = z;
        FloatVector d0 = z, d1 = z, d2 = z, d3 = z;
        for (int block = 0; block < blocks; block++) {
            FloatVector sa = FloatVector.fromArray(F, scale, da + block * STRIPE);
            FloatVector sb = FloatVector.fromArray(F, scale, db + block * STRIPE);
            FloatVector sc = FloatVector.fromArray(F, scale, dc + block * STRIPE);
            FloatVector sd = FloatVector.fromArray(F, scale, dd + block * STRIPE);
            FloatVector ma = FloatVector.fromArray(F, minimum, da + block * STRIPE);
            FloatVector mb = FloatVector.fromArray(F, minimum, db + block * STRIPE);
            FloatVector mc = FloatVector.fromArray(F, minimum, dc + block * STRIPE);
            FloatVector md = FloatVector.fromArray(F, minimum, dd + block * STRIPE);
            for (int eight = 0; eight < 4; eight++) {
                int at = (block * 4 + eight) * BYTES_OF_EIGHT, xk = xAt + (block * 4 + eight) * 32;
                IntVector ia = ByteVector.fromArray(BYTES, q, qa + at).reinterpretAsInts();
                IntVector ib = ByteVector.fromArray(BYTES, q, qb + at).reinterpretAsInts();
                IntVector ic = ByteVector.fromArray(BYTES, q, qc + at).reinterpretAsInts();
                IntVector id = ByteVector.fromArray(BYTES, q, qd + at).reinterpretAsInts();
                for (int k = 0; k < 8; k++) {
                    FloatVector wa = ((FloatVector) ia.and(LOW).convert(VectorOperators.I2F, 0)).fma(sa, ma);
                    FloatVector wb = ((FloatVector) ib.and(LOW).convert(VectorOperators.I2F, 0)).fma(sb, mb);
                    FloatVector wc = ((FloatVector) ic.and(LOW).convert(VectorOperators.I2F, 0)).fma(sc, mc);
                    FloatVector wd = ((FloatVector) id.and(LOW).convert(VectorOperators.I2F, 0)).fma(sd, md);
                    ia = ia.lanewise(VectorOperators.LSHR, 4);
                    ib = ib.lanewise(VectorOperators.LSHR, 4);
                    ic = ic.lanewise(VectorOperators.LSHR, 4);
                    id = id.lanewise(VectorOperators.LSHR, 4);
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
        }
        int at = yAt;
        a0.intoArray(y, at);
        b0.intoArray(y, at + LANES);
        c0.intoArray(y, at + 2 * LANES);
        d0.intoArray(y, at + 3 * LANES);
        at += yStride;
        a1.intoArray(y, at);
        b1.intoArray(y, at + LANES);
        c1.intoArray(y, at + 2 * LANES);
        d1.intoArray(y, at + 3 * LANES);
        at += yStride;
        a2.intoArray(y, at);
        b2.intoArray(y, at + LANES);
        c2.intoArray(y, at + 2 * LANES);
        d2.intoArray(y, at + 3 * LANES);
        at += yStride;
        a3.intoArray(y, at);
        b3.intoArray(y, at + LANES);
        c3.intoArray(y, at + 2 * LANES);
        d3.intoArray(y, at + 3 * LANES);
    }

    private static void tile2x1(PackedQ4 w, float[] x, int xAt, float[] y, int yAt, int yStride, int v) {
        byte[] q = w.q;
        float[] scale = w.scale, minimum = w.minimum;
        int blocks = w.columns() / 32;
        int qa = firstByte(w, v), qb = firstByte(w, v + 1);
        int da = firstScale(w, v), db = firstScale(w, v + 1);
        FloatVector z = FloatVector.zero(F);
        FloatVector a0 = z;
        FloatVector b0 = z;
        for (int block = 0; block < blocks; block++) {
            FloatVector sa = FloatVector.fromArray(F, scale, da + block * STRIPE);
            FloatVector sb = FloatVector.fromArray(F, scale, db + block * STRIPE);
            FloatVector ma = FloatVector.fromArray(F, minimum, da + block * STRIPE);
            FloatVector mb = FloatVector.fromArray(F, minimum, db + block * STRIPE);
            for (int eight = 0; eight < 4; eight++) {
                int at = (block * 4 + eight) * BYTES_OF_EIGHT, xk = xAt + (block * 4 + eight) * 8;
                for (int pair = 0; pair < 4; pair++) {
                    IntVector ia =
                            ByteVector.fromArray(BYTES, q, qa + at + pair).reinterpretAsInts();
                    IntVector ib =
                            ByteVector.fromArray(BYTES, q, qb + at + pair).reinterpretAsInts();
                    FloatVector wa = ((FloatVector) ia.and(LOW).convert(VectorOperators.I2F, 0)).fma(sa, ma);
                    FloatVector wb = ((FloatVector) ib.and(LOW).convert(VectorOperators.I2F, 0)).fma(sb, mb);
                    FloatVector v0 = FloatVector.broadcast(F, x[xk + pair * 2]);
                    a0 = wa.fma(v0, a0);
                    b0 = wb.fma(v0, b0);
                    FloatVector ya = ((FloatVector) ia.lanewise(VectorOperators.LSHR, 4)
                                    .and(LOW)
                                    .convert(VectorOperators.I2F, 0))
                            .fma(sa, ma);
                    FloatVector yb = ((FloatVector) ib.lanewise(VectorOperators.LSHR, 4)
                                    .and(LOW)
                                    .convert(VectorOperators.I2F, 0))
                            .fma(sb, mb);
                    FloatVector u0 = FloatVector.broadcast(F, x[xk + pair * 2 + 1]);
                    a0 = ya.fma(u0, a0);
                    b0 = yb.fma(u0, b0);
                }
            }
        }
        a0.intoArray(y, yAt);
        b0.intoArray(y, yAt + LANES);
    }

    private static void tile2x2(PackedQ4 w, float[] x, int xAt, float[] y, int yAt, int yStride, int v) {
        byte[] q = w.q;
        float[] scale = w.scale, minimum = w.minimum;
        int blocks = w.columns() / 32;
        int qa = firstByte(w, v), qb = firstByte(w, v + 1);
        int da = firstScale(w, v), db = firstScale(w, v + 1);
        FloatVector z = FloatVector.zero(F);
        FloatVector a0 = z, a1 = z;
        FloatVector b0 = z, b1 = z;
        for (int block = 0; block < blocks; block++) {
            FloatVector sa = FloatVector.fromArray(F, scale, da + block * STRIPE);
            FloatVector sb = FloatVector.fromArray(F, scale, db + block * STRIPE);
            FloatVector ma = FloatVector.fromArray(F, minimum, da + block * STRIPE);
            FloatVector mb = FloatVector.fromArray(F, minimum, db + block * STRIPE);
            for (int eight = 0; eight < 4; eight++) {
                int at = (block * 4 + eight) * BYTES_OF_EIGHT, xk = xAt + (block * 4 + eight) * 16;
                for (int pair = 0; pair < 4; pair++) {
                    IntVector ia =
                            ByteVector.fromArray(BYTES, q, qa + at + pair).reinterpretAsInts();
                    IntVector ib =
                            ByteVector.fromArray(BYTES, q, qb + at + pair).reinterpretAsInts();
                    FloatVector wa = ((FloatVector) ia.and(LOW).convert(VectorOperators.I2F, 0)).fma(sa, ma);
                    FloatVector wb = ((FloatVector) ib.and(LOW).convert(VectorOperators.I2F, 0)).fma(sb, mb);
                    FloatVector v0 = FloatVector.broadcast(F, x[xk + pair * 4]);
                    a0 = wa.fma(v0, a0);
                    b0 = wb.fma(v0, b0);
                    FloatVector v1 = FloatVector.broadcast(F, x[xk + pair * 4 + 1]);
                    a1 = wa.fma(v1, a1);
                    b1 = wb.fma(v1, b1);
                    FloatVector ya = ((FloatVector) ia.lanewise(VectorOperators.LSHR, 4)
                                    .and(LOW)
                                    .convert(VectorOperators.I2F, 0))
                            .fma(sa, ma);
                    FloatVector yb = ((FloatVector) ib.lanewise(VectorOperators.LSHR, 4)
                                    .and(LOW)
                                    .convert(VectorOperators.I2F, 0))
                            .fma(sb, mb);
                    FloatVector u0 = FloatVector.broadcast(F, x[xk + pair * 4 + 2]);
                    a0 = ya.fma(u0, a0);
                    b0 = yb.fma(u0, b0);
                    FloatVector u1 = FloatVector.broadcast(F, x[xk + pair * 4 + 3]);
                    a1 = ya.fma(u1, a1);
                    b1 = yb.fma(u1, b1);
                }
            }
        }
        int at = yAt;
        a0.intoArray(y, at);
        b0.intoArray(y, at + LANES);
        at += yStride;
        a1.intoArray(y, at);
        b1.intoArray(y, at + LANES);
    }

    private static void tile2x3(PackedQ4 w, float[] x, int xAt, float[] y, int yAt, int yStride, int v) {
        byte[] q = w.q;
        float[] scale = w.scale, minimum = w.minimum;
        int blocks = w.columns() / 32;
        int qa = firstByte(w, v), qb = firstByte(w, v + 1);
        int da = firstScale(w, v), db = firstScale(w, v + 1);
        FloatVector z = FloatVector.zero(F);
        FloatVector a0 = z, a1 = z, a2 = z;
        FloatVector b0 = z, b1 = z, b2 = z;
        for (int block = 0; block < blocks; block++) {
            FloatVector sa = FloatVector.fromArray(F, scale, da + block * STRIPE);
            FloatVector sb = FloatVector.fromArray(F, scale, db + block * STRIPE);
            FloatVector ma = FloatVector.fromArray(F, minimum, da + block * STRIPE);
            FloatVector mb = FloatVector.fromArray(F, minimum, db + block * STRIPE);
            for (int eight = 0; eight < 4; eight++) {
                int at = (block * 4 + eight) * BYTES_OF_EIGHT, xk = xAt + (block * 4 + eight) * 24;
                IntVector ia = ByteVector.fromArray(BYTES, q, qa + at).reinterpretAsInts();
                IntVector ib = ByteVector.fromArray(BYTES, q, qb + at).reinterpretAsInts();
                for (int k = 0; k < 8; k += 2) {
                    FloatVector wa = ((FloatVector) ia.and(LOW).convert(VectorOperators.I2F, 0)).fma(sa, ma);
                    FloatVector wb = ((FloatVector) ib.and(LOW).convert(VectorOperators.I2F, 0)).fma(sb, mb);
                    ia = ia.lanewise(VectorOperators.LSHR, 4);
                    ib = ib.lanewise(VectorOperators.LSHR, 4);
                    FloatVector v0 = FloatVector.broadcast(F, x[xk + k * 3]);
                    a0 = wa.fma(v0, a0);
                    b0 = wb.fma(v0, b0);
                    FloatVector v1 = FloatVector.broadcast(F, x[xk + k * 3 + 1]);
                    a1 = wa.fma(v1, a1);
                    b1 = wb.fma(v1, b1);
                    FloatVector v2 = FloatVector.broadcast(F, x[xk + k * 3 + 2]);
                    a2 = wa.fma(v2, a2);
                    b2 = wb.fma(v2, b2);
                    FloatVector ya = ((FloatVector) ia.and(LOW).convert(VectorOperators.I2F, 0)).fma(sa, ma);
                    FloatVector yb = ((FloatVector) ib.and(LOW).convert(VectorOperators.I2F, 0)).fma(sb, mb);
                    ia = ia.lanewise(VectorOperators.LSHR, 4);
                    ib = ib.lanewise(VectorOperators.LSHR, 4);
                    FloatVector u0 = FloatVector.broadcast(F, x[xk + k * 3 + 3]);
                    a0 = ya.fma(u0, a0);
                    b0 = yb.fma(u0, b0);
                    FloatVector u1 = FloatVector.broadcast(F, x[xk + k * 3 + 4]);
                    a1 = ya.fma(u1, a1);
                    b1 = yb.fma(u1, b1);
                    FloatVector u2 = FloatVector.broadcast(F, x[xk + k * 3 + 5]);
                    a2 = ya.fma(u2, a2);
                    b2 = yb.fma(u2, b2);
                }
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

    private static void tile2x4(PackedQ4 w, float[] x, int xAt, float[] y, int yAt, int yStride, int v) {
        byte[] q = w.q;
        float[] scale = w.scale, minimum = w.minimum;
        int blocks = w.columns() / 32;
        int qa = firstByte(w, v), qb = firstByte(w, v + 1);
        int da = firstScale(w, v), db = firstScale(w, v + 1);
        FloatVector z = FloatVector.zero(F);
        FloatVector a0 = z, a1 = z, a2 = z, a3 = z;
        FloatVector b0 = z, b1 = z, b2 = z, b3 = z;
        for (int block = 0; block < blocks; block++) {
            FloatVector sa = FloatVector.fromArray(F, scale, da + block * STRIPE);
            FloatVector sb = FloatVector.fromArray(F, scale, db + block * STRIPE);
            FloatVector ma = FloatVector.fromArray(F, minimum, da + block * STRIPE);
            FloatVector mb = FloatVector.fromArray(F, minimum, db + block * STRIPE);
            for (int eight = 0; eight < 4; eight++) {
                int at = (block * 4 + eight) * BYTES_OF_EIGHT, xk = xAt + (block * 4 + eight) * 32;
                IntVector ia = ByteVector.fromArray(BYTES, q, qa + at).reinterpretAsInts();
                IntVector ib = ByteVector.fromArray(BYTES, q, qb + at).reinterpretAsInts();
                for (int k = 0; k < 8; k++) {
                    FloatVector wa = ((FloatVector) ia.and(LOW).convert(VectorOperators.I2F, 0)).fma(sa, ma);
                    FloatVector wb = ((FloatVector) ib.and(LOW).convert(VectorOperators.I2F, 0)).fma(sb, mb);
                    ia = ia.lanewise(VectorOperators.LSHR, 4);
                    ib = ib.lanewise(VectorOperators.LSHR, 4);
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
