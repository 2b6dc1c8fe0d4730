package dev.foretoken.engine.kernel;

import static dev.foretoken.engine.kernel.HalfTiles.S;
import static dev.foretoken.engine.kernel.PackedHalf.SHORTS_AHEAD;
import static dev.foretoken.engine.kernel.PackedMatrix.STRIPE;
import static dev.foretoken.engine.kernel.Q8Tiles.firstWeight;
import static dev.foretoken.engine.kernel.VectorWidth.F;
import static dev.foretoken.engine.kernel.VectorWidth.I;
import static dev.foretoken.engine.kernel.VectorWidth.LANES;
import static jdk.incubator.vector.VectorOperators.LSHL;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;

/**
 * {@link HalfTiles} of two stripes: up to six tokens with 512-bit vectors (32 registers), up to two with 256. {@code next} is
 * where the second tile of activations begins.
 */
final class HalfTwoStripeTiles {
    private HalfTwoStripeTiles() {}

    /**
     * Runs the tile of the stripe that begins with vector {@code v} and of that with {@code u}, whose rows go to yNext; 1 to 6
     * tokens.
     */
    static void run(
            int tokens, PackedHalf w, float[] x, int xAt, float[] y, int yAt, int yNext, int yStride, int v, int u) {
        switch (tokens) {
            case 1 -> tile4x1(w, x, xAt, y, yAt, yNext, v, u);
            case 2 -> tile4x2(w, x, xAt, y, yAt, yNext, yStride, v, u);
            case 3 -> tile4x3(w, x, xAt, y, yAt, yNext, yStride, v, u);
            case 4 -> tile4x4(w, x, xAt, y, yAt, yNext, yStride, v, u);
            case 5 -> tile4x5(w, x, xAt, y, yAt, yNext, yStride, v, u);
            case 6 -> tile4x6(w, x, xAt, y, yAt, yNext, yStride, v, u);
            default -> throw new IllegalArgumentException("no tile of 4 x " + tokens);
        }
    }

    private static void tile4x1(PackedHalf w, float[] x, int xAt, float[] y, int yAt, int yNext, int v, int u) {
        short[] q = w.w;
        int columns = w.columns();
        int qa = firstWeight(w, v), qb = firstWeight(w, v + 1), qc = firstWeight(w, u), qd = firstWeight(w, u + 1);
        IntVector shift = IntVector.broadcast(I, w.shift), mask = IntVector.broadcast(I, w.mask);
        FloatVector factor = FloatVector.broadcast(F, w.factor());
        FloatVector z = FloatVector.zero(F);
        FloatVector a0 = z;
        FloatVector b0 = z;
        FloatVector c0 = z;
        FloatVector d0 = z;
        ShortVector nothing = ShortVector.zero(S);
        VectorMask<Short> noShorts = VectorMask.fromLong(S, Prefetch.noLanes);
        for (int k = 0; k < columns; k++) {
            if (Prefetch.IS_ON) {
                nothing.intoArray(q, qa + k * STRIPE + SHORTS_AHEAD, noShorts);
                nothing.intoArray(q, qc + k * STRIPE + SHORTS_AHEAD, noShorts);
            }
            IntVector ia =
                    (IntVector) ShortVector.fromArray(S, q, qa + k * STRIPE).castShape(I, 0);
            FloatVector wa =
                    ia.lanewise(LSHL, shift).and(mask).reinterpretAsFloats().mul(factor);
            IntVector ib =
                    (IntVector) ShortVector.fromArray(S, q, qb + k * STRIPE).castShape(I, 0);
            FloatVector wb =
                    ib.lanewise(LSHL, shift).and(mask).reinterpretAsFloats().mul(factor);
            IntVector ic =
                    (IntVector) ShortVector.fromArray(S, q, qc + k * STRIPE).castShape(I, 0);
            FloatVector wc =
                    ic.lanewise(LSHL, shift).and(mask).reinterpretAsFloats().mul(factor);
            IntVector id =
                    (IntVector) ShortVector.fromArray(S, q, qd + k * STRIPE).castShape(I, 0);
            FloatVector wd =
                    id.lanewise(LSHL, shift).and(mask).reinterpretAsFloats().mul(factor);
            FloatVector v0 = FloatVector.broadcast(F, x[xAt + k]);
            a0 = wa.fma(v0, a0);
            b0 = wb.fma(v0, b0);
            c0 = wc.fma(v0, c0);
            d0 = wd.fma(v0, d0);
        }
        a0.intoArray(y, yAt);
        b0.intoArray(y, yAt + LANES);
        c0.intoArray(y, yNext);
        d0.intoArray(y, yNext + LANES);
    }

    private static void tile4x2(
            PackedHalf w, float[] x, int xAt, float[] y, int yAt, int yNext, int yStride, int v, int u) {
        short[] q = w.w;
        int columns = w.columns();
        int qa = firstWeight(w, v), qb = firstWeight(w, v + 1), qc = firstWeight(w, u), qd = firstWeight(w, u + 1);
        IntVector shift = IntVector.broadcast(I, w.shift), mask = IntVector.broadcast(I, w.mask);
        FloatVector factor = FloatVector.broadcast(F, w.factor());
        FloatVector z = FloatVector.zero(F);
        FloatVector a0 = z, a1 = z;
        FloatVector b0 = z, b1 = z;
        FloatVector c0 = z, c1 = z;
        FloatVector d0 = z, d1 = z;
        ShortVector nothing = ShortVector.zero(S);
        VectorMask<Short> noShorts = VectorMask.fromLong(S, Prefetch.noLanes);
        for (int k = 0; k < columns; k++) {
            if (Prefetch.IS_ON) {
                nothing.intoArray(q, qa + k * STRIPE + SHORTS_AHEAD, noShorts);
                nothing.intoArray(q, qc + k * STRIPE + SHORTS_AHEAD, noShorts);
            }
            IntVector ia =
                    (IntVector) ShortVector.fromArray(S, q, qa + k * STRIPE).castShape(I, 0);
            FloatVector wa =
                    ia.lanewise(LSHL, shift).and(mask).reinterpretAsFloats().mul(factor);
            IntVector ib =
                    (IntVector) ShortVector.fromArray(S, q, qb + k * STRIPE).castShape(I, 0);
            FloatVector wb =
                    ib.lanewise(LSHL, shift).and(mask).reinterpretAsFloats().mul(factor);
            IntVector ic =
                    (IntVector) ShortVector.fromArray(S, q, qc + k * STRIPE).castShape(I, 0);
            FloatVector wc =
                    ic.lanewise(LSHL, shift).and(mask).reinterpretAsFloats().mul(factor);
            IntVector id =
                    (IntVector) ShortVector.fromArray(S, q, qd + k * STRIPE).castShape(I, 0);
            FloatVector wd =
                    id.lanewise(LSHL, shift).and(mask).reinterpretAsFloats().mul(factor);
            FloatVector v0 = FloatVector.broadcast(F, x[xAt + k * 2]);
            a0 = wa.fma(v0, a0);
            b0 = wb.fma(v0, b0);
            c0 = wc.fma(v0, c0);
            d0 = wd.fma(v0, d0);
            FloatVector v1 = FloatVector.broadcast(F, x[xAt + k * 2 + 1]);
            a1 = wa.fma(v1, a1);
            b1 = wb.fma(v1, b1);
            c1 = wc.fma(v1, c1);
            d1 = wd.fma(v1, d1);
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
            PackedHalf w, float[] x, int xAt, float[] y, int yAt, int yNext, int yStride, int v, int u) {
        short[] q = w.w;
        int columns = w.columns();
        int qa = firstWeight(w, v), qb = firstWeight(w, v + 1), qc = firstWeight(w, u), qd = firstWeight(w, u + 1);
        IntVector shift = IntVector.broadcast(I, w.shift), mask = IntVector.broadcast(I, w.mask);
        FloatVector factor = FloatVector.broadcast(F, w.factor());
        FloatVector z = FloatVector.zero(F);
        FloatVector a0 = z, a1 = z, a2 = z;
        FloatVector b0 = z, b1 = z, b2 = z;
        FloatVector c0 = z, c1 = z, c2 = z;
        FloatVector d0 = z, d1 = z, d2 = z;
        ShortVector nothing = ShortVector.zero(S);
        VectorMask<Short> noShorts = VectorMask.fromLong(S, Prefetch.noLanes);
        for (int k = 0; k < columns; k++) {
            if (Prefetch.IS_ON) {
                nothing.intoArray(q, qa + k * STRIPE + SHORTS_AHEAD, noShorts);
                nothing.intoArray(q, qc + k * STRIPE + SHORTS_AHEAD, noShorts);
            }
            IntVector ia =
                    (IntVector) ShortVector.fromArray(S, q, qa + k * STRIPE).castShape(I, 0);
            FloatVector wa =
                    ia.lanewise(LSHL, shift).and(mask).reinterpretAsFloats().mul(factor);
            IntVector ib =
                    (IntVector) ShortVector.fromArray(S, q, qb + k * STRIPE).castShape(I, 0);
            FloatVector wb =
                    ib.lanewise(LSHL, shift).and(mask).reinterpretAsFloats().mul(factor);
            IntVector ic =
                    (IntVector) ShortVector.fromArray(S, q, qc + k * STRIPE).castShape(I, 0);
            FloatVector wc =
                    ic.lanewise(LSHL, shift).and(mask).reinterpretAsFloats().mul(factor);
            IntVector id =
                    (IntVector) ShortVector.fromArray(S, q, qd + k * STRIPE).castShape(I, 0);
            FloatVector wd =
                    id.lanewise(LSHL, shift).and(mask).reinterpretAsFloats().mul(factor);
            FloatVector v0 = FloatVector.broadcast(F, x[xAt + k * 3]);
            a0 = wa.fma(v0, a0);
            b0 = wb.fma(v0, b0);
            c0 = wc.fma(v0, c0);
            d0 = wd.fma(v0, d0);
            FloatVector v1 = FloatVector.broadcast(F, x[xAt + k * 3 + 1]);
            a1 = wa.fma(v1, a1);
            b1 = wb.fma(v1, b1);
            c1 = wc.fma(v1, c1);
            d1 = wd.fma(v1, d1);
            FloatVector v2 = FloatVector.broadcast(F, x[xAt + k * 3 + 2]);
            a2 = wa.fma(v2, a2);
            b2 = wb.fma(v2, b2);
            c2 = wc.fma(v2, c2);
            d2 = wd.fma(v2, d2);
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
            PackedHalf w, float[] x, int xAt, float[] y, int yAt, int yNext, int yStride, int v, int u) {
        short[] q = w.w;
        int columns = w.columns();
        int qa = firstWeight(w, v), qb = firstWeight(w, v + 1), qc = firstWeight(w, u), qd = firstWeight(w, u + 1);
        IntVector shift = IntVector.broadcast(I, w.shift), mask = IntVector.broadcast(I, w.mask);
        FloatVector factor = FloatVector.broadcast(F, w.factor());
        FloatVector z = FloatVector.zero(F);
        FloatVector a0 = z, a1 = z, a2 = z, a3 = z;
        FloatVector b0 = z, b1 = z, b2 = z, b3 = z;
        FloatVector c0 = z, c1 = z, c2 = z, c3 = z;
        FloatVector d0 = z, d1 = z, d2 = z, d3 = z;
        ShortVector nothing = ShortVector.zero(S);
        VectorMask<Short> noShorts = VectorMask.fromLong(S, Prefetch.noLanes);
        for (int k = 0; k < columns; k++) {
            if (Prefetch.IS_ON) {
                nothing.intoArray(q, qa + k * STRIPE + SHORTS_AHEAD, noShorts);
                nothing.intoArray(q, qc + k * STRIPE + SHORTS_AHEAD, noShorts);
            }
            IntVector ia =
                    (IntVector) ShortVector.fromArray(S, q, qa + k * STRIPE).castShape(I, 0);
            FloatVector wa =
                    ia.lanewise(LSHL, shift).and(mask).reinterpretAsFloats().mul(factor);
            IntVector ib =
                    (IntVector) ShortVector.fromArray(S, q, qb + k * STRIPE).castShape(I, 0);
            FloatVector wb =
                    ib.lanewise(LSHL, shift).and(mask).reinterpretAsFloats().mul(factor);
            IntVector ic =
                    (IntVector) ShortVector.fromArray(S, q, qc + k * STRIPE).castShape(I, 0);
            FloatVector wc =
                    ic.lanewise(LSHL, shift).and(mask).reinterpretAsFloats().mul(factor);
            IntVector id =
                    (IntVector) ShortVector.fromArray(S, q, qd + k * STRIPE).castShape(I, 0);
            FloatVector wd =
                    id.lanewise(LSHL, shift).and(mask).reinterpretAsFloats().mul(factor);
            FloatVector v0 = FloatVector.broadcast(F, x[xAt + k * 4]);
            a0 = wa.fma(v0, a0);
            b0 = wb.fma(v0, b0);
            c0 = wc.fma(v0, c0);
            d0 = wd.fma(v0, d0);
            FloatVector v1 = FloatVector.broadcast(F, x[xAt + k * 4 + 1]);
            a1 = wa.fma(v1, a1);
            b1 = wb.fma(v1, b1);
            c1 = wc.fma(v1, c1);
            d1 = wd.fma(v1, d1);
            FloatVector v2 = FloatVector.broadcast(F, x[xAt + k * 4 + 2]);
            a2 = wa.fma(v2, a2);
            b2 = wb.fma(v2, b2);
            c2 = wc.fma(v2, c2);
            d2 = wd.fma(v2, d2);
            FloatVector v3 = FloatVector.broadcast(F, x[xAt + k * 4 + 3]);
            a3 = wa.fma(v3, a3);
            b3 = wb.fma(v3, b3);
            c3 = wc.fma(v3, c3);
            d3 = wd.fma(v3, d3);
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

    private static void tile4x5(
            PackedHalf w, float[] x, int xAt, float[] y, int yAt, int yNext, int yStride, int v, int u) {
        short[] q = w.w;
        int columns = w.columns(), next = xAt + 4 * columns;
        int qa = firstWeight(w, v), qb = firstWeight(w, v + 1), qc = firstWeight(w, u), qd = firstWeight(w, u + 1);
        IntVector shift = IntVector.broadcast(I, w.shift), mask = IntVector.broadcast(I, w.mask);
        FloatVector factor = FloatVector.broadcast(F, w.factor());
        FloatVector z = FloatVector.zero(F);
        FloatVector a0 = z, a1 = z, a2 = z, a3 = z, a4 = z;
        FloatVector b0 = z, b1 = z, b2 = z, b3 = z, b4 = z;
        FloatVector c0 = z, c1 = z, c2 = z, c3 = z, c4 = z;
        FloatVector d0 = z, d1 = z, d2 = z, d3 = z, d4 = z;
        ShortVector nothing = ShortVector.zero(S);
        VectorMask<Short> noShorts = VectorMask.fromLong(S, Prefetch.noLanes);
        for (int k = 0; k < columns; k++) {
            if (Prefetch.IS_ON) {
                nothing.intoArray(q, qa + k * STRIPE + SHORTS_AHEAD, noShorts);
                nothing.intoArray(q, qc + k * STRIPE + SHORTS_AHEAD, noShorts);
            }
            IntVector ia =
                    (IntVector) ShortVector.fromArray(S, q, qa + k * STRIPE).castShape(I, 0);
            FloatVector wa =
                    ia.lanewise(LSHL, shift).and(mask).reinterpretAsFloats().mul(factor);
            IntVector ib =
                    (IntVector) ShortVector.fromArray(S, q, qb + k * STRIPE).castShape(I, 0);
            FloatVector wb =
                    ib.lanewise(LSHL, shift).and(mask).reinterpretAsFloats().mul(factor);
            IntVector ic =
                    (IntVector) ShortVector.fromArray(S, q, qc + k * STRIPE).castShape(I, 0);
            FloatVector wc =
                    ic.lanewise(LSHL, shift).and(mask).reinterpretAsFloats().mul(factor);
            IntVector id =
                    (IntVector) ShortVector.fromArray(S, q, qd + k * STRIPE).castShape(I, 0);
            FloatVector wd =
                    id.lanewise(LSHL, shift).and(mask).reinterpretAsFloats().mul(factor);
            FloatVector v0 = FloatVector.broadcast(F, x[xAt + k * 4]);
            a0 = wa.fma(v0, a0);
            b0 = wb.fma(v0, b0);
            c0 = wc.fma(v0, c0);
            d0 = wd.fma(v0, d0);
            FloatVector v1 = FloatVector.broadcast(F, x[xAt + k * 4 + 1]);
            a1 = wa.fma(v1, a1);
            b1 = wb.fma(v1, b1);
            c1 = wc.fma(v1, c1);
            d1 = wd.fma(v1, d1);
            FloatVector v2 = FloatVector.broadcast(F, x[xAt + k * 4 + 2]);
            a2 = wa.fma(v2, a2);
            b2 = wb.fma(v2, b2);
            c2 = wc.fma(v2, c2);
            d2 = wd.fma(v2, d2);
            FloatVector v3 = FloatVector.broadcast(F, x[xAt + k * 4 + 3]);
            a3 = wa.fma(v3, a3);
            b3 = wb.fma(v3, b3);
            c3 = wc.fma(v3, c3);
            d3 = wd.fma(v3, d3);
            FloatVector v4 = FloatVector.broadcast(F, x[next + k]);
            a4 = wa.fma(v4, a4);
            b4 = wb.fma(v4, b4);
            c4 = wc.fma(v4, c4);
            d4 = wd.fma(v4, d4);
        }
        int at = yAt, to = yNext;
        a0.intoArray(y, at);
        b0.intoArray(y, at + LANES);
        c0.intoArray(y, to);
        d0.intoArray(y, to + LANES);
        at += yStride;
        to += yStride;
        a1.intoArray(y, at);
        b1.intoArray(y, at + LANES);
        c1.intoArray(y, to);
        d1.intoArray(y, to + LANES);
        at += yStride;
        to += yStride;
        a2.intoArray(y, at);
        b2.intoArray(y, at + LANES);
        c2.intoArray(y, to);
        d2.intoArray(y, to + LANES);
        at += yStride;
        to += yStride;
        a3.intoArray(y, at);
        b3.intoArray(y, at + LANES);
        c3.intoArray(y, to);
        d3.intoArray(y, to + LANES);
        at += yStride;
        to += yStride;
        a4.intoArray(y, at);
        b4.intoArray(y, at + LANES);
        c4.intoArray(y, to);
        d4.intoArray(y, to + LANES);
    }

    private static void tile4x6(
            PackedHalf w, float[] x, int xAt, float[] y, int yAt, int yNext, int yStride, int v, int u) {
        short[] q = w.w;
        int columns = w.columns(), next = xAt + 4 * columns;
        int qa = firstWeight(w, v), qb = firstWeight(w, v + 1), qc = firstWeight(w, u), qd = firstWeight(w, u + 1);
        IntVector shift = IntVector.broadcast(I, w.shift), mask = IntVector.broadcast(I, w.mask);
        FloatVector factor = FloatVector.broadcast(F, w.factor());
        FloatVector z = FloatVector.zero(F);
        FloatVector a0 = z, a1 = z, a2 = z, a3 = z, a4 = z, a5 = z;
        FloatVector b0 = z, b1 = z, b2 = z, b3 = z, b4 = z, b5 = z;
        FloatVector c0 = z, c1 = z, c2 = z, c3 = z, c4 = z, c5 = z;
        FloatVector d0 = z, d1 = z, d2 = z, d3 = z, d4 = z, d5 = z;
        ShortVector nothing = ShortVector.zero(S);
        VectorMask<Short> noShorts = VectorMask.fromLong(S, Prefetch.noLanes);
        for (int k = 0; k < columns; k++) {
            if (Prefetch.IS_ON) {
                nothing.intoArray(q, qa + k * STRIPE + SHORTS_AHEAD, noShorts);
                nothing.intoArray(q, qc + k * STRIPE + SHORTS_AHEAD, noShorts);
            }
            IntVector ia =
                    (IntVector) ShortVector.fromArray(S, q, qa + k * STRIPE).castShape(I, 0);
            FloatVector wa =
                    ia.lanewise(LSHL, shift).and(mask).reinterpretAsFloats().mul(factor);
            IntVector ib =
                    (IntVector) ShortVector.fromArray(S, q, qb + k * STRIPE).castShape(I, 0);
            FloatVector wb =
                    ib.lanewise(LSHL, shift).and(mask).reinterpretAsFloats().mul(factor);
            IntVector ic =
                    (IntVector) ShortVector.fromArray(S, q, qc + k * STRIPE).castShape(I, 0);
            FloatVector wc =
                    ic.lanewise(LSHL, shift).and(mask).reinterpretAsFloats().mul(factor);
            IntVector id =
                    (IntVector) ShortVector.fromArray(S, q, qd + k * STRIPE).castShape(I, 0);
            FloatVector wd =
                    id.lanewise(LSHL, shift).and(mask).reinterpretAsFloats().mul(factor);
            FloatVector v0 = FloatVector.broadcast(F, x[xAt + k * 4]);
            a0 = wa.fma(v0, a0);
            b0 = wb.fma(v0, b0);
            c0 = wc.fma(v0, c0);
            d0 = wd.fma(v0, d0);
            FloatVector v1 = FloatVector.broadcast(F, x[xAt + k * 4 + 1]);
            a1 = wa.fma(v1, a1);
            b1 = wb.fma(v1, b1);
            c1 = wc.fma(v1, c1);
            d1 = wd.fma(v1, d1);
            FloatVector v2 = FloatVector.broadcast(F, x[xAt + k * 4 + 2]);
            a2 = wa.fma(v2, a2);
            b2 = wb.fma(v2, b2);
            c2 = wc.fma(v2, c2);
            d2 = wd.fma(v2, d2);
            FloatVector v3 = FloatVector.broadcast(F, x[xAt + k * 4 + 3]);
            a3 = wa.fma(v3, a3);
            b3 = wb.fma(v3, b3);
            c3 = wc.fma(v3, c3);
            d3 = wd.fma(v3, d3);
            FloatVector v4 = FloatVector.broadcast(F, x[next + k * 2]);
            a4 = wa.fma(v4, a4);
            b4 = wb.fma(v4, b4);
            c4 = wc.fma(v4, c4);
            d4 = wd.fma(v4, d4);
            FloatVector v5 = FloatVector.broadcast(F, x[next + k * 2 + 1]);
            a5 = wa.fma(v5, a5);
            b5 = wb.fma(v5, b5);
            c5 = wc.fma(v5, c5);
            d5 = wd.fma(v5, d5);
        }
        int at = yAt, to = yNext;
        a0.intoArray(y, at);
        b0.intoArray(y, at + LANES);
        c0.intoArray(y, to);
        d0.intoArray(y, to + LANES);
        at += yStride;
        to += yStride;
        a1.intoArray(y, at);
        b1.intoArray(y, at + LANES);
        c1.intoArray(y, to);
        d1.intoArray(y, to + LANES);
        at += yStride;
        to += yStride;
        a2.intoArray(y, at);
        b2.intoArray(y, at + LANES);
        c2.intoArray(y, to);
        d2.intoArray(y, to + LANES);
        at += yStride;
        to += yStride;
        a3.intoArray(y, at);
        b3.intoArray(y, at + LANES);
        c3.intoArray(y, to);
        d3.intoArray(y, to + LANES);
        at += yStride;
        to += yStride;
        a4.intoArray(y, at);
        b4.intoArray(y, at + LANES);
        c4.intoArray(y, to);
        d4.intoArray(y, to + LANES);
        at += yStride;
        to += yStride;
        a5.intoArray(y, at);
        b5.intoArray(y, at + LANES);
        c5.intoArray(y, to);
        d5.intoArray(y, to + LANES);
    }
}
