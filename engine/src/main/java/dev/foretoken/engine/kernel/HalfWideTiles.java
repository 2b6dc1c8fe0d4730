package dev.foretoken.engine.kernel;

import static dev.foretoken.engine.kernel.HalfTiles.S;
import static dev.foretoken.engine.kernel.PackedHalf.SHORTS_AHEAD_OF_ONE;
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
 * Weights of 16 bits for 512-bit vectors (32 registers) and two tiles of activations at once, for which weights are widened only
 * once. Letters as in {@link Q8Tiles}; {@code next} is where the second tile of activations begins.
 */
final class HalfWideTiles {
    private HalfWideTiles() {}

    /** Runs the tile of two vectors, from vector {@code v} on, and 5 to 8 tokens: those of two tiles of activations. */
    static void run(int tokens, PackedHalf w, float[] x, int xAt, float[] y, int yAt, int yStride, int v) {
        switch (tokens) {
            case 5 -> tile2x5(w, x, xAt, y, yAt, yStride, v);
            case 6 -> tile2x6(w, x, xAt, y, yAt, yStride, v);
            case 7 -> tile2x7(w, x, xAt, y, yAt, yStride, v);
            case 8 -> tile2x8(w, x, xAt, y, yAt, yStride, v);
            default -> throw new IllegalArgumentException("no tile of 2 x " + tokens);
        }
    }

    private static void tile2x5(PackedHalf w, float[] x, int xAt, float[] y, int yAt, int yStride, int v) {
        short[] q = w.w;
        int columns = w.columns(), next = xAt + 4 * columns;
        int qa = firstWeight(w, v), qb = firstWeight(w, v + 1);
        IntVector shift = IntVector.broadcast(I, w.shift), mask = IntVector.broadcast(I, w.mask);
        FloatVector factor = FloatVector.broadcast(F, w.factor());
        FloatVector z = FloatVector.zero(F);
        FloatVector a0 = z, a1 = z, a2 = z, a3 = z, a4 = z;
        FloatVector b0 = z, b1 = z, b2 = z, b3 = z, b4 = z;
        ShortVector nothing = ShortVector.zero(S);
        VectorMask<Short> noShorts = VectorMask.fromLong(S, Prefetch.noLanes);
        for (int k = 0; k < columns; k++) {
            if (Prefetch.IS_ON) {
                nothing.intoArray(q, qa + k * STRIPE + SHORTS_AHEAD_OF_ONE, noShorts);
            }
            IntVector ia =
                    (IntVector) ShortVector.fromArray(S, q, qa + k * STRIPE).castShape(I, 0);
            FloatVector wa =
                    ia.lanewise(LSHL, shift).and(mask).reinterpretAsFloats().mul(factor);
            IntVector ib =
                    (IntVector) ShortVector.fromArray(S, q, qb + k * STRIPE).castShape(I, 0);
            FloatVector wb =
                    ib.lanewise(LSHL, shift).and(mask).reinterpretAsFloats().mul(factor);
            FloatVector v0 = FloatVector.broadcast(F, x[xAt + k * 4]);
            a0 = wa.fma(v0, a0);
            b0 = wb.fma(v0, b0);
            FloatVector v1 = FloatVector.broadcast(F, x[xAt + k * 4 + 1]);
            a1 = wa.fma(v1, a1);
            b1 = wb.fma(v1, b1);
            FloatVector v2 = FloatVector.broadcast(F, x[xAt + k * 4 + 2]);
            a2 = wa.fma(v2, a2);
            b2 = wb.fma(v2, b2);
            FloatVector v3 = FloatVector.broadcast(F, x[xAt + k * 4 + 3]);
            a3 = wa.fma(v3, a3);
            b3 = wb.fma(v3, b3);
            FloatVector v4 = FloatVector.broadcast(F, x[next + k]);
            a4 = wa.fma(v4, a4);
            b4 = wb.fma(v4, b4);
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

    private static void tile2x6(PackedHalf w, float[] x, int xAt, float[] y, int yAt, int yStride, int v) {
        short[] q = w.w;
        int columns = w.columns(), next = xAt + 4 * columns;
        int qa = firstWeight(w, v), qb = firstWeight(w, v + 1);
        IntVector shift = IntVector.broadcast(I, w.shift), mask = IntVector.broadcast(I, w.mask);
        FloatVector factor = FloatVector.broadcast(F, w.factor());
        FloatVector z = FloatVector.zero(F);
        FloatVector a0 = z, a1 = z, a2 = z, a3 = z, a4 = z, a5 = z;
        FloatVector b0 = z, b1 = z, b2 = z, b3 = z, b4 = z, b5 = z;
        ShortVector nothing = ShortVector.zero(S);
        VectorMask<Short> noShorts = VectorMask.fromLong(S, Prefetch.noLanes);
        for (int k = 0; k < columns; k++) {
            if (Prefetch.IS_ON) {
                nothing.intoArray(q, qa + k * STRIPE + SHORTS_AHEAD_OF_ONE, noShorts);
            }
            IntVector ia =
                    (IntVector) ShortVector.fromArray(S, q, qa + k * STRIPE).castShape(I, 0);
            FloatVector wa =
                    ia.lanewise(LSHL, shift).and(mask).reinterpretAsFloats().mul(factor);
            IntVector ib =
                    (IntVector) ShortVector.fromArray(S, q, qb + k * STRIPE).castShape(I, 0);
            FloatVector wb =
                    ib.lanewise(LSHL, shift).and(mask).reinterpretAsFloats().mul(factor);
            FloatVector v0 = FloatVector.broadcast(F, x[xAt + k * 4]);
            a0 = wa.fma(v0, a0);
            b0 = wb.fma(v0, b0);
            FloatVector v1 = FloatVector.broadcast(F, x[xAt + k * 4 + 1]);
            a1 = wa.fma(v1, a1);
            b1 = wb.fma(v1, b1);
            FloatVector v2 = FloatVector.broadcast(F, x[xAt + k * 4 + 2]);
            a2 = wa.fma(v2, a2);
            b2 = wb.fma(v2, b2);
            FloatVector v3 = FloatVector.broadcast(F, x[xAt + k * 4 + 3]);
            a3 = wa.fma(v3, a3);
            b3 = wb.fma(v3, b3);
            FloatVector v4 = FloatVector.broadcast(F, x[next + k * 2]);
            a4 = wa.fma(v4, a4);
            b4 = wb.fma(v4, b4);
            FloatVector v5 = FloatVector.broadcast(F, x[next + k * 2 + 1]);
            a5 = wa.fma(v5, a5);
            b5 = wb.fma(v5, b5);
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

    private static void tile2x7(PackedHalf w, float[] x, int xAt, float[] y, int yAt, int yStride, int v) {
        short[] q = w.w;
        int columns = w.columns(), next = xAt + 4 * columns;
        int qa = firstWeight(w, v), qb = firstWeight(w, v + 1);
        IntVector shift = IntVector.broadcast(I, w.shift), mask = IntVector.broadcast(I, w.mask);
        FloatVector factor = FloatVector.broadcast(F, w.factor());
        FloatVector z = FloatVector.zero(F);
        FloatVector a0 = z, a1 = z, a2 = z, a3 = z, a4 = z, a5 = z, a6 = z;
        FloatVector b0 = z, b1 = z, b2 = z, b3 = z, b4 = z, b5 = z, b6 = z;
        ShortVector nothing = ShortVector.zero(S);
        VectorMask<Short> noShorts = VectorMask.fromLong(S, Prefetch.noLanes);
        for (int k = 0; k < columns; k++) {
            if (Prefetch.IS_ON) {
                nothing.intoArray(q, qa + k * STRIPE + SHORTS_AHEAD_OF_ONE, noShorts);
            }
            IntVector ia =
                    (IntVector) ShortVector.fromArray(S, q, qa + k * STRIPE).castShape(I, 0);
            FloatVector wa =
                    ia.lanewise(LSHL, shift).and(mask).reinterpretAsFloats().mul(factor);
            IntVector ib =
                    (IntVector) ShortVector.fromArray(S, q, qb + k * STRIPE).castShape(I, 0);
            FloatVector wb =
                    ib.lanewise(LSHL, shift).and(mask).reinterpretAsFloats().mul(factor);
            FloatVector v0 = FloatVector.broadcast(F, x[xAt + k * 4]);
            a0 = wa.fma(v0, a0);
            b0 = wb.fma(v0, b0);
            FloatVector v1 = FloatVector.broadcast(F, x[xAt + k * 4 + 1]);
            a1 = wa.fma(v1, a1);
            b1 = wb.fma(v1, b1);
            FloatVector v2 = FloatVector.broadcast(F, x[xAt + k * 4 + 2]);
            a2 = wa.fma(v2, a2);
            b2 = wb.fma(v2, b2);
            FloatVector v3 = FloatVector.broadcast(F, x[xAt + k * 4 + 3]);
            a3 = wa.fma(v3, a3);
            b3 = wb.fma(v3, b3);
            FloatVector v4 = FloatVector.broadcast(F, x[next + k * 3]);
            a4 = wa.fma(v4, a4);
            b4 = wb.fma(v4, b4);
            FloatVector v5 = FloatVector.broadcast(F, x[next + k * 3 + 1]);
            a5 = wa.fma(v5, a5);
            b5 = wb.fma(v5, b5);
            FloatVector v6 = FloatVector.broadcast(F, x[next + k * 3 + 2]);
            a6 = wa.fma(v6, a6);
            b6 = wb.fma(v6, b6);
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

    private static void tile2x8(PackedHalf w, float[] x, int xAt, float[] y, int yAt, int yStride, int v) {
        short[] q = w.w;
        int columns = w.columns(), next = xAt + 4 * columns;
        int qa = firstWeight(w, v), qb = firstWeight(w, v + 1);
        IntVector shift = IntVector.broadcast(I, w.shift), mask = IntVector.broadcast(I, w.mask);
        FloatVector factor = FloatVector.broadcast(F, w.factor());
        FloatVector z = FloatVector.zero(F);
        FloatVector a0 = z, a1 = z, a2 = z, a3 = z, a4 = z, a5 = z, a6 = z, a7 = z;
        FloatVector b0 = z, b1 = z, b2 = z, b3 = z, b4 = z, b5 = z, b6 = z, b7 = z;
        ShortVector nothing = ShortVector.zero(S);
        VectorMask<Short> noShorts = VectorMask.fromLong(S, Prefetch.noLanes);
        for (int k = 0; k < columns; k++) {
            if (Prefetch.IS_ON) {
                nothing.intoArray(q, qa + k * STRIPE + SHORTS_AHEAD_OF_ONE, noShorts);
            }
            IntVector ia =
                    (IntVector) ShortVector.fromArray(S, q, qa + k * STRIPE).castShape(I, 0);
            FloatVector wa =
                    ia.lanewise(LSHL, shift).and(mask).reinterpretAsFloats().mul(factor);
            IntVector ib =
                    (IntVector) ShortVector.fromArray(S, q, qb + k * STRIPE).castShape(I, 0);
            FloatVector wb =
                    ib.lanewise(LSHL, shift).and(mask).reinterpretAsFloats().mul(factor);
            FloatVector v0 = FloatVector.broadcast(F, x[xAt + k * 4]);
            a0 = wa.fma(v0, a0);
            b0 = wb.fma(v0, b0);
            FloatVector v1 = FloatVector.broadcast(F, x[xAt + k * 4 + 1]);
            a1 = wa.fma(v1, a1);
            b1 = wb.fma(v1, b1);
            FloatVector v2 = FloatVector.broadcast(F, x[xAt + k * 4 + 2]);
            a2 = wa.fma(v2, a2);
            b2 = wb.fma(v2, b2);
            FloatVector v3 = FloatVector.broadcast(F, x[xAt + k * 4 + 3]);
            a3 = wa.fma(v3, a3);
            b3 = wb.fma(v3, b3);
            FloatVector v4 = FloatVector.broadcast(F, x[next + k * 4]);
            a4 = wa.fma(v4, a4);
            b4 = wb.fma(v4, b4);
            FloatVector v5 = FloatVector.broadcast(F, x[next + k * 4 + 1]);
            a5 = wa.fma(v5, a5);
            b5 = wb.fma(v5, b5);
            FloatVector v6 = FloatVector.broadcast(F, x[next + k * 4 + 2]);
            a6 = wa.fma(v6, a6);
            b6 = wb.fma(v6, b6);
            FloatVector v7 = FloatVector.broadcast(F, x[next + k * 4 + 3]);
            a7 = wa.fma(v7, a7);
            b7 = wb.fma(v7, b7);
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
}
