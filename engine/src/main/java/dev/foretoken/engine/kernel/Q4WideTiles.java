package dev.foretoken.engine.kernel;

import static dev.foretoken.engine.kernel.PackedMatrix.STRIPE;
import static dev.foretoken.engine.kernel.Q4Tiles.firstInt;
import static dev.foretoken.engine.kernel.Q4Tiles.firstScale;
import static dev.foretoken.engine.kernel.VectorWidth.F;
import static dev.foretoken.engine.kernel.VectorWidth.I;
import static dev.foretoken.engine.kernel.VectorWidth.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Nibble weights times activations for 512-bit vectors, without a conversion: the nibble becomes a part of the mantissa of a
 * float, {@code 16 + nibble} in its four highest bits or {@code 256 + nibble} in the four below, and {@code fma(16 + nibble,
 * scale, minimum - 16 * scale)} is the weight. The bits are equal where the differences are exact: see
 * {@link PackedQ4#isMantissaExact()}. A tile is a stripe, so what it reads is one stream of memory for each array.
 *
 * <p>Up to four tokens take two k per turn, one in each place, so that a weight takes two and a half instructions (half a
 * rotation, insert, fma) where {@link Q4Tiles} takes four: {@code wa}, {@code la} and {@code v0} are of the low place,
 * {@code ya}, {@code ha} and {@code u0} of the high one. More tokens have no registers for that and use the high place alone,
 * {@code ha} with {@code wa}.
 *
 * <p>Other letters as in {@link Q4Tiles}; {@code xn} is the second of two tiles of activations, for which weights are built
 * only once.
 */
final class Q4WideTiles {
    /** Where a nibble lies in the mantissa: its four highest bits, or the four below them. */
    private static final int HIGH = 0xf << 19;

    private static final int LOW = 0xf << 15;
    /** What is added to a nibble there. */
    private static final float HIGH_OFFSET = 16f;

    private static final float LOW_OFFSET = 256f;
    private static final int HIGH_ONE = Float.floatToRawIntBits(HIGH_OFFSET);
    private static final int LOW_ONE = Float.floatToRawIntBits(LOW_OFFSET);
    /** Rotations that bring the first nibble there. */
    private static final int FIRST_HIGH = 19;

    private static final int FIRST_LOW = 15;

    private Q4WideTiles() {}

    /** Runs the tile of the stripe that begins with vector {@code v}, and 1 to 8 tokens: beyond four, those of two tiles of activations. */
    static void run(int tokens, PackedQ4 w, float[] x, int xAt, float[] y, int yAt, int yStride, int v) {
        switch (tokens) {
            case 1 -> tile2x1(w, x, xAt, y, yAt, yStride, v);
            case 2 -> tile2x2(w, x, xAt, y, yAt, yStride, v);
            case 3 -> tile2x3(w, x, xAt, y, yAt, yStride, v);
            case 4 -> tile2x4(w, x, xAt, y, yAt, yStride, v);
            case 5 -> tile2x5(w, x, xAt, y, yAt, yStride, v);
            case 6 -> tile2x6(w, x, xAt, y, yAt, yStride, v);
            case 7 -> tile2x7(w, x, xAt, y, yAt, yStride, v);
            case 8 -> tile2x8(w, x, xAt, y, yAt, yStride, v);
            default -> throw new IllegalArgumentException("no tile of " + tokens + " tokens");
        }
    }

    private static void tile2x1(PackedQ4 w, float[] x, int xAt, float[] y, int yAt, int yStride, int v) {
        int[] q = w.q;
        float[] scale = w.scale, minimum = w.minimum;
        int blocks = w.columns() / 32;
        int qa = firstInt(w, v), qb = firstInt(w, v + 1);
        int da = firstScale(w, v), db = firstScale(w, v + 1);
        FloatVector z = FloatVector.zero(F), factor = FloatVector.broadcast(F, w.minimumFactor);
        FloatVector a0 = z;
        FloatVector b0 = z;
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
                int at = (block * 4 + eight) * STRIPE, xk = xAt + (block * 4 + eight) * 8;
                IntVector ia = IntVector.fromArray(I, q, qa + at).lanewise(VectorOperators.ROL, FIRST_LOW);
                IntVector ib = IntVector.fromArray(I, q, qb + at).lanewise(VectorOperators.ROL, FIRST_LOW);
                for (int k = 0; k < 8; k += 2) {
                    FloatVector wa =
                            ia.and(LOW).or(LOW_ONE).reinterpretAsFloats().fma(sa, la);
                    FloatVector wb =
                            ib.and(LOW).or(LOW_ONE).reinterpretAsFloats().fma(sb, lb);
                    FloatVector v0 = FloatVector.broadcast(F, x[xk + k]);
                    a0 = wa.fma(v0, a0);
                    b0 = wb.fma(v0, b0);
                    FloatVector ya =
                            ia.and(HIGH).or(HIGH_ONE).reinterpretAsFloats().fma(sa, ha);
                    FloatVector yb =
                            ib.and(HIGH).or(HIGH_ONE).reinterpretAsFloats().fma(sb, hb);
                    FloatVector u0 = FloatVector.broadcast(F, x[xk + k + 1]);
                    a0 = ya.fma(u0, a0);
                    b0 = yb.fma(u0, b0);
                    ia = ia.lanewise(VectorOperators.ROR, 8);
                    ib = ib.lanewise(VectorOperators.ROR, 8);
                }
            }
        }
        int at = yAt + v * LANES;
        a0.intoArray(y, at);
        b0.intoArray(y, at + LANES);
    }

    private static void tile2x2(PackedQ4 w, float[] x, int xAt, float[] y, int yAt, int yStride, int v) {
        int[] q = w.q;
        float[] scale = w.scale, minimum = w.minimum;
        int blocks = w.columns() / 32;
        int qa = firstInt(w, v), qb = firstInt(w, v + 1);
        int da = firstScale(w, v), db = firstScale(w, v + 1);
        FloatVector z = FloatVector.zero(F), factor = FloatVector.broadcast(F, w.minimumFactor);
        FloatVector a0 = z, a1 = z;
        FloatVector b0 = z, b1 = z;
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
                int at = (block * 4 + eight) * STRIPE, xk = xAt + (block * 4 + eight) * 16;
                IntVector ia = IntVector.fromArray(I, q, qa + at).lanewise(VectorOperators.ROL, FIRST_LOW);
                IntVector ib = IntVector.fromArray(I, q, qb + at).lanewise(VectorOperators.ROL, FIRST_LOW);
                for (int k = 0; k < 8; k += 2) {
                    FloatVector wa =
                            ia.and(LOW).or(LOW_ONE).reinterpretAsFloats().fma(sa, la);
                    FloatVector wb =
                            ib.and(LOW).or(LOW_ONE).reinterpretAsFloats().fma(sb, lb);
                    FloatVector v0 = FloatVector.broadcast(F, x[xk + k * 2]);
                    a0 = wa.fma(v0, a0);
                    b0 = wb.fma(v0, b0);
                    FloatVector v1 = FloatVector.broadcast(F, x[xk + k * 2 + 1]);
                    a1 = wa.fma(v1, a1);
                    b1 = wb.fma(v1, b1);
                    FloatVector ya =
                            ia.and(HIGH).or(HIGH_ONE).reinterpretAsFloats().fma(sa, ha);
                    FloatVector yb =
                            ib.and(HIGH).or(HIGH_ONE).reinterpretAsFloats().fma(sb, hb);
                    FloatVector u0 = FloatVector.broadcast(F, x[xk + k * 2 + 2]);
                    a0 = ya.fma(u0, a0);
                    b0 = yb.fma(u0, b0);
                    FloatVector u1 = FloatVector.broadcast(F, x[xk + k * 2 + 3]);
                    a1 = ya.fma(u1, a1);
                    b1 = yb.fma(u1, b1);
                    ia = ia.lanewise(VectorOperators.ROR, 8);
                    ib = ib.lanewise(VectorOperators.ROR, 8);
                }
            }
        }
        int at = yAt + v * LANES;
        a0.intoArray(y, at);
        b0.intoArray(y, at + LANES);
        at += yStride;
        a1.intoArray(y, at);
        b1.intoArray(y, at + LANES);
    }

    private static void tile2x3(PackedQ4 w, float[] x, int xAt, float[] y, int yAt, int yStride, int v) {
        int[] q = w.q;
        float[] scale = w.scale, minimum = w.minimum;
        int blocks = w.columns() / 32;
        int qa = firstInt(w, v), qb = firstInt(w, v + 1);
        int da = firstScale(w, v), db = firstScale(w, v + 1);
        FloatVector z = FloatVector.zero(F), factor = FloatVector.broadcast(F, w.minimumFactor);
        FloatVector a0 = z, a1 = z, a2 = z;
        FloatVector b0 = z, b1 = z, b2 = z;
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
                int at = (block * 4 + eight) * STRIPE, xk = xAt + (block * 4 + eight) * 24;
                IntVector ia = IntVector.fromArray(I, q, qa + at).lanewise(VectorOperators.ROL, FIRST_LOW);
                IntVector ib = IntVector.fromArray(I, q, qb + at).lanewise(VectorOperators.ROL, FIRST_LOW);
                for (int k = 0; k < 8; k += 2) {
                    FloatVector wa =
                            ia.and(LOW).or(LOW_ONE).reinterpretAsFloats().fma(sa, la);
                    FloatVector wb =
                            ib.and(LOW).or(LOW_ONE).reinterpretAsFloats().fma(sb, lb);
                    FloatVector v0 = FloatVector.broadcast(F, x[xk + k * 3]);
                    a0 = wa.fma(v0, a0);
                    b0 = wb.fma(v0, b0);
                    FloatVector v1 = FloatVector.broadcast(F, x[xk + k * 3 + 1]);
                    a1 = wa.fma(v1, a1);
                    b1 = wb.fma(v1, b1);
                    FloatVector v2 = FloatVector.broadcast(F, x[xk + k * 3 + 2]);
                    a2 = wa.fma(v2, a2);
                    b2 = wb.fma(v2, b2);
                    FloatVector ya =
                            ia.and(HIGH).or(HIGH_ONE).reinterpretAsFloats().fma(sa, ha);
                    FloatVector yb =
                            ib.and(HIGH).or(HIGH_ONE).reinterpretAsFloats().fma(sb, hb);
                    FloatVector u0 = FloatVector.broadcast(F, x[xk + k * 3 + 3]);
                    a0 = ya.fma(u0, a0);
                    b0 = yb.fma(u0, b0);
                    FloatVector u1 = FloatVector.broadcast(F, x[xk + k * 3 + 4]);
                    a1 = ya.fma(u1, a1);
                    b1 = yb.fma(u1, b1);
                    FloatVector u2 = FloatVector.broadcast(F, x[xk + k * 3 + 5]);
                    a2 = ya.fma(u2, a2);
                    b2 = yb.fma(u2, b2);
                    ia = ia.lanewise(VectorOperators.ROR, 8);
                    ib = ib.lanewise(VectorOperators.ROR, 8);
                }
            }
        }
        int at = yAt + v * LANES;
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
        int[] q = w.q;
        float[] scale = w.scale, minimum = w.minimum;
        int blocks = w.columns() / 32;
        int qa = firstInt(w, v), qb = firstInt(w, v + 1);
        int da = firstScale(w, v), db = firstScale(w, v + 1);
        FloatVector z = FloatVector.zero(F), factor = FloatVector.broadcast(F, w.minimumFactor);
        FloatVector a0 = z, a1 = z, a2 = z, a3 = z;
        FloatVector b0 = z, b1 = z, b2 = z, b3 = z;
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
                int at = (block * 4 + eight) * STRIPE, xk = xAt + (block * 4 + eight) * 32;
                IntVector ia = IntVector.fromArray(I, q, qa + at).lanewise(VectorOperators.ROL, FIRST_LOW);
                IntVector ib = IntVector.fromArray(I, q, qb + at).lanewise(VectorOperators.ROL, FIRST_LOW);
                for (int k = 0; k < 8; k += 2) {
                    FloatVector wa =
                            ia.and(LOW).or(LOW_ONE).reinterpretAsFloats().fma(sa, la);
                    FloatVector wb =
                            ib.and(LOW).or(LOW_ONE).reinterpretAsFloats().fma(sb, lb);
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
                    FloatVector ya =
                            ia.and(HIGH).or(HIGH_ONE).reinterpretAsFloats().fma(sa, ha);
                    FloatVector yb =
                            ib.and(HIGH).or(HIGH_ONE).reinterpretAsFloats().fma(sb, hb);
                    FloatVector u0 = FloatVector.broadcast(F, x[xk + k * 4 + 4]);
                    a0 = ya.fma(u0, a0);
                    b0 = yb.fma(u0, b0);
                    FloatVector u1 = FloatVector.broadcast(F, x[xk + k * 4 + 5]);
                    a1 = ya.fma(u1, a1);
                    b1 = yb.fma(u1, b1);
                    FloatVector u2 = FloatVector.broadcast(F, x[xk + k * 4 + 6]);
                    a2 = ya.fma(u2, a2);
                    b2 = yb.fma(u2, b2);
                    FloatVector u3 = FloatVector.broadcast(F, x[xk + k * 4 + 7]);
                    a3 = ya.fma(u3, a3);
                    b3 = yb.fma(u3, b3);
                    ia = ia.lanewise(VectorOperators.ROR, 8);
                    ib = ib.lanewise(VectorOperators.ROR, 8);
                }
            }
        }
        int at = yAt + v * LANES;
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

    private static void tile2x5(PackedQ4 w, float[] x, int xAt, float[] y, int yAt, int yStride, int v) {
        int[] q = w.q;
        float[] scale = w.scale, minimum = w.minimum;
        int blocks = w.columns() / 32, next = xAt + 4 * w.columns();
        int qa = firstInt(w, v), qb = firstInt(w, v + 1);
        int da = firstScale(w, v), db = firstScale(w, v + 1);
        FloatVector z = FloatVector.zero(F), factor = FloatVector.broadcast(F, w.minimumFactor);
        FloatVector a0 = z, a1 = z, a2 = z, a3 = z, a4 = z;
        FloatVector b0 = z, b1 = z, b2 = z, b3 = z, b4 = z;
        for (int block = 0; block < blocks; block++) {
            FloatVector sa = FloatVector.fromArray(F, scale, da + block * STRIPE);
            FloatVector sb = FloatVector.fromArray(F, scale, db + block * STRIPE);
            FloatVector ha =
                    FloatVector.fromArray(F, minimum, da + block * STRIPE).fma(factor, sa.mul(-HIGH_OFFSET));
            FloatVector hb =
                    FloatVector.fromArray(F, minimum, db + block * STRIPE).fma(factor, sb.mul(-HIGH_OFFSET));
            for (int eight = 0; eight < 4; eight++) {
                int at = (block * 4 + eight) * STRIPE;
                int xk = xAt + (block * 4 + eight) * 32, xn = next + (block * 4 + eight) * 8;
                IntVector ia = IntVector.fromArray(I, q, qa + at).lanewise(VectorOperators.ROL, FIRST_HIGH);
                IntVector ib = IntVector.fromArray(I, q, qb + at).lanewise(VectorOperators.ROL, FIRST_HIGH);
                for (int k = 0; k < 8; k++) {
                    FloatVector wa =
                            ia.and(HIGH).or(HIGH_ONE).reinterpretAsFloats().fma(sa, ha);
                    FloatVector wb =
                            ib.and(HIGH).or(HIGH_ONE).reinterpretAsFloats().fma(sb, hb);
                    ia = ia.lanewise(VectorOperators.ROR, 4);
                    ib = ib.lanewise(VectorOperators.ROR, 4);
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
        }
        int at = yAt + v * LANES;
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

    private static void tile2x6(PackedQ4 w, float[] x, int xAt, float[] y, int yAt, int yStride, int v) {
        int[] q = w.q;
        float[] scale = w.scale, minimum = w.minimum;
        int blocks = w.columns() / 32, next = xAt + 4 * w.columns();
        int qa = firstInt(w, v), qb = firstInt(w, v + 1);
        int da = firstScale(w, v), db = firstScale(w, v + 1);
        FloatVector z = FloatVector.zero(F), factor = FloatVector.broadcast(F, w.minimumFactor);
        FloatVector a0 = z, a1 = z, a2 = z, a3 = z, a4 = z, a5 = z;
        FloatVector b0 = z, b1 = z, b2 = z, b3 = z, b4 = z, b5 = z;
        for (int block = 0; block < blocks; block++) {
            FloatVector sa = FloatVector.fromArray(F, scale, da + block * STRIPE);
            FloatVector sb = FloatVector.fromArray(F, scale, db + block * STRIPE);
            FloatVector ha =
                    FloatVector.fromArray(F, minimum, da + block * STRIPE).fma(factor, sa.mul(-HIGH_OFFSET));
            FloatVector hb =
                    FloatVector.fromArray(F, minimum, db + block * STRIPE).fma(factor, sb.mul(-HIGH_OFFSET));
            for (int eight = 0; eight < 4; eight++) {
                int at = (block * 4 + eight) * STRIPE;
                int xk = xAt + (block * 4 + eight) * 32, xn = next + (block * 4 + eight) * 16;
                IntVector ia = IntVector.fromArray(I, q, qa + at).lanewise(VectorOperators.ROL, FIRST_HIGH);
                IntVector ib = IntVector.fromArray(I, q, qb + at).lanewise(VectorOperators.ROL, FIRST_HIGH);
                for (int k = 0; k < 8; k++) {
                    FloatVector wa =
                            ia.and(HIGH).or(HIGH_ONE).reinterpretAsFloats().fma(sa, ha);
                    FloatVector wb =
                            ib.and(HIGH).or(HIGH_ONE).reinterpretAsFloats().fma(sb, hb);
                    ia = ia.lanewise(VectorOperators.ROR, 4);
                    ib = ib.lanewise(VectorOperators.ROR, 4);
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
        }
        int at = yAt + v * LANES;
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

    private static void tile2x7(PackedQ4 w, float[] x, int xAt, float[] y, int yAt, int yStride, int v) {
        int[] q = w.q;
        float[] scale = w.scale, minimum = w.minimum;
        int blocks = w.columns() / 32, next = xAt + 4 * w.columns();
        int qa = firstInt(w, v), qb = firstInt(w, v + 1);
        int da = firstScale(w, v), db = firstScale(w, v + 1);
        FloatVector z = FloatVector.zero(F), factor = FloatVector.broadcast(F, w.minimumFactor);
        FloatVector a0 = z, a1 = z, a2 = z, a3 = z, a4 = z, a5 = z, a6 = z;
        FloatVector b0 = z, b1 = z, b2 = z, b3 = z, b4 = z, b5 = z, b6 = z;
        for (int block = 0; block < blocks; block++) {
            FloatVector sa = FloatVector.fromArray(F, scale, da + block * STRIPE);
            FloatVector sb = FloatVector.fromArray(F, scale, db + block * STRIPE);
            FloatVector ha =
                    FloatVector.fromArray(F, minimum, da + block * STRIPE).fma(factor, sa.mul(-HIGH_OFFSET));
            FloatVector hb =
                    FloatVector.fromArray(F, minimum, db + block * STRIPE).fma(factor, sb.mul(-HIGH_OFFSET));
            for (int eight = 0; eight < 4; eight++) {
                int at = (block * 4 + eight) * STRIPE;
                int xk = xAt + (block * 4 + eight) * 32, xn = next + (block * 4 + eight) * 24;
                IntVector ia = IntVector.fromArray(I, q, qa + at).lanewise(VectorOperators.ROL, FIRST_HIGH);
                IntVector ib = IntVector.fromArray(I, q, qb + at).lanewise(VectorOperators.ROL, FIRST_HIGH);
                for (int k = 0; k < 8; k++) {
                    FloatVector wa =
                            ia.and(HIGH).or(HIGH_ONE).reinterpretAsFloats().fma(sa, ha);
                    FloatVector wb =
                            ib.and(HIGH).or(HIGH_ONE).reinterpretAsFloats().fma(sb, hb);
                    ia = ia.lanewise(VectorOperators.ROR, 4);
                    ib = ib.lanewise(VectorOperators.ROR, 4);
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
        }
        int at = yAt + v * LANES;
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

    private static void tile2x8(PackedQ4 w, float[] x, int xAt, float[] y, int yAt, int yStride, int v) {
        int[] q = w.q;
        float[] scale = w.scale, minimum = w.minimum;
        int blocks = w.columns() / 32, next = xAt + 4 * w.columns();
        int qa = firstInt(w, v), qb = firstInt(w, v + 1);
        int da = firstScale(w, v), db = firstScale(w, v + 1);
        FloatVector z = FloatVector.zero(F), factor = FloatVector.broadcast(F, w.minimumFactor);
        FloatVector a0 = z, a1 = z, a2 = z, a3 = z, a4 = z, a5 = z, a6 = z, a7 = z;
        FloatVector b0 = z, b1 = z, b2 = z, b3 = z, b4 = z, b5 = z, b6 = z, b7 = z;
        for (int block = 0; block < blocks; block++) {
            FloatVector sa = FloatVector.fromArray(F, scale, da + block * STRIPE);
            FloatVector sb = FloatVector.fromArray(F, scale, db + block * STRIPE);
            FloatVector ha =
                    FloatVector.fromArray(F, minimum, da + block * STRIPE).fma(factor, sa.mul(-HIGH_OFFSET));
            FloatVector hb =
                    FloatVector.fromArray(F, minimum, db + block * STRIPE).fma(factor, sb.mul(-HIGH_OFFSET));
            for (int eight = 0; eight < 4; eight++) {
                int at = (block * 4 + eight) * STRIPE;
                int xk = xAt + (block * 4 + eight) * 32, xn = next + (block * 4 + eight) * 32;
                IntVector ia = IntVector.fromArray(I, q, qa + at).lanewise(VectorOperators.ROL, FIRST_HIGH);
                IntVector ib = IntVector.fromArray(I, q, qb + at).lanewise(VectorOperators.ROL, FIRST_HIGH);
                for (int k = 0; k < 8; k++) {
                    FloatVector wa =
                            ia.and(HIGH).or(HIGH_ONE).reinterpretAsFloats().fma(sa, ha);
                    FloatVector wb =
                            ib.and(HIGH).or(HIGH_ONE).reinterpretAsFloats().fma(sb, hb);
                    ia = ia.lanewise(VectorOperators.ROR, 4);
                    ib = ib.lanewise(VectorOperators.ROR, 4);
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
        }
        int at = yAt + v * LANES;
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
}
