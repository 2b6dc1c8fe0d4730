package dev.foretoken.engine.kernel;

import static dev.foretoken.engine.kernel.PackedMatrix.STRIPE;
import static dev.foretoken.engine.kernel.PackedQ4.BYTES_OF_EIGHT;
import static dev.foretoken.engine.kernel.PackedQ4.HIGH;
import static dev.foretoken.engine.kernel.PackedQ4.LOW;
import static dev.foretoken.engine.kernel.Q4Tiles.firstByte;
import static dev.foretoken.engine.kernel.Q4Tiles.firstScale;
import static dev.foretoken.engine.kernel.VectorWidth.BYTES;
import static dev.foretoken.engine.kernel.VectorWidth.F;
import static dev.foretoken.engine.kernel.VectorWidth.LANES;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * As {@link Q4WideTiles}, up to four tokens, without a conversion: the nibble becomes a part of the mantissa of a float,
 * {@code 256 + nibble} in the low place and {@code 16 + nibble} in the high one, and {@code fma(16 + nibble, scale, minimum -
 * 16 * scale)} is the weight. That is an instruction less where conversions and multiplications share ports. The bits are equal
 * where the differences are exact: see {@link PackedQ4#isMantissaExact()}.
 *
 * <p>{@code la} and {@code ha} are minima less the offset of the low and the high place.
 */
final class Q4MantissaTiles {
    static final float HIGH_OFFSET = 16f;
    static final float LOW_OFFSET = 256f;
    static final int HIGH_ONE = Float.floatToRawIntBits(HIGH_OFFSET);
    static final int LOW_ONE = Float.floatToRawIntBits(LOW_OFFSET);

    private Q4MantissaTiles() {}

    /** Runs the tile of the stripe that begins with vector {@code v}, and 1 to 4 tokens. */
    static void run(int tokens, PackedQ4 w, float[] x, int xAt, float[] y, int yAt, int yStride, int v) {
        switch (tokens) {
            case 1 -> tile2x1(w, x, xAt, y, yAt, yStride, v);
            case 2 -> tile2x2(w, x, xAt, y, yAt, yStride, v);
            case 3 -> tile2x3(w, x, xAt, y, yAt, yStride, v);
            case 4 -> tile2x4(w, x, xAt, y, yAt, yStride, v);
            default -> throw new IllegalArgumentException("no tile of " + tokens + " tokens");
        }
    }

    private static void tile2x1(PackedQ4 w, float[] x, int xAt, float[] y, int yAt, int yStride, int v) {
        byte[] q = w.q;
        float[] scale = w.scale, minimum = w.minimum;
        int blocks = w.columns() / 32;
        int qa = firstByte(w, v), qb = firstByte(w, v + 1);
        int da = firstScale(w, v), db = firstScale(w, v + 1);
        FloatVector factor = FloatVector.broadcast(F, w.minimumFactor);
        float[] sums = w.sums(y);
        int yk = w.sumsAt(yAt);
        FloatVector a0 = FloatVector.fromArray(F, sums, yk);
        FloatVector b0 = FloatVector.fromArray(F, sums, yk + LANES);
        for (int block = 0; block < blocks; block++) {
            FloatVector sa = FloatVector.fromArray(F, scale, da + block * STRIPE);
            FloatVector sb = FloatVector.fromArray(F, scale, db + block * STRIPE);
            FloatVector la =
                    FloatVector.fromArray(F, minimum, da + block * STRIPE).fma(factor, sa.mul(-LOW_OFFSET));
            FloatVector lb =
                    FloatVector.fromArray(F, minimum, db + block * STRIPE).fma(factor, sb.mul(-LOW_OFFSET));
            FloatVector ha =
                    FloatVector.fromArray(F, minimum, da + block * STRIPE).fma(factor, sa.mul(-HIGH_OFFSET));
            FloatVector hb =
                    FloatVector.fromArray(F, minimum, db + block * STRIPE).fma(factor, sb.mul(-HIGH_OFFSET));
            for (int eight = 0; eight < 4; eight++) {
                int at = (block * 4 + eight) * BYTES_OF_EIGHT, xk = xAt + (block * 4 + eight) * 8;
                for (int pair = 0; pair < 4; pair++) {
                    IntVector ia =
                            ByteVector.fromArray(BYTES, q, qa + at + pair).reinterpretAsInts();
                    IntVector ib =
                            ByteVector.fromArray(BYTES, q, qb + at + pair).reinterpretAsInts();
                    FloatVector wa =
                            ia.and(LOW).or(LOW_ONE).reinterpretAsFloats().fma(sa, la);
                    FloatVector wb =
                            ib.and(LOW).or(LOW_ONE).reinterpretAsFloats().fma(sb, lb);
                    FloatVector v0 = FloatVector.broadcast(F, x[xk + pair * 2]);
                    a0 = wa.fma(v0, a0);
                    b0 = wb.fma(v0, b0);
                    FloatVector ya =
                            ia.and(HIGH).or(HIGH_ONE).reinterpretAsFloats().fma(sa, ha);
                    FloatVector yb =
                            ib.and(HIGH).or(HIGH_ONE).reinterpretAsFloats().fma(sb, hb);
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
        FloatVector factor = FloatVector.broadcast(F, w.minimumFactor);
        float[] sums = w.sums(y);
        int yk = w.sumsAt(yAt), sumsStep = w.sumsStep(yStride);
        FloatVector a0 = FloatVector.fromArray(F, sums, yk);
        FloatVector b0 = FloatVector.fromArray(F, sums, yk + LANES);
        yk += sumsStep;
        FloatVector a1 = FloatVector.fromArray(F, sums, yk);
        FloatVector b1 = FloatVector.fromArray(F, sums, yk + LANES);
        for (int block = 0; block < blocks; block++) {
            FloatVector sa = FloatVector.fromArray(F, scale, da + block * STRIPE);
            FloatVector sb = FloatVector.fromArray(F, scale, db + block * STRIPE);
            FloatVector la =
                    FloatVector.fromArray(F, minimum, da + block * STRIPE).fma(factor, sa.mul(-LOW_OFFSET));
            FloatVector lb =
                    FloatVector.fromArray(F, minimum, db + block * STRIPE).fma(factor, sb.mul(-LOW_OFFSET));
            FloatVector ha =
                    FloatVector.fromArray(F, minimum, da + block * STRIPE).fma(factor, sa.mul(-HIGH_OFFSET));
            FloatVector hb =
                    FloatVector.fromArray(F, minimum, db + block * STRIPE).fma(factor, sb.mul(-HIGH_OFFSET));
            for (int eight = 0; eight < 4; eight++) {
                int at = (block * 4 + eight) * BYTES_OF_EIGHT, xk = xAt + (block * 4 + eight) * 16;
                for (int pair = 0; pair < 4; pair++) {
                    IntVector ia =
                            ByteVector.fromArray(BYTES, q, qa + at + pair).reinterpretAsInts();
                    IntVector ib =
                            ByteVector.fromArray(BYTES, q, qb + at + pair).reinterpretAsInts();
                    FloatVector wa =
                            ia.and(LOW).or(LOW_ONE).reinterpretAsFloats().fma(sa, la);
                    FloatVector wb =
                            ib.and(LOW).or(LOW_ONE).reinterpretAsFloats().fma(sb, lb);
                    FloatVector v0 = FloatVector.broadcast(F, x[xk + pair * 4]);
                    a0 = wa.fma(v0, a0);
                    b0 = wb.fma(v0, b0);
                    FloatVector v1 = FloatVector.broadcast(F, x[xk + pair * 4 + 1]);
                    a1 = wa.fma(v1, a1);
                    b1 = wb.fma(v1, b1);
                    FloatVector ya =
                            ia.and(HIGH).or(HIGH_ONE).reinterpretAsFloats().fma(sa, ha);
                    FloatVector yb =
                            ib.and(HIGH).or(HIGH_ONE).reinterpretAsFloats().fma(sb, hb);
                    FloatVector u0 = FloatVector.broadcast(F, x[xk + pair * 4 + 2]);
                    a0 = ya.fma(u0, a0);
                    b0 = yb.fma(u0, b0);
                    FloatVector u1 = FloatVector.broadcast(F, x[xk + pair * 4 + 3]);
                    a1 = ya.fma(u1, a1);
                    b1 = yb.fma(u1, b1);
                }
            }
        }
        yk = yAt;
        a0.intoArray(y, yk);
        b0.intoArray(y, yk + LANES);
        yk += yStride;
        a1.intoArray(y, yk);
        b1.intoArray(y, yk + LANES);
    }

    private static void tile2x3(PackedQ4 w, float[] x, int xAt, float[] y, int yAt, int yStride, int v) {
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
        for (int block = 0; block < blocks; block++) {
            FloatVector sa = FloatVector.fromArray(F, scale, da + block * STRIPE);
            FloatVector sb = FloatVector.fromArray(F, scale, db + block * STRIPE);
            FloatVector la =
                    FloatVector.fromArray(F, minimum, da + block * STRIPE).fma(factor, sa.mul(-LOW_OFFSET));
            FloatVector lb =
                    FloatVector.fromArray(F, minimum, db + block * STRIPE).fma(factor, sb.mul(-LOW_OFFSET));
            FloatVector ha =
                    FloatVector.fromArray(F, minimum, da + block * STRIPE).fma(factor, sa.mul(-HIGH_OFFSET));
            FloatVector hb =
                    FloatVector.fromArray(F, minimum, db + block * STRIPE).fma(factor, sb.mul(-HIGH_OFFSET));
            for (int eight = 0; eight < 4; eight++) {
                int at = (block * 4 + eight) * BYTES_OF_EIGHT, xk = xAt + (block * 4 + eight) * 24;
                for (int pair = 0; pair < 4; pair++) {
                    IntVector ia =
                            ByteVector.fromArray(BYTES, q, qa + at + pair).reinterpretAsInts();
                    IntVector ib =
                            ByteVector.fromArray(BYTES, q, qb + at + pair).reinterpretAsInts();
                    FloatVector wa =
                            ia.and(LOW).or(LOW_ONE).reinterpretAsFloats().fma(sa, la);
                    FloatVector wb =
                            ib.and(LOW).or(LOW_ONE).reinterpretAsFloats().fma(sb, lb);
                    FloatVector v0 = FloatVector.broadcast(F, x[xk + pair * 6]);
                    a0 = wa.fma(v0, a0);
                    b0 = wb.fma(v0, b0);
                    FloatVector v1 = FloatVector.broadcast(F, x[xk + pair * 6 + 1]);
                    a1 = wa.fma(v1, a1);
                    b1 = wb.fma(v1, b1);
                    FloatVector v2 = FloatVector.broadcast(F, x[xk + pair * 6 + 2]);
                    a2 = wa.fma(v2, a2);
                    b2 = wb.fma(v2, b2);
                    FloatVector ya =
                            ia.and(HIGH).or(HIGH_ONE).reinterpretAsFloats().fma(sa, ha);
                    FloatVector yb =
                            ib.and(HIGH).or(HIGH_ONE).reinterpretAsFloats().fma(sb, hb);
                    FloatVector u0 = FloatVector.broadcast(F, x[xk + pair * 6 + 3]);
                    a0 = ya.fma(u0, a0);
                    b0 = yb.fma(u0, b0);
                    FloatVector u1 = FloatVector.broadcast(F, x[xk + pair * 6 + 4]);
                    a1 = ya.fma(u1, a1);
                    b1 = yb.fma(u1, b1);
                    FloatVector u2 = FloatVector.broadcast(F, x[xk + pair * 6 + 5]);
                    a2 = ya.fma(u2, a2);
                    b2 = yb.fma(u2, b2);
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
    }

    private static void tile2x4(PackedQ4 w, float[] x, int xAt, float[] y, int yAt, int yStride, int v) {
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
        for (int block = 0; block < blocks; block++) {
            FloatVector sa = FloatVector.fromArray(F, scale, da + block * STRIPE);
            FloatVector sb = FloatVector.fromArray(F, scale, db + block * STRIPE);
            FloatVector la =
                    FloatVector.fromArray(F, minimum, da + block * STRIPE).fma(factor, sa.mul(-LOW_OFFSET));
            FloatVector lb =
                    FloatVector.fromArray(F, minimum, db + block * STRIPE).fma(factor, sb.mul(-LOW_OFFSET));
            FloatVector ha =
                    FloatVector.fromArray(F, minimum, da + block * STRIPE).fma(factor, sa.mul(-HIGH_OFFSET));
            FloatVector hb =
                    FloatVector.fromArray(F, minimum, db + block * STRIPE).fma(factor, sb.mul(-HIGH_OFFSET));
            for (int eight = 0; eight < 4; eight++) {
                int at = (block * 4 + eight) * BYTES_OF_EIGHT, xk = xAt + (block * 4 + eight) * 32;
                for (int pair = 0; pair < 4; pair++) {
                    IntVector ia =
                            ByteVector.fromArray(BYTES, q, qa + at + pair).reinterpretAsInts();
                    IntVector ib =
                            ByteVector.fromArray(BYTES, q, qb + at + pair).reinterpretAsInts();
                    FloatVector wa =
                            ia.and(LOW).or(LOW_ONE).reinterpretAsFloats().fma(sa, la);
                    FloatVector wb =
                            ib.and(LOW).or(LOW_ONE).reinterpretAsFloats().fma(sb, lb);
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
                    FloatVector ya =
                            ia.and(HIGH).or(HIGH_ONE).reinterpretAsFloats().fma(sa, ha);
                    FloatVector yb =
                            ib.and(HIGH).or(HIGH_ONE).reinterpretAsFloats().fma(sb, hb);
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
    }
}
