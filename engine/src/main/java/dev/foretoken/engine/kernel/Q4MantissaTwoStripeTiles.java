package dev.foretoken.engine.kernel;

import static dev.foretoken.engine.kernel.PackedMatrix.STRIPE;
import static dev.foretoken.engine.kernel.PackedQ4.BYTES_OF_EIGHT;
import static dev.foretoken.engine.kernel.PackedQ4.HIGH;
import static dev.foretoken.engine.kernel.PackedQ4.LOW;
import static dev.foretoken.engine.kernel.Q4MantissaTiles.HIGH_OFFSET;
import static dev.foretoken.engine.kernel.Q4MantissaTiles.HIGH_ONE;
import static dev.foretoken.engine.kernel.Q4MantissaTiles.LOW_OFFSET;
import static dev.foretoken.engine.kernel.Q4MantissaTiles.LOW_ONE;
import static dev.foretoken.engine.kernel.Q4Tiles.firstByte;
import static dev.foretoken.engine.kernel.Q4Tiles.firstScale;
import static dev.foretoken.engine.kernel.VectorWidth.BYTES;
import static dev.foretoken.engine.kernel.VectorWidth.F;
import static dev.foretoken.engine.kernel.VectorWidth.LANES;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/** {@link Q4MantissaTiles} of two stripes. */
final class Q4MantissaTwoStripeTiles {
    private Q4MantissaTwoStripeTiles() {}

    /**
     * Runs the tile of the stripe that begins with vector {@code v} and of that with {@code u}, whose rows go to yNext; 1 to 4
     * tokens.
     */
    static void run(
            int tokens, PackedQ4 w, float[] x, int xAt, float[] y, int yAt, int yNext, int yStride, int v, int u) {
        switch (tokens) {
            case 1 -> tile4x1(w, x, xAt, y, yAt, yNext, v, u);
            case 2 -> tile4x2(w, x, xAt, y, yAt, yNext, yStride, v, u);
            case 3 -> tile4x3(w, x, xAt, y, yAt, yNext, yStride, v, u);
            case 4 -> tile4x4(w, x, xAt, y, yAt, yNext, yStride, v, u);
            default -> throw new IllegalArgumentException("no tile of 4 x " + tokens);
        }
    }

    private static void tile4x1(PackedQ4 w, float[] x, int xAt, float[] y, int yAt, int yNext, int v, int u) {
        byte[] q = w.q;
        float[] scale = w.scale, minimum = w.minimum;
        int blocks = w.columns() / 32;
        int qa = firstByte(w, v), qb = firstByte(w, v + 1), qc = firstByte(w, u), qd = firstByte(w, u + 1);
        int da = firstScale(w, v), db = firstScale(w, v + 1), dc = firstScale(w, u), dd = firstScale(w, u + 1);
        FloatVector factor = FloatVector.broadcast(F, w.minimumFactor);
        float[] sums = w.sums(y);
        int yk = w.sumsAt(yAt), yl = w.sumsAt(yNext);
        FloatVector a0 = FloatVector.fromArray(F, sums, yk);
        FloatVector b0 = FloatVector.fromArray(F, sums, yk + LANES);
        FloatVector c0 = FloatVector.fromArray(F, sums, yl);
        FloatVector d0 = FloatVector.fromArray(F, sums, yl + LANES);
        for (int block = 0; block < blocks; block++) {
            FloatVector sa = FloatVector.fromArray(F, scale, da + block * STRIPE);
            FloatVector sb = FloatVector.fromArray(F, scale, db + block * STRIPE);
            FloatVector sc = FloatVector.fromArray(F, scale, dc + block * STRIPE);
            FloatVector sd = FloatVector.fromArray(F, scale, dd + block * STRIPE);
            FloatVector la =
                    FloatVector.fromArray(F, minimum, da + block * STRIPE).fma(factor, sa.mul(-LOW_OFFSET));
            FloatVector lb =
                    FloatVector.fromArray(F, minimum, db + block * STRIPE).fma(factor, sb.mul(-LOW_OFFSET));
            FloatVector lc =
                    FloatVector.fromArray(F, minimum, dc + block * STRIPE).fma(factor, sc.mul(-LOW_OFFSET));
            FloatVector ld =
                    FloatVector.fromArray(F, minimum, dd + block * STRIPE).fma(factor, sd.mul(-LOW_OFFSET));
            FloatVector ha =
                    FloatVector.fromArray(F, minimum, da + block * STRIPE).fma(factor, sa.mul(-HIGH_OFFSET));
            FloatVector hb =
                    FloatVector.fromArray(F, minimum, db + block * STRIPE).fma(factor, sb.mul(-HIGH_OFFSET));
            FloatVector hc =
                    FloatVector.fromArray(F, minimum, dc + block * STRIPE).fma(factor, sc.mul(-HIGH_OFFSET));
            FloatVector hd =
                    FloatVector.fromArray(F, minimum, dd + block * STRIPE).fma(factor, sd.mul(-HIGH_OFFSET));
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
                    FloatVector wa =
                            ia.and(LOW).or(LOW_ONE).reinterpretAsFloats().fma(sa, la);
                    FloatVector wb =
                            ib.and(LOW).or(LOW_ONE).reinterpretAsFloats().fma(sb, lb);
                    FloatVector wc =
                            ic.and(LOW).or(LOW_ONE).reinterpretAsFloats().fma(sc, lc);
                    FloatVector wd =
                            id.and(LOW).or(LOW_ONE).reinterpretAsFloats().fma(sd, ld);
                    FloatVector v0 = FloatVector.broadcast(F, x[xk + pair * 2]);
                    a0 = wa.fma(v0, a0);
                    b0 = wb.fma(v0, b0);
                    c0 = wc.fma(v0, c0);
                    d0 = wd.fma(v0, d0);
                    FloatVector ya =
                            ia.and(HIGH).or(HIGH_ONE).reinterpretAsFloats().fma(sa, ha);
                    FloatVector yb =
                            ib.and(HIGH).or(HIGH_ONE).reinterpretAsFloats().fma(sb, hb);
                    FloatVector yc =
                            ic.and(HIGH).or(HIGH_ONE).reinterpretAsFloats().fma(sc, hc);
                    FloatVector yd =
                            id.and(HIGH).or(HIGH_ONE).reinterpretAsFloats().fma(sd, hd);
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

    private static void tile4x2(
            PackedQ4 w, float[] x, int xAt, float[] y, int yAt, int yNext, int yStride, int v, int u) {
        byte[] q = w.q;
        float[] scale = w.scale, minimum = w.minimum;
        int blocks = w.columns() / 32;
        int qa = firstByte(w, v), qb = firstByte(w, v + 1), qc = firstByte(w, u), qd = firstByte(w, u + 1);
        int da = firstScale(w, v), db = firstScale(w, v + 1), dc = firstScale(w, u), dd = firstScale(w, u + 1);
        FloatVector factor = FloatVector.broadcast(F, w.minimumFactor);
        float[] sums = w.sums(y);
        int yk = w.sumsAt(yAt), yl = w.sumsAt(yNext), sumsStep = w.sumsStep(yStride);
        FloatVector a0 = FloatVector.fromArray(F, sums, yk);
        FloatVector b0 = FloatVector.fromArray(F, sums, yk + LANES);
        FloatVector c0 = FloatVector.fromArray(F, sums, yl);
        FloatVector d0 = FloatVector.fromArray(F, sums, yl + LANES);
        yk += sumsStep;
        yl += sumsStep;
        FloatVector a1 = FloatVector.fromArray(F, sums, yk);
        FloatVector b1 = FloatVector.fromArray(F, sums, yk + LANES);
        FloatVector c1 = FloatVector.fromArray(F, sums, yl);
        FloatVector d1 = FloatVector.fromArray(F, sums, yl + LANES);
        for (int block = 0; block < blocks; block++) {
            FloatVector sa = FloatVector.fromArray(F, scale, da + block * STRIPE);
            FloatVector sb = FloatVector.fromArray(F, scale, db + block * STRIPE);
            FloatVector sc = FloatVector.fromArray(F, scale, dc + block * STRIPE);
            FloatVector sd = FloatVector.fromArray(F, scale, dd + block * STRIPE);
            FloatVector la =
                    FloatVector.fromArray(F, minimum, da + block * STRIPE).fma(factor, sa.mul(-LOW_OFFSET));
            FloatVector lb =
                    FloatVector.fromArray(F, minimum, db + block * STRIPE).fma(factor, sb.mul(-LOW_OFFSET));
            FloatVector lc =
                    FloatVector.fromArray(F, minimum, dc + block * STRIPE).fma(factor, sc.mul(-LOW_OFFSET));
            FloatVector ld =
                    FloatVector.fromArray(F, minimum, dd + block * STRIPE).fma(factor, sd.mul(-LOW_OFFSET));
            FloatVector ha =
                    FloatVector.fromArray(F, minimum, da + block * STRIPE).fma(factor, sa.mul(-HIGH_OFFSET));
            FloatVector hb =
                    FloatVector.fromArray(F, minimum, db + block * STRIPE).fma(factor, sb.mul(-HIGH_OFFSET));
            FloatVector hc =
                    FloatVector.fromArray(F, minimum, dc + block * STRIPE).fma(factor, sc.mul(-HIGH_OFFSET));
            FloatVector hd =
                    FloatVector.fromArray(F, minimum, dd + block * STRIPE).fma(factor, sd.mul(-HIGH_OFFSET));
            for (int eight = 0; eight < 4; eight++) {
                int at = (block * 4 + eight) * BYTES_OF_EIGHT, xk = xAt + (block * 4 + eight) * 16;
                for (int pair = 0; pair < 4; pair++) {
                    IntVector ia =
                            ByteVector.fromArray(BYTES, q, qa + at + pair).reinterpretAsInts();
                    IntVector ib =
                            ByteVector.fromArray(BYTES, q, qb + at + pair).reinterpretAsInts();
                    IntVector ic =
                            ByteVector.fromArray(BYTES, q, qc + at + pair).reinterpretAsInts();
                    IntVector id =
                            ByteVector.fromArray(BYTES, q, qd + at + pair).reinterpretAsInts();
                    FloatVector wa =
                            ia.and(LOW).or(LOW_ONE).reinterpretAsFloats().fma(sa, la);
                    FloatVector wb =
                            ib.and(LOW).or(LOW_ONE).reinterpretAsFloats().fma(sb, lb);
                    FloatVector wc =
                            ic.and(LOW).or(LOW_ONE).reinterpretAsFloats().fma(sc, lc);
                    FloatVector wd =
                            id.and(LOW).or(LOW_ONE).reinterpretAsFloats().fma(sd, ld);
                    FloatVector v0 = FloatVector.broadcast(F, x[xk + pair * 4]);
                    a0 = wa.fma(v0, a0);
                    b0 = wb.fma(v0, b0);
                    c0 = wc.fma(v0, c0);
                    d0 = wd.fma(v0, d0);
                    FloatVector v1 = FloatVector.broadcast(F, x[xk + pair * 4 + 1]);
                    a1 = wa.fma(v1, a1);
                    b1 = wb.fma(v1, b1);
                    c1 = wc.fma(v1, c1);
                    d1 = wd.fma(v1, d1);
                    FloatVector ya =
                            ia.and(HIGH).or(HIGH_ONE).reinterpretAsFloats().fma(sa, ha);
                    FloatVector yb =
                            ib.and(HIGH).or(HIGH_ONE).reinterpretAsFloats().fma(sb, hb);
                    FloatVector yc =
                            ic.and(HIGH).or(HIGH_ONE).reinterpretAsFloats().fma(sc, hc);
                    FloatVector yd =
                            id.and(HIGH).or(HIGH_ONE).reinterpretAsFloats().fma(sd, hd);
                    FloatVector u0 = FloatVector.broadcast(F, x[xk + pair * 4 + 2]);
                    a0 = ya.fma(u0, a0);
                    b0 = yb.fma(u0, b0);
                    c0 = yc.fma(u0, c0);
                    d0 = yd.fma(u0, d0);
                    FloatVector u1 = FloatVector.broadcast(F, x[xk + pair * 4 + 3]);
                    a1 = ya.fma(u1, a1);
                    b1 = yb.fma(u1, b1);
                    c1 = yc.fma(u1, c1);
                    d1 = yd.fma(u1, d1);
                }
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
            PackedQ4 w, float[] x, int xAt, float[] y, int yAt, int yNext, int yStride, int v, int u) {
        byte[] q = w.q;
        float[] scale = w.scale, minimum = w.minimum;
        int blocks = w.columns() / 32;
        int qa = firstByte(w, v), qb = firstByte(w, v + 1), qc = firstByte(w, u), qd = firstByte(w, u + 1);
        int da = firstScale(w, v), db = firstScale(w, v + 1), dc = firstScale(w, u), dd = firstScale(w, u + 1);
        FloatVector factor = FloatVector.broadcast(F, w.minimumFactor);
        float[] sums = w.sums(y);
        int yk = w.sumsAt(yAt), yl = w.sumsAt(yNext), sumsStep = w.sumsStep(yStride);
        FloatVector a0 = FloatVector.fromArray(F, sums, yk);
        FloatVector b0 = FloatVector.fromArray(F, sums, yk + LANES);
        FloatVector c0 = FloatVector.fromArray(F, sums, yl);
        FloatVector d0 = FloatVector.fromArray(F, sums, yl + LANES);
        yk += sumsStep;
        yl += sumsStep;
        FloatVector a1 = FloatVector.fromArray(F, sums, yk);
        FloatVector b1 = FloatVector.fromArray(F, sums, yk + LANES);
        FloatVector c1 = FloatVector.fromArray(F, sums, yl);
        FloatVector d1 = FloatVector.fromArray(F, sums, yl + LANES);
        yk += sumsStep;
        yl += sumsStep;
        FloatVector a2 = FloatVector.fromArray(F, sums, yk);
        FloatVector b2 = FloatVector.fromArray(F, sums, yk + LANES);
        FloatVector c2 = FloatVector.fromArray(F, sums, yl);
        FloatVector d2 = FloatVector.fromArray(F, sums, yl + LANES);
        for (int block = 0; block < blocks; block++) {
            FloatVector sa = FloatVector.fromArray(F, scale, da + block * STRIPE);
            FloatVector sb = FloatVector.fromArray(F, scale, db + block * STRIPE);
            FloatVector sc = FloatVector.fromArray(F, scale, dc + block * STRIPE);
            FloatVector sd = FloatVector.fromArray(F, scale, dd + block * STRIPE);
            FloatVector la =
                    FloatVector.fromArray(F, minimum, da + block * STRIPE).fma(factor, sa.mul(-LOW_OFFSET));
            FloatVector lb =
                    FloatVector.fromArray(F, minimum, db + block * STRIPE).fma(factor, sb.mul(-LOW_OFFSET));
            FloatVector lc =
                    FloatVector.fromArray(F, minimum, dc + block * STRIPE).fma(factor, sc.mul(-LOW_OFFSET));
            FloatVector ld =
                    FloatVector.fromArray(F, minimum, dd + block * STRIPE).fma(factor, sd.mul(-LOW_OFFSET));
            FloatVector ha =
                    FloatVector.fromArray(F, minimum, da + block * STRIPE).fma(factor, sa.mul(-HIGH_OFFSET));
            FloatVector hb =
                    FloatVector.fromArray(F, minimum, db + block * STRIPE).fma(factor, sb.mul(-HIGH_OFFSET));
            FloatVector hc =
                    FloatVector.fromArray(F, minimum, dc + block * STRIPE).fma(factor, sc.mul(-HIGH_OFFSET));
            FloatVector hd =
                    FloatVector.fromArray(F, minimum, dd + block * STRIPE).fma(factor, sd.mul(-HIGH_OFFSET));
            for (int eight = 0; eight < 4; eight++) {
                int at = (block * 4 + eight) * BYTES_OF_EIGHT, xk = xAt + (block * 4 + eight) * 24;
                for (int pair = 0; pair < 4; pair++) {
                    IntVector ia =
                            ByteVector.fromArray(BYTES, q, qa + at + pair).reinterpretAsInts();
                    IntVector ib =
                            ByteVector.fromArray(BYTES, q, qb + at + pair).reinterpretAsInts();
                    IntVector ic =
                            ByteVector.fromArray(BYTES, q, qc + at + pair).reinterpretAsInts();
                    IntVector id =
                            ByteVector.fromArray(BYTES, q, qd + at + pair).reinterpretAsInts();
                    FloatVector wa =
                            ia.and(LOW).or(LOW_ONE).reinterpretAsFloats().fma(sa, la);
                    FloatVector wb =
                            ib.and(LOW).or(LOW_ONE).reinterpretAsFloats().fma(sb, lb);
                    FloatVector wc =
                            ic.and(LOW).or(LOW_ONE).reinterpretAsFloats().fma(sc, lc);
                    FloatVector wd =
                            id.and(LOW).or(LOW_ONE).reinterpretAsFloats().fma(sd, ld);
                    FloatVector v0 = FloatVector.broadcast(F, x[xk + pair * 6]);
                    a0 = wa.fma(v0, a0);
                    b0 = wb.fma(v0, b0);
                    c0 = wc.fma(v0, c0);
                    d0 = wd.fma(v0, d0);
                    FloatVector v1 = FloatVector.broadcast(F, x[xk + pair * 6 + 1]);
                    a1 = wa.fma(v1, a1);
                    b1 = wb.fma(v1, b1);
                    c1 = wc.fma(v1, c1);
                    d1 = wd.fma(v1, d1);
                    FloatVector v2 = FloatVector.broadcast(F, x[xk + pair * 6 + 2]);
                    a2 = wa.fma(v2, a2);
                    b2 = wb.fma(v2, b2);
                    c2 = wc.fma(v2, c2);
                    d2 = wd.fma(v2, d2);
                    FloatVector ya =
                            ia.and(HIGH).or(HIGH_ONE).reinterpretAsFloats().fma(sa, ha);
                    FloatVector yb =
                            ib.and(HIGH).or(HIGH_ONE).reinterpretAsFloats().fma(sb, hb);
                    FloatVector yc =
                            ic.and(HIGH).or(HIGH_ONE).reinterpretAsFloats().fma(sc, hc);
                    FloatVector yd =
                            id.and(HIGH).or(HIGH_ONE).reinterpretAsFloats().fma(sd, hd);
                    FloatVector u0 = FloatVector.broadcast(F, x[xk + pair * 6 + 3]);
                    a0 = ya.fma(u0, a0);
                    b0 = yb.fma(u0, b0);
                    c0 = yc.fma(u0, c0);
                    d0 = yd.fma(u0, d0);
                    FloatVector u1 = FloatVector.broadcast(F, x[xk + pair * 6 + 4]);
                    a1 = ya.fma(u1, a1);
                    b1 = yb.fma(u1, b1);
                    c1 = yc.fma(u1, c1);
                    d1 = yd.fma(u1, d1);
                    FloatVector u2 = FloatVector.broadcast(F, x[xk + pair * 6 + 5]);
                    a2 = ya.fma(u2, a2);
                    b2 = yb.fma(u2, b2);
                    c2 = yc.fma(u2, c2);
                    d2 = yd.fma(u2, d2);
                }
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
            PackedQ4 w, float[] x, int xAt, float[] y, int yAt, int yNext, int yStride, int v, int u) {
        byte[] q = w.q;
        float[] scale = w.scale, minimum = w.minimum;
        int blocks = w.columns() / 32;
        int qa = firstByte(w, v), qb = firstByte(w, v + 1), qc = firstByte(w, u), qd = firstByte(w, u + 1);
        int da = firstScale(w, v), db = firstScale(w, v + 1), dc = firstScale(w, u), dd = firstScale(w, u + 1);
        FloatVector factor = FloatVector.broadcast(F, w.minimumFactor);
        float[] sums = w.sums(y);
        int yk = w.sumsAt(yAt), yl = w.sumsAt(yNext), sumsStep = w.sumsStep(yStride);
        FloatVector a0 = FloatVector.fromArray(F, sums, yk);
        FloatVector b0 = FloatVector.fromArray(F, sums, yk + LANES);
        FloatVector c0 = FloatVector.fromArray(F, sums, yl);
        FloatVector d0 = FloatVector.fromArray(F, sums, yl + LANES);
        yk += sumsStep;
        yl += sumsStep;
        FloatVector a1 = FloatVector.fromArray(F, sums, yk);
        FloatVector b1 = FloatVector.fromArray(F, sums, yk + LANES);
        FloatVector c1 = FloatVector.fromArray(F, sums, yl);
        FloatVector d1 = FloatVector.fromArray(F, sums, yl + LANES);
        yk += sumsStep;
        yl += sumsStep;
        FloatVector a2 = FloatVector.fromArray(F, sums, yk);
        FloatVector b2 = FloatVector.fromArray(F, sums, yk + LANES);
        FloatVector c2 = FloatVector.fromArray(F, sums, yl);
        FloatVector d2 = FloatVector.fromArray(F, sums, yl + LANES);
        yk += sumsStep;
        yl += sumsStep;
        FloatVector a3 = FloatVector.fromArray(F, sums, yk);
        FloatVector b3 = FloatVector.fromArray(F, sums, yk + LANES);
        FloatVector c3 = FloatVector.fromArray(F, sums, yl);
        FloatVector d3 = FloatVector.fromArray(F, sums, yl + LANES);
        for (int block = 0; block < blocks; block++) {
            FloatVector sa = FloatVector.fromArray(F, scale, da + block * STRIPE);
            FloatVector sb = FloatVector.fromArray(F, scale, db + block * STRIPE);
            FloatVector sc = FloatVector.fromArray(F, scale, dc + block * STRIPE);
            FloatVector sd = FloatVector.fromArray(F, scale, dd + block * STRIPE);
            FloatVector la =
                    FloatVector.fromArray(F, minimum, da + block * STRIPE).fma(factor, sa.mul(-LOW_OFFSET));
            FloatVector lb =
                    FloatVector.fromArray(F, minimum, db + block * STRIPE).fma(factor, sb.mul(-LOW_OFFSET));
            FloatVector lc =
                    FloatVector.fromArray(F, minimum, dc + block * STRIPE).fma(factor, sc.mul(-LOW_OFFSET));
            FloatVector ld =
                    FloatVector.fromArray(F, minimum, dd + block * STRIPE).fma(factor, sd.mul(-LOW_OFFSET));
            FloatVector ha =
                    FloatVector.fromArray(F, minimum, da + block * STRIPE).fma(factor, sa.mul(-HIGH_OFFSET));
            FloatVector hb =
                    FloatVector.fromArray(F, minimum, db + block * STRIPE).fma(factor, sb.mul(-HIGH_OFFSET));
            FloatVector hc =
                    FloatVector.fromArray(F, minimum, dc + block * STRIPE).fma(factor, sc.mul(-HIGH_OFFSET));
            FloatVector hd =
                    FloatVector.fromArray(F, minimum, dd + block * STRIPE).fma(factor, sd.mul(-HIGH_OFFSET));
            for (int eight = 0; eight < 4; eight++) {
                int at = (block * 4 + eight) * BYTES_OF_EIGHT, xk = xAt + (block * 4 + eight) * 32;
                for (int pair = 0; pair < 4; pair++) {
                    IntVector ia =
                            ByteVector.fromArray(BYTES, q, qa + at + pair).reinterpretAsInts();
                    IntVector ib =
                            ByteVector.fromArray(BYTES, q, qb + at + pair).reinterpretAsInts();
                    IntVector ic =
                            ByteVector.fromArray(BYTES, q, qc + at + pair).reinterpretAsInts();
                    IntVector id =
                            ByteVector.fromArray(BYTES, q, qd + at + pair).reinterpretAsInts();
                    FloatVector wa =
                            ia.and(LOW).or(LOW_ONE).reinterpretAsFloats().fma(sa, la);
                    FloatVector wb =
                            ib.and(LOW).or(LOW_ONE).reinterpretAsFloats().fma(sb, lb);
                    FloatVector wc =
                            ic.and(LOW).or(LOW_ONE).reinterpretAsFloats().fma(sc, lc);
                    FloatVector wd =
                            id.and(LOW).or(LOW_ONE).reinterpretAsFloats().fma(sd, ld);
                    FloatVector v0 = FloatVector.broadcast(F, x[xk + pair * 8]);
                    a0 = wa.fma(v0, a0);
                    b0 = wb.fma(v0, b0);
                    c0 = wc.fma(v0, c0);
                    d0 = wd.fma(v0, d0);
                    FloatVector v1 = FloatVector.broadcast(F, x[xk + pair * 8 + 1]);
                    a1 = wa.fma(v1, a1);
                    b1 = wb.fma(v1, b1);
                    c1 = wc.fma(v1, c1);
                    d1 = wd.fma(v1, d1);
                    FloatVector v2 = FloatVector.broadcast(F, x[xk + pair * 8 + 2]);
                    a2 = wa.fma(v2, a2);
                    b2 = wb.fma(v2, b2);
                    c2 = wc.fma(v2, c2);
                    d2 = wd.fma(v2, d2);
                    FloatVector v3 = FloatVector.broadcast(F, x[xk + pair * 8 + 3]);
                    a3 = wa.fma(v3, a3);
                    b3 = wb.fma(v3, b3);
                    c3 = wc.fma(v3, c3);
                    d3 = wd.fma(v3, d3);
                    FloatVector ya =
                            ia.and(HIGH).or(HIGH_ONE).reinterpretAsFloats().fma(sa, ha);
                    FloatVector yb =
                            ib.and(HIGH).or(HIGH_ONE).reinterpretAsFloats().fma(sb, hb);
                    FloatVector yc =
                            ic.and(HIGH).or(HIGH_ONE).reinterpretAsFloats().fma(sc, hc);
                    FloatVector yd =
                            id.and(HIGH).or(HIGH_ONE).reinterpretAsFloats().fma(sd, hd);
                    FloatVector u0 = FloatVector.broadcast(F, x[xk + pair * 8 + 4]);
                    a0 = ya.fma(u0, a0);
                    b0 = yb.fma(u0, b0);
                    c0 = yc.fma(u0, c0);
                    d0 = yd.fma(u0, d0);
                    FloatVector u1 = FloatVector.broadcast(F, x[xk + pair * 8 + 5]);
                    a1 = ya.fma(u1, a1);
                    b1 = yb.fma(u1, b1);
                    c1 = yc.fma(u1, c1);
                    d1 = yd.fma(u1, d1);
                    FloatVector u2 = FloatVector.broadcast(F, x[xk + pair * 8 + 6]);
                    a2 = ya.fma(u2, a2);
                    b2 = yb.fma(u2, b2);
                    c2 = yc.fma(u2, c2);
                    d2 = yd.fma(u2, d2);
                    FloatVector u3 = FloatVector.broadcast(F, x[xk + pair * 8 + 7]);
                    a3 = ya.fma(u3, a3);
                    b3 = yb.fma(u3, b3);
                    c3 = yc.fma(u3, c3);
                    d3 = yd.fma(u3, d3);
                }
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
