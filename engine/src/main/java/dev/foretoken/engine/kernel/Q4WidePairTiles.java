package dev.foretoken.engine.kernel;

import static dev.foretoken.engine.kernel.PackedMatrix.PANEL_ROWS;
import static dev.foretoken.engine.kernel.PackedMatrix.STRIPE;
import static dev.foretoken.engine.kernel.PackedQ4.BYTES_OF_EIGHT;
import static dev.foretoken.engine.kernel.PackedQ4.HIGH;
import static dev.foretoken.engine.kernel.PackedQ4.HIGH_UNIT;
import static dev.foretoken.engine.kernel.PackedQ4.LOW;
import static dev.foretoken.engine.kernel.PackedQ4.LOW_UNIT;
import static dev.foretoken.engine.kernel.Q4Tiles.firstByte;
import static dev.foretoken.engine.kernel.Q4Tiles.firstScale;
import static dev.foretoken.engine.kernel.VectorWidth.BYTES;
import static dev.foretoken.engine.kernel.VectorWidth.F;
import static dev.foretoken.engine.kernel.VectorWidth.LANES;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * As {@link Q4WideTiles}, for the five to eight tokens of two tiles of activations, for which weights are dequantised only once.
 * The second nibble is shifted to the low place, so that one scale serves both; only seven tokens are faster with a scale for
 * either place. {@code xn} is the second tile of activations.
 */
final class Q4WidePairTiles {
    private Q4WidePairTiles() {}

    /** Runs the tile of the stripe that begins with vector {@code v}, and 5 to 8 tokens; those from the fifth on begin at {@code next}. */
    static void run(int tokens, PackedQ4 w, float[] x, int xAt, int next, float[] y, int yAt, int yStride, int v) {
        switch (tokens) {
            case 5 -> tile2x5(w, x, xAt, next, y, yAt, yStride, v);
            case 6 -> tile2x6(w, x, xAt, next, y, yAt, yStride, v);
            case 7 -> tile2x7(w, x, xAt, next, y, yAt, yStride, v);
            case 8 -> tile2x8(w, x, xAt, next, y, yAt, yStride, v);
            default -> throw new IllegalArgumentException("no tile of " + tokens + " tokens");
        }
    }

    private static void tile2x5(PackedQ4 w, float[] x, int xAt, int next, float[] y, int yAt, int yStride, int v) {
        byte[] q = w.q;
        float[] scale = w.scale, minimum = w.minimum;
        int blocks = w.columns() / 32;
        int qa = firstByte(w, v), qb = firstByte(w, v + 1);
        int da = firstScale(w, v), db = firstScale(w, v + 1);
        FloatVector factor = FloatVector.broadcast(F, w.minimumFactor);
        float[] sums = w.sums(y);
        int yk = w.sumsAt(yAt), sumsStep = w.sumsStep(yStride);
        FloatVector a0 = FloatVector.fromArray(F, sums, yk);
        FloatVector b0 = FloatVector.fromArray(F, sums, yk + LANES);
        yk += sumsStep;
        FloatVector a1 = FloatVector.fromArray(F, sums, yk);
        FloatVector b1 = FloatVector.fromArray(F, sums, yk + LANES);
        yk += sumsStep;
        FloatVector a2 = FloatVector.fromArray(F, sums, yk);
        FloatVector b2 = FloatVector.fromArray(F, sums, yk + LANES);
        yk += sumsStep;
        FloatVector a3 = FloatVector.fromArray(F, sums, yk);
        FloatVector b3 = FloatVector.fromArray(F, sums, yk + LANES);
        yk += sumsStep;
        FloatVector a4 = FloatVector.fromArray(F, sums, yk);
        FloatVector b4 = FloatVector.fromArray(F, sums, yk + LANES);
        for (int block = 0; block < blocks; block++) {
            FloatVector sa = FloatVector.fromArray(F, scale, da + block * STRIPE);
            FloatVector sb = FloatVector.fromArray(F, scale, db + block * STRIPE);
            FloatVector ma =
                    FloatVector.fromArray(F, minimum, da + block * STRIPE).mul(factor);
            FloatVector mb =
                    FloatVector.fromArray(F, minimum, db + block * STRIPE).mul(factor);
            sa = sa.mul(LOW_UNIT);
            sb = sb.mul(LOW_UNIT);
            for (int eight = 0; eight < 4; eight++) {
                int at = (block * 4 + eight) * BYTES_OF_EIGHT, xk = xAt + (block * 4 + eight) * 32;
                int xn = next + (block * 4 + eight) * 8;
                for (int pair = 0; pair < 4; pair++) {
                    IntVector ia =
                            ByteVector.fromArray(BYTES, q, qa + at + pair).reinterpretAsInts();
                    IntVector ib =
                            ByteVector.fromArray(BYTES, q, qb + at + pair).reinterpretAsInts();
                    FloatVector wa = ((FloatVector) ia.and(LOW).convert(VectorOperators.I2F, 0)).fma(sa, ma);
                    FloatVector wb = ((FloatVector) ib.and(LOW).convert(VectorOperators.I2F, 0)).fma(sb, mb);
                    FloatVector v0 = FloatVector.broadcast(F, x[xk + pair * 8]);
                    a0 = wa.fma(v0, a0);
                    b0 = wb.fma(v0, b0);
                    FloatVector v1 = FloatVector.broadcast(F, x[xk + pair * 8 + 1]);
                    a1 = wa.fma(v1, a1);
                    b1 = wb.fma(v1, b1);
                    FloatVector v2 = FloatVector.broadcast(F, x[xk + pair * 8 + 2]);
                    a2 = wa.fma(v2, a2);
                    b2 = wb.fma(v2, b2);
                    FloatVector v3 = FloatVector.broadcast(F, x[xk + pair * 8 + 3]);
                    a3 = wa.fma(v3, a3);
                    b3 = wb.fma(v3, b3);
                    FloatVector v4 = FloatVector.broadcast(F, x[xn + pair * 2]);
                    a4 = wa.fma(v4, a4);
                    b4 = wb.fma(v4, b4);
                    FloatVector ya = ((FloatVector) ia.lanewise(VectorOperators.LSHR, 4)
                                    .and(LOW)
                                    .convert(VectorOperators.I2F, 0))
                            .fma(sa, ma);
                    FloatVector yb = ((FloatVector) ib.lanewise(VectorOperators.LSHR, 4)
                                    .and(LOW)
                                    .convert(VectorOperators.I2F, 0))
                            .fma(sb, mb);
                    FloatVector u0 = FloatVector.broadcast(F, x[xk + pair * 8 + 4]);
                    a0 = ya.fma(u0, a0);
                    b0 = yb.fma(u0, b0);
                    FloatVector u1 = FloatVector.broadcast(F, x[xk + pair * 8 + 5]);
                    a1 = ya.fma(u1, a1);
                    b1 = yb.fma(u1, b1);
                    FloatVector u2 = FloatVector.broadcast(F, x[xk + pair * 8 + 6]);
                    a2 = ya.fma(u2, a2);
                    b2 = yb.fma(u2, b2);
                    FloatVector u3 = FloatVector.broadcast(F, x[xk + pair * 8 + 7]);
                    a3 = ya.fma(u3, a3);
                    b3 = yb.fma(u3, b3);
                    FloatVector u4 = FloatVector.broadcast(F, x[xn + pair * 2 + 1]);
                    a4 = ya.fma(u4, a4);
                    b4 = yb.fma(u4, b4);
                }
            }
        }
        yk = yAt;
        a0.intoArray(y, yk);
        b0.intoArray(y, yk + LANES);
        yk += yStride;
        a1.intoArray(y, yk);
        b1.intoArray(y, yk + LANES);
        yk += yStride;
        a2.intoArray(y, yk);
        b2.intoArray(y, yk + LANES);
        yk += yStride;
        a3.intoArray(y, yk);
        b3.intoArray(y, yk + LANES);
        yk += yStride;
        a4.intoArray(y, yk);
        b4.intoArray(y, yk + LANES);
    }

    private static void tile2x6(PackedQ4 w, float[] x, int xAt, int next, float[] y, int yAt, int yStride, int v) {
        byte[] q = w.q;
        float[] scale = w.scale, minimum = w.minimum;
        int blocks = w.columns() / 32;
        int qa = firstByte(w, v), qb = firstByte(w, v + 1);
        int da = firstScale(w, v), db = firstScale(w, v + 1);
        FloatVector factor = FloatVector.broadcast(F, w.minimumFactor);
        float[] sums = w.sums(y);
        int yk = w.sumsAt(yAt), sumsStep = w.sumsStep(yStride);
        FloatVector a0 = FloatVector.fromArray(F, sums, yk);
        FloatVector b0 = FloatVector.fromArray(F, sums, yk + LANES);
        yk += sumsStep;
        FloatVector a1 = FloatVector.fromArray(F, sums, yk);
        FloatVector b1 = FloatVector.fromArray(F, sums, yk + LANES);
        yk += sumsStep;
        FloatVector a2 = FloatVector.fromArray(F, sums, yk);
        FloatVector b2 = FloatVector.fromArray(F, sums, yk + LANES);
        yk += sumsStep;
        FloatVector a3 = FloatVector.fromArray(F, sums, yk);
        FloatVector b3 = FloatVector.fromArray(F, sums, yk + LANES);
        yk += sumsStep;
        FloatVector a4 = FloatVector.fromArray(F, sums, yk);
        FloatVector b4 = FloatVector.fromArray(F, sums, yk + LANES);
        yk += sumsStep;
        FloatVector a5 = FloatVector.fromArray(F, sums, yk);
        FloatVector b5 = FloatVector.fromArray(F, sums, yk + LANES);
        for (int block = 0; block < blocks; block++) {
            FloatVector sa = FloatVector.fromArray(F, scale, da + block * STRIPE);
            FloatVector sb = FloatVector.fromArray(F, scale, db + block * STRIPE);
            FloatVector ma =
                    FloatVector.fromArray(F, minimum, da + block * STRIPE).mul(factor);
            FloatVector mb =
                    FloatVector.fromArray(F, minimum, db + block * STRIPE).mul(factor);
            sa = sa.mul(LOW_UNIT);
            sb = sb.mul(LOW_UNIT);
            for (int eight = 0; eight < 4; eight++) {
                int at = (block * 4 + eight) * BYTES_OF_EIGHT, xk = xAt + (block * 4 + eight) * 32;
                int xn = next + (block * 4 + eight) * 16;
                for (int pair = 0; pair < 4; pair++) {
                    IntVector ia =
                            ByteVector.fromArray(BYTES, q, qa + at + pair).reinterpretAsInts();
                    IntVector ib =
                            ByteVector.fromArray(BYTES, q, qb + at + pair).reinterpretAsInts();
                    FloatVector wa = ((FloatVector) ia.and(LOW).convert(VectorOperators.I2F, 0)).fma(sa, ma);
                    FloatVector wb = ((FloatVector) ib.and(LOW).convert(VectorOperators.I2F, 0)).fma(sb, mb);
                    FloatVector v0 = FloatVector.broadcast(F, x[xk + pair * 8]);
                    a0 = wa.fma(v0, a0);
                    b0 = wb.fma(v0, b0);
                    FloatVector v1 = FloatVector.broadcast(F, x[xk + pair * 8 + 1]);
                    a1 = wa.fma(v1, a1);
                    b1 = wb.fma(v1, b1);
                    FloatVector v2 = FloatVector.broadcast(F, x[xk + pair * 8 + 2]);
                    a2 = wa.fma(v2, a2);
                    b2 = wb.fma(v2, b2);
                    FloatVector v3 = FloatVector.broadcast(F, x[xk + pair * 8 + 3]);
                    a3 = wa.fma(v3, a3);
                    b3 = wb.fma(v3, b3);
                    FloatVector v4 = FloatVector.broadcast(F, x[xn + pair * 4]);
                    a4 = wa.fma(v4, a4);
                    b4 = wb.fma(v4, b4);
                    FloatVector v5 = FloatVector.broadcast(F, x[xn + pair * 4 + 1]);
                    a5 = wa.fma(v5, a5);
                    b5 = wb.fma(v5, b5);
                    FloatVector ya = ((FloatVector) ia.lanewise(VectorOperators.LSHR, 4)
                                    .and(LOW)
                                    .convert(VectorOperators.I2F, 0))
                            .fma(sa, ma);
                    FloatVector yb = ((FloatVector) ib.lanewise(VectorOperators.LSHR, 4)
                                    .and(LOW)
                                    .convert(VectorOperators.I2F, 0))
                            .fma(sb, mb);
                    FloatVector u0 = FloatVector.broadcast(F, x[xk + pair * 8 + 4]);
                    a0 = ya.fma(u0, a0);
                    b0 = yb.fma(u0, b0);
                    FloatVector u1 = FloatVector.broadcast(F, x[xk + pair * 8 + 5]);
                    a1 = ya.fma(u1, a1);
                    b1 = yb.fma(u1, b1);
                    FloatVector u2 = FloatVector.broadcast(F, x[xk + pair * 8 + 6]);
                    a2 = ya.fma(u2, a2);
                    b2 = yb.fma(u2, b2);
                    FloatVector u3 = FloatVector.broadcast(F, x[xk + pair * 8 + 7]);
                    a3 = ya.fma(u3, a3);
                    b3 = yb.fma(u3, b3);
                    FloatVector u4 = FloatVector.broadcast(F, x[xn + pair * 4 + 2]);
                    a4 = ya.fma(u4, a4);
                    b4 = yb.fma(u4, b4);
                    FloatVector u5 = FloatVector.broadcast(F, x[xn + pair * 4 + 3]);
                    a5 = ya.fma(u5, a5);
                    b5 = yb.fma(u5, b5);
                }
            }
        }
        yk = yAt;
        a0.intoArray(y, yk);
        b0.intoArray(y, yk + LANES);
        yk += yStride;
        a1.intoArray(y, yk);
        b1.intoArray(y, yk + LANES);
        yk += yStride;
        a2.intoArray(y, yk);
        b2.intoArray(y, yk + LANES);
        yk += yStride;
        a3.intoArray(y, yk);
        b3.intoArray(y, yk + LANES);
        yk += yStride;
        a4.intoArray(y, yk);
        b4.intoArray(y, yk + LANES);
        yk += yStride;
        a5.intoArray(y, yk);
        b5.intoArray(y, yk + LANES);
    }

    private static void tile2x7(PackedQ4 w, float[] x, int xAt, int next, float[] y, int yAt, int yStride, int v) {
        byte[] q = w.q;
        float[] scale = w.scale, minimum = w.minimum;
        int blocks = w.columns() / 32;
        int qa = firstByte(w, v), qb = firstByte(w, v + 1);
        int da = firstScale(w, v), db = firstScale(w, v + 1);
        FloatVector factor = FloatVector.broadcast(F, w.minimumFactor);
        float[] sums = w.sums(y);
        int yk = w.sumsAt(yAt), sumsStep = w.sumsStep(yStride);
        FloatVector a0 = FloatVector.fromArray(F, sums, yk);
        FloatVector b0 = FloatVector.fromArray(F, sums, yk + LANES);
        yk += sumsStep;
        FloatVector a1 = FloatVector.fromArray(F, sums, yk);
        FloatVector b1 = FloatVector.fromArray(F, sums, yk + LANES);
        yk += sumsStep;
        FloatVector a2 = FloatVector.fromArray(F, sums, yk);
        FloatVector b2 = FloatVector.fromArray(F, sums, yk + LANES);
        yk += sumsStep;
        FloatVector a3 = FloatVector.fromArray(F, sums, yk);
        FloatVector b3 = FloatVector.fromArray(F, sums, yk + LANES);
        yk += sumsStep;
        FloatVector a4 = FloatVector.fromArray(F, sums, yk);
        FloatVector b4 = FloatVector.fromArray(F, sums, yk + LANES);
        yk += sumsStep;
        FloatVector a5 = FloatVector.fromArray(F, sums, yk);
        FloatVector b5 = FloatVector.fromArray(F, sums, yk + LANES);
        yk += sumsStep;
        FloatVector a6 = FloatVector.fromArray(F, sums, yk);
        FloatVector b6 = FloatVector.fromArray(F, sums, yk + LANES);
        for (int block = 0; block < blocks; block++) {
            FloatVector sa = FloatVector.fromArray(F, scale, da + block * STRIPE);
            FloatVector sb = FloatVector.fromArray(F, scale, db + block * STRIPE);
            FloatVector ma =
                    FloatVector.fromArray(F, minimum, da + block * STRIPE).mul(factor);
            FloatVector mb =
                    FloatVector.fromArray(F, minimum, db + block * STRIPE).mul(factor);
            FloatVector ea = sa.mul(LOW_UNIT), oa = sa.mul(HIGH_UNIT);
            FloatVector eb = sb.mul(LOW_UNIT), ob = sb.mul(HIGH_UNIT);
            for (int eight = 0; eight < 4; eight++) {
                int at = (block * 4 + eight) * BYTES_OF_EIGHT, xk = xAt + (block * 4 + eight) * 32;
                int xn = next + (block * 4 + eight) * 24;
                for (int pair = 0; pair < 4; pair++) {
                    IntVector ia =
                            ByteVector.fromArray(BYTES, q, qa + at + pair).reinterpretAsInts();
                    IntVector ib =
                            ByteVector.fromArray(BYTES, q, qb + at + pair).reinterpretAsInts();
                    FloatVector wa = ((FloatVector) ia.and(LOW).convert(VectorOperators.I2F, 0)).fma(ea, ma);
                    FloatVector wb = ((FloatVector) ib.and(LOW).convert(VectorOperators.I2F, 0)).fma(eb, mb);
                    FloatVector v0 = FloatVector.broadcast(F, x[xk + pair * 8]);
                    a0 = wa.fma(v0, a0);
                    b0 = wb.fma(v0, b0);
                    FloatVector v1 = FloatVector.broadcast(F, x[xk + pair * 8 + 1]);
                    a1 = wa.fma(v1, a1);
                    b1 = wb.fma(v1, b1);
                    FloatVector v2 = FloatVector.broadcast(F, x[xk + pair * 8 + 2]);
                    a2 = wa.fma(v2, a2);
                    b2 = wb.fma(v2, b2);
                    FloatVector v3 = FloatVector.broadcast(F, x[xk + pair * 8 + 3]);
                    a3 = wa.fma(v3, a3);
                    b3 = wb.fma(v3, b3);
                    FloatVector v4 = FloatVector.broadcast(F, x[xn + pair * 6]);
                    a4 = wa.fma(v4, a4);
                    b4 = wb.fma(v4, b4);
                    FloatVector v5 = FloatVector.broadcast(F, x[xn + pair * 6 + 1]);
                    a5 = wa.fma(v5, a5);
                    b5 = wb.fma(v5, b5);
                    FloatVector v6 = FloatVector.broadcast(F, x[xn + pair * 6 + 2]);
                    a6 = wa.fma(v6, a6);
                    b6 = wb.fma(v6, b6);
                    FloatVector ya = ((FloatVector) ia.and(HIGH).convert(VectorOperators.I2F, 0)).fma(oa, ma);
                    FloatVector yb = ((FloatVector) ib.and(HIGH).convert(VectorOperators.I2F, 0)).fma(ob, mb);
                    FloatVector u0 = FloatVector.broadcast(F, x[xk + pair * 8 + 4]);
                    a0 = ya.fma(u0, a0);
                    b0 = yb.fma(u0, b0);
                    FloatVector u1 = FloatVector.broadcast(F, x[xk + pair * 8 + 5]);
                    a1 = ya.fma(u1, a1);
                    b1 = yb.fma(u1, b1);
                    FloatVector u2 = FloatVector.broadcast(F, x[xk + pair * 8 + 6]);
                    a2 = ya.fma(u2, a2);
                    b2 = yb.fma(u2, b2);
                    FloatVector u3 = FloatVector.broadcast(F, x[xk + pair * 8 + 7]);
                    a3 = ya.fma(u3, a3);
                    b3 = yb.fma(u3, b3);
                    FloatVector u4 = FloatVector.broadcast(F, x[xn + pair * 6 + 3]);
                    a4 = ya.fma(u4, a4);
                    b4 = yb.fma(u4, b4);
                    FloatVector u5 = FloatVector.broadcast(F, x[xn + pair * 6 + 4]);
                    a5 = ya.fma(u5, a5);
                    b5 = yb.fma(u5, b5);
                    FloatVector u6 = FloatVector.broadcast(F, x[xn + pair * 6 + 5]);
                    a6 = ya.fma(u6, a6);
                    b6 = yb.fma(u6, b6);
                }
            }
        }
        yk = yAt;
        a0.intoArray(y, yk);
        b0.intoArray(y, yk + LANES);
        yk += yStride;
        a1.intoArray(y, yk);
        b1.intoArray(y, yk + LANES);
        yk += yStride;
        a2.intoArray(y, yk);
        b2.intoArray(y, yk + LANES);
        yk += yStride;
        a3.intoArray(y, yk);
        b3.intoArray(y, yk + LANES);
        yk += yStride;
        a4.intoArray(y, yk);
        b4.intoArray(y, yk + LANES);
        yk += yStride;
        a5.intoArray(y, yk);
        b5.intoArray(y, yk + LANES);
        yk += yStride;
        a6.intoArray(y, yk);
        b6.intoArray(y, yk + LANES);
    }

    private static void tile2x8(PackedQ4 w, float[] x, int xAt, int next, float[] y, int yAt, int yStride, int v) {
        byte[] q = w.q;
        float[] scale = w.scale, minimum = w.minimum;
        int blocks = w.columns() / 32;
        int qa = firstByte(w, v), qb = firstByte(w, v + 1);
        int da = firstScale(w, v), db = firstScale(w, v + 1);
        FloatVector factor = FloatVector.broadcast(F, w.minimumFactor);
        float[] sums = w.sums(y);
        int yk = w.sumsAt(yAt), sumsStep = w.sumsStep(yStride);
        FloatVector a0 = FloatVector.fromArray(F, sums, yk);
        FloatVector b0 = FloatVector.fromArray(F, sums, yk + LANES);
        yk += sumsStep;
        FloatVector a1 = FloatVector.fromArray(F, sums, yk);
        FloatVector b1 = FloatVector.fromArray(F, sums, yk + LANES);
        yk += sumsStep;
        FloatVector a2 = FloatVector.fromArray(F, sums, yk);
        FloatVector b2 = FloatVector.fromArray(F, sums, yk + LANES);
        yk += sumsStep;
        FloatVector a3 = FloatVector.fromArray(F, sums, yk);
        FloatVector b3 = FloatVector.fromArray(F, sums, yk + LANES);
        yk += sumsStep;
        FloatVector a4 = FloatVector.fromArray(F, sums, yk);
        FloatVector b4 = FloatVector.fromArray(F, sums, yk + LANES);
        yk += sumsStep;
        FloatVector a5 = FloatVector.fromArray(F, sums, yk);
        FloatVector b5 = FloatVector.fromArray(F, sums, yk + LANES);
        yk += sumsStep;
        FloatVector a6 = FloatVector.fromArray(F, sums, yk);
        FloatVector b6 = FloatVector.fromArray(F, sums, yk + LANES);
        yk += sumsStep;
        FloatVector a7 = FloatVector.fromArray(F, sums, yk);
        FloatVector b7 = FloatVector.fromArray(F, sums, yk + LANES);
        for (int block = 0; block < blocks; block++) {
            FloatVector sa = FloatVector.fromArray(F, scale, da + block * STRIPE);
            FloatVector sb = FloatVector.fromArray(F, scale, db + block * STRIPE);
            FloatVector ma =
                    FloatVector.fromArray(F, minimum, da + block * STRIPE).mul(factor);
            FloatVector mb =
                    FloatVector.fromArray(F, minimum, db + block * STRIPE).mul(factor);
            sa = sa.mul(LOW_UNIT);
            sb = sb.mul(LOW_UNIT);
            for (int eight = 0; eight < 4; eight++) {
                int at = (block * 4 + eight) * BYTES_OF_EIGHT, xk = xAt + (block * 4 + eight) * 32;
                int xn = next + (block * 4 + eight) * 32;
                for (int pair = 0; pair < 4; pair++) {
                    IntVector ia =
                            ByteVector.fromArray(BYTES, q, qa + at + pair).reinterpretAsInts();
                    IntVector ib =
                            ByteVector.fromArray(BYTES, q, qb + at + pair).reinterpretAsInts();
                    FloatVector wa = ((FloatVector) ia.and(LOW).convert(VectorOperators.I2F, 0)).fma(sa, ma);
                    FloatVector wb = ((FloatVector) ib.and(LOW).convert(VectorOperators.I2F, 0)).fma(sb, mb);
                    FloatVector v0 = FloatVector.broadcast(F, x[xk + pair * 8]);
                    a0 = wa.fma(v0, a0);
                    b0 = wb.fma(v0, b0);
                    FloatVector v1 = FloatVector.broadcast(F, x[xk + pair * 8 + 1]);
                    a1 = wa.fma(v1, a1);
                    b1 = wb.fma(v1, b1);
                    FloatVector v2 = FloatVector.broadcast(F, x[xk + pair * 8 + 2]);
                    a2 = wa.fma(v2, a2);
                    b2 = wb.fma(v2, b2);
                    FloatVector v3 = FloatVector.broadcast(F, x[xk + pair * 8 + 3]);
                    a3 = wa.fma(v3, a3);
                    b3 = wb.fma(v3, b3);
                    FloatVector v4 = FloatVector.broadcast(F, x[xn + pair * 8]);
                    a4 = wa.fma(v4, a4);
                    b4 = wb.fma(v4, b4);
                    FloatVector v5 = FloatVector.broadcast(F, x[xn + pair * 8 + 1]);
                    a5 = wa.fma(v5, a5);
                    b5 = wb.fma(v5, b5);
                    FloatVector v6 = FloatVector.broadcast(F, x[xn + pair * 8 + 2]);
                    a6 = wa.fma(v6, a6);
                    b6 = wb.fma(v6, b6);
                    FloatVector v7 = FloatVector.broadcast(F, x[xn + pair * 8 + 3]);
                    a7 = wa.fma(v7, a7);
                    b7 = wb.fma(v7, b7);
                    FloatVector ya = ((FloatVector) ia.lanewise(VectorOperators.LSHR, 4)
                                    .and(LOW)
                                    .convert(VectorOperators.I2F, 0))
                            .fma(sa, ma);
                    FloatVector yb = ((FloatVector) ib.lanewise(VectorOperators.LSHR, 4)
                                    .and(LOW)
                                    .convert(VectorOperators.I2F, 0))
                            .fma(sb, mb);
                    FloatVector u0 = FloatVector.broadcast(F, x[xk + pair * 8 + 4]);
                    a0 = ya.fma(u0, a0);
                    b0 = yb.fma(u0, b0);
                    FloatVector u1 = FloatVector.broadcast(F, x[xk + pair * 8 + 5]);
                    a1 = ya.fma(u1, a1);
                    b1 = yb.fma(u1, b1);
                    FloatVector u2 = FloatVector.broadcast(F, x[xk + pair * 8 + 6]);
                    a2 = ya.fma(u2, a2);
                    b2 = yb.fma(u2, b2);
                    FloatVector u3 = FloatVector.broadcast(F, x[xk + pair * 8 + 7]);
                    a3 = ya.fma(u3, a3);
                    b3 = yb.fma(u3, b3);
                    FloatVector u4 = FloatVector.broadcast(F, x[xn + pair * 8 + 4]);
                    a4 = ya.fma(u4, a4);
                    b4 = yb.fma(u4, b4);
                    FloatVector u5 = FloatVector.broadcast(F, x[xn + pair * 8 + 5]);
                    a5 = ya.fma(u5, a5);
                    b5 = yb.fma(u5, b5);
                    FloatVector u6 = FloatVector.broadcast(F, x[xn + pair * 8 + 6]);
                    a6 = ya.fma(u6, a6);
                    b6 = yb.fma(u6, b6);
                    FloatVector u7 = FloatVector.broadcast(F, x[xn + pair * 8 + 7]);
                    a7 = ya.fma(u7, a7);
                    b7 = yb.fma(u7, b7);
                }
            }
        }
        yk = yAt;
        a0.intoArray(y, yk);
        b0.intoArray(y, yk + LANES);
        yk += yStride;
        a1.intoArray(y, yk);
        b1.intoArray(y, yk + LANES);
        yk += yStride;
        a2.intoArray(y, yk);
        b2.intoArray(y, yk + LANES);
        yk += yStride;
        a3.intoArray(y, yk);
        b3.intoArray(y, yk + LANES);
        yk += yStride;
        a4.intoArray(y, yk);
        b4.intoArray(y, yk + LANES);
        yk += yStride;
        a5.intoArray(y, yk);
        b5.intoArray(y, yk + LANES);
        yk += yStride;
        a6.intoArray(y, yk);
        b6.intoArray(y, yk + LANES);
        yk += yStride;
        a7.intoArray(y, yk);
        b7.intoArray(y, yk + LANES);
    }

    /** As {@link Q8WideTiles#fill2x8}. */
    static void fill2x8(
            PackedQ4 w,
            int kFrom,
            int kTo,
            float[] x,
            int xAt,
            int next,
            float[] panel,
            int panelStep,
            float[] y,
            int yAt,
            int yStride,
            int v) {
        byte[] q = w.q;
        float[] scale = w.scale, minimum = w.minimum;
        int qa = firstByte(w, v), qb = firstByte(w, v + 1);
        int da = firstScale(w, v), db = firstScale(w, v + 1);
        FloatVector factor = FloatVector.broadcast(F, w.minimumFactor);
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
        for (int block = kFrom / 32; block < kTo / 32; block++) {
            FloatVector sa = FloatVector.fromArray(F, scale, da + block * STRIPE);
            FloatVector sb = FloatVector.fromArray(F, scale, db + block * STRIPE);
            FloatVector ma =
                    FloatVector.fromArray(F, minimum, da + block * STRIPE).mul(factor);
            FloatVector mb =
                    FloatVector.fromArray(F, minimum, db + block * STRIPE).mul(factor);
            sa = sa.mul(LOW_UNIT);
            sb = sb.mul(LOW_UNIT);
            for (int eight = 0; eight < 4; eight++) {
                int at = (block * 4 + eight) * BYTES_OF_EIGHT, xk = xAt + (block * 4 + eight) * 32;
                int xn = next + (block * 4 + eight) * 32;
                int pa = (block * 32 + eight * 8 - kFrom) * PANEL_ROWS, pb = pa + panelStep;
                for (int pair = 0; pair < 4; pair++) {
                    IntVector ia =
                            ByteVector.fromArray(BYTES, q, qa + at + pair).reinterpretAsInts();
                    IntVector ib =
                            ByteVector.fromArray(BYTES, q, qb + at + pair).reinterpretAsInts();
                    FloatVector wa = ((FloatVector) ia.and(LOW).convert(VectorOperators.I2F, 0)).fma(sa, ma);
                    FloatVector wb = ((FloatVector) ib.and(LOW).convert(VectorOperators.I2F, 0)).fma(sb, mb);
                    wa.intoArray(panel, pa + 2 * pair * PANEL_ROWS);
                    wb.intoArray(panel, pb + 2 * pair * PANEL_ROWS);
                    FloatVector v0 = FloatVector.broadcast(F, x[xk + pair * 8]);
                    a0 = wa.fma(v0, a0);
                    b0 = wb.fma(v0, b0);
                    FloatVector v1 = FloatVector.broadcast(F, x[xk + pair * 8 + 1]);
                    a1 = wa.fma(v1, a1);
                    b1 = wb.fma(v1, b1);
                    FloatVector v2 = FloatVector.broadcast(F, x[xk + pair * 8 + 2]);
                    a2 = wa.fma(v2, a2);
                    b2 = wb.fma(v2, b2);
                    FloatVector v3 = FloatVector.broadcast(F, x[xk + pair * 8 + 3]);
                    a3 = wa.fma(v3, a3);
                    b3 = wb.fma(v3, b3);
                    FloatVector v4 = FloatVector.broadcast(F, x[xn + pair * 8]);
                    a4 = wa.fma(v4, a4);
                    b4 = wb.fma(v4, b4);
                    FloatVector v5 = FloatVector.broadcast(F, x[xn + pair * 8 + 1]);
                    a5 = wa.fma(v5, a5);
                    b5 = wb.fma(v5, b5);
                    FloatVector v6 = FloatVector.broadcast(F, x[xn + pair * 8 + 2]);
                    a6 = wa.fma(v6, a6);
                    b6 = wb.fma(v6, b6);
                    FloatVector v7 = FloatVector.broadcast(F, x[xn + pair * 8 + 3]);
                    a7 = wa.fma(v7, a7);
                    b7 = wb.fma(v7, b7);
                    FloatVector ya = ((FloatVector) ia.lanewise(VectorOperators.LSHR, 4)
                                    .and(LOW)
                                    .convert(VectorOperators.I2F, 0))
                            .fma(sa, ma);
                    FloatVector yb = ((FloatVector) ib.lanewise(VectorOperators.LSHR, 4)
                                    .and(LOW)
                                    .convert(VectorOperators.I2F, 0))
                            .fma(sb, mb);
                    ya.intoArray(panel, pa + (2 * pair + 1) * PANEL_ROWS);
                    yb.intoArray(panel, pb + (2 * pair + 1) * PANEL_ROWS);
                    FloatVector u0 = FloatVector.broadcast(F, x[xk + pair * 8 + 4]);
                    a0 = ya.fma(u0, a0);
                    b0 = yb.fma(u0, b0);
                    FloatVector u1 = FloatVector.broadcast(F, x[xk + pair * 8 + 5]);
                    a1 = ya.fma(u1, a1);
                    b1 = yb.fma(u1, b1);
                    FloatVector u2 = FloatVector.broadcast(F, x[xk + pair * 8 + 6]);
                    a2 = ya.fma(u2, a2);
                    b2 = yb.fma(u2, b2);
                    FloatVector u3 = FloatVector.broadcast(F, x[xk + pair * 8 + 7]);
                    a3 = ya.fma(u3, a3);
                    b3 = yb.fma(u3, b3);
                    FloatVector u4 = FloatVector.broadcast(F, x[xn + pair * 8 + 4]);
                    a4 = ya.fma(u4, a4);
                    b4 = yb.fma(u4, b4);
                    FloatVector u5 = FloatVector.broadcast(F, x[xn + pair * 8 + 5]);
                    a5 = ya.fma(u5, a5);
                    b5 = yb.fma(u5, b5);
                    FloatVector u6 = FloatVector.broadcast(F, x[xn + pair * 8 + 6]);
                    a6 = ya.fma(u6, a6);
                    b6 = yb.fma(u6, b6);
                    FloatVector u7 = FloatVector.broadcast(F, x[xn + pair * 8 + 7]);
                    a7 = ya.fma(u7, a7);
                    b7 = yb.fma(u7, b7);
                }
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
