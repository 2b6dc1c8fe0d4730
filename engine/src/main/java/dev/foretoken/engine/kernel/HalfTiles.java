package dev.foretoken.engine.kernel;

import static dev.foretoken.engine.kernel.PackedMatrix.STRIPE;
import static dev.foretoken.engine.kernel.Q8Tiles.firstWeight;
import static dev.foretoken.engine.kernel.VectorWidth.F;
import static dev.foretoken.engine.kernel.VectorWidth.I;
import static dev.foretoken.engine.kernel.VectorWidth.LANES;
import static jdk.incubator.vector.VectorOperators.LSHL;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Weights of 16 bits times activations, widened in registers as {@link PackedHalf} says: tiles of two vectors of rows and 1 to 4
 * tokens. Letters as in {@link Q8Tiles}. Not for 128 bits, where a stripe is four vectors.
 */
final class HalfTiles {
    /** As many shorts as a vector has floats. */
    static final VectorSpecies<Short> S = switch (LANES) {
        case 16 -> ShortVector.SPECIES_256;
        case 8 -> ShortVector.SPECIES_128;
        default -> ShortVector.SPECIES_64;
    };

    private HalfTiles() {}

    /** Runs the tile of two vectors, from vector {@code v} on, and 1 to 4 tokens. */
    static void run(int tokens, PackedHalf w, float[] x, int xAt, float[] y, int yAt, int yStride, int v) {
        switch (tokens) {
            case 1 -> tile2x1(w, x, xAt, y, yAt, v);
            case 2 -> tile2x2(w, x, xAt, y, yAt, yStride, v);
            case 3 -> tile2x3(w, x, xAt, y, yAt, yStride, v);
            case 4 -> tile2x4(w, x, xAt, y, yAt, yStride, v);
            default -> throw new IllegalArgumentException("no tile of 2 x " + tokens);
        }
    }

    private static void tile2x1(PackedHalf w, float[] x, int xAt, float[] y, int yAt, int v) {
        short[] q = w.w;
        int columns = w.columns();
        int qa = firstWeight(w, v), qb = firstWeight(w, v + 1);
        IntVector shift = IntVector.broadcast(I, w.shift), mask = IntVector.broadcast(I, w.mask);
        FloatVector factor = FloatVector.broadcast(F, w.factor());
        FloatVector z = FloatVector.zero(F);
        FloatVector a0 = z;
        FloatVector b0 = z;
        for (int k = 0; k < columns; k++) {
            IntVector ia =
                    (IntVector) ShortVector.fromArray(S, q, qa + k * STRIPE).castShape(I, 0);
            FloatVector wa =
                    ia.lanewise(LSHL, shift).and(mask).reinterpretAsFloats().mul(factor);
            IntVector ib =
                    (IntVector) ShortVector.fromArray(S, q, qb + k * STRIPE).castShape(I, 0);
            FloatVector wb =
                    ib.lanewise(LSHL, shift).and(mask).reinterpretAsFloats().mul(factor);
            FloatVector v0 = FloatVector.broadcast(F, x[xAt + k]);
            a0 = wa.fma(v0, a0);
            b0 = wb.fma(v0, b0);
        }
        a0.intoArray(y, yAt);
        b0.intoArray(y, yAt + LANES);
    }

    private static void tile2x2(PackedHalf w, float[] x, int xAt, float[] y, int yAt, int yStride, int v) {
        short[] q = w.w;
        int columns = w.columns();
        int qa = firstWeight(w, v), qb = firstWeight(w, v + 1);
        IntVector shift = IntVector.broadcast(I, w.shift), mask = IntVector.broadcast(I, w.mask);
        FloatVector factor = FloatVector.broadcast(F, w.factor());
        FloatVector z = FloatVector.zero(F);
        FloatVector a0 = z, a1 = z;
        FloatVector b0 = z, b1 = z;
        for (int k = 0; k < columns; k++) {
            IntVector ia =
                    (IntVector) ShortVector.fromArray(S, q, qa + k * STRIPE).castShape(I, 0);
            FloatVector wa =
                    ia.lanewise(LSHL, shift).and(mask).reinterpretAsFloats().mul(factor);
            IntVector ib =
                    (IntVector) ShortVector.fromArray(S, q, qb + k * STRIPE).castShape(I, 0);
            FloatVector wb =
                    ib.lanewise(LSHL, shift).and(mask).reinterpretAsFloats().mul(factor);
            FloatVector v0 = FloatVector.broadcast(F, x[xAt + k * 2]);
            a0 = wa.fma(v0, a0);
            b0 = wb.fma(v0, b0);
            FloatVector v1 = FloatVector.broadcast(F, x[xAt + k * 2 + 1]);
            a1 = wa.fma(v1, a1);
            b1 = wb.fma(v1, b1);
        }
        int at = yAt;
        a0.intoArray(y, at);
        b0.intoArray(y, at + LANES);
        at += yStride;
        a1.intoArray(y, at);
        b1.intoArray(y, at + LANES);
    }

    private static void tile2x3(PackedHalf w, float[] x, int xAt, float[] y, int yAt, int yStride, int v) {
        short[] q = w.w;
        int columns = w.columns();
        int qa = firstWeight(w, v), qb = firstWeight(w, v + 1);
        IntVector shift = IntVector.broadcast(I, w.shift), mask = IntVector.broadcast(I, w.mask);
        FloatVector factor = FloatVector.broadcast(F, w.factor());
        FloatVector z = FloatVector.zero(F);
        FloatVector a0 = z, a1 = z, a2 = z;
        FloatVector b0 = z, b1 = z, b2 = z;
        for (int k = 0; k < columns; k++) {
            IntVector ia =
                    (IntVector) ShortVector.fromArray(S, q, qa + k * STRIPE).castShape(I, 0);
            FloatVector wa =
                    ia.lanewise(LSHL, shift).and(mask).reinterpretAsFloats().mul(factor);
            IntVector ib =
                    (IntVector) ShortVector.fromArray(S, q, qb + k * STRIPE).castShape(I, 0);
            FloatVector wb =
                    ib.lanewise(LSHL, shift).and(mask).reinterpretAsFloats().mul(factor);
            FloatVector v0 = FloatVector.broadcast(F, x[xAt + k * 3]);
            a0 = wa.fma(v0, a0);
            b0 = wb.fma(v0, b0);
            FloatVector v1 = FloatVector.broadcast(F, x[xAt + k * 3 + 1]);
            a1 = wa.fma(v1, a1);
            b1 = wb.fma(v1, b1);
            FloatVector v2 = FloatVector.broadcast(F, x[xAt + k * 3 + 2]);
            a2 = wa.fma(v2, a2);
            b2 = wb.fma(v2, b2);
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

    private static void tile2x4(PackedHalf w, float[] x, int xAt, float[] y, int yAt, int yStride, int v) {
        short[] q = w.w;
        int columns = w.columns();
        int qa = firstWeight(w, v), qb = firstWeight(w, v + 1);
        IntVector shift = IntVector.broadcast(I, w.shift), mask = IntVector.broadcast(I, w.mask);
        FloatVector factor = FloatVector.broadcast(F, w.factor());
        FloatVector z = FloatVector.zero(F);
        FloatVector a0 = z, a1 = z, a2 = z, a3 = z;
        FloatVector b0 = z, b1 = z, b2 = z, b3 = z;
        for (int k = 0; k < columns; k++) {
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
