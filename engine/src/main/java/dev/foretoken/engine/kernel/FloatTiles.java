package dev.foretoken.engine.kernel;

import static dev.foretoken.engine.kernel.VectorWidth.F;
import static dev.foretoken.engine.kernel.VectorWidth.LANES;

import jdk.incubator.vector.FloatVector;

/**
 * Float panels times activations, added to what {@code y} holds; letters as in {@link Q8Tiles}.
 *
 * <p>A panel is {@code [k][16]}; vector j of a tile starts {@code j * pStep} after the first: the next vector of the same
 * panel, or with 512-bit vectors the next panel. Keys of an attention block are such panels, with k = dimension.
 */
final class FloatTiles {
    private FloatTiles() {}

    /** Runs the tile of so many vectors and tokens over {@code kCount} columns. */
    static void run(
            int vectors,
            int tokens,
            float[] p,
            int pAt,
            int pStep,
            int kCount,
            float[] x,
            int xAt,
            float[] y,
            int yAt,
            int yStride) {
        switch (vectors << 3 | tokens) {
            case 4 << 3 | 1 -> tile4x1(p, pAt, pStep, kCount, x, xAt, y, yAt, yStride);
            case 4 << 3 | 2 -> tile4x2(p, pAt, pStep, kCount, x, xAt, y, yAt, yStride);
            case 4 << 3 | 3 -> tile4x3(p, pAt, pStep, kCount, x, xAt, y, yAt, yStride);
            case 4 << 3 | 4 -> tile4x4(p, pAt, pStep, kCount, x, xAt, y, yAt, yStride);
            case 2 << 3 | 1 -> tile2x1(p, pAt, pStep, kCount, x, xAt, y, yAt, yStride);
            case 2 << 3 | 2 -> tile2x2(p, pAt, pStep, kCount, x, xAt, y, yAt, yStride);
            case 2 << 3 | 3 -> tile2x3(p, pAt, pStep, kCount, x, xAt, y, yAt, yStride);
            case 2 << 3 | 4 -> tile2x4(p, pAt, pStep, kCount, x, xAt, y, yAt, yStride);
            case 1 << 3 | 1 -> tile1x1(p, pAt, pStep, kCount, x, xAt, y, yAt, yStride);
            case 1 << 3 | 2 -> tile1x2(p, pAt, pStep, kCount, x, xAt, y, yAt, yStride);
            case 1 << 3 | 3 -> tile1x3(p, pAt, pStep, kCount, x, xAt, y, yAt, yStride);
            case 1 << 3 | 4 -> tile1x4(p, pAt, pStep, kCount, x, xAt, y, yAt, yStride);
            default -> throw new IllegalArgumentException("no tile of " + vectors + " x " + tokens);
        }
    }

    /** Two vectors and eight tokens: a tile of activations at {@code xAt} and the next one at {@code nextAt}. */
    static void tile2x8(
            float[] p,
            int pAt,
            int pStep,
            int kCount,
            float[] x,
            int xAt,
            int nextAt,
            float[] y,
            int yAt,
            int yStride) {
        int pb = pAt + pStep;
        int at = yAt;
        FloatVector a0 = FloatVector.fromArray(F, y, at);
        FloatVector b0 = FloatVector.fromArray(F, y, at + LANES);
        at += yStride;
        FloatVector a1 = FloatVector.fromArray(F, y, at);
        FloatVector b1 = FloatVector.fromArray(F, y, at + LANES);
        at += yStride;
        FloatVector a2 = FloatVector.fromArray(F, y, at);
        FloatVector b2 = FloatVector.fromArray(F, y, at + LANES);
        at += yStride;
        FloatVector a3 = FloatVector.fromArray(F, y, at);
        FloatVector b3 = FloatVector.fromArray(F, y, at + LANES);
        at += yStride;
        FloatVector a4 = FloatVector.fromArray(F, y, at);
        FloatVector b4 = FloatVector.fromArray(F, y, at + LANES);
        at += yStride;
        FloatVector a5 = FloatVector.fromArray(F, y, at);
        FloatVector b5 = FloatVector.fromArray(F, y, at + LANES);
        at += yStride;
        FloatVector a6 = FloatVector.fromArray(F, y, at);
        FloatVector b6 = FloatVector.fromArray(F, y, at + LANES);
        at += yStride;
        FloatVector a7 = FloatVector.fromArray(F, y, at);
        FloatVector b7 = FloatVector.fromArray(F, y, at + LANES);
        for (int k = 0; k < kCount; k++) {
            FloatVector wa = FloatVector.fromArray(F, p, pAt + k * 16);
            FloatVector wb = FloatVector.fromArray(F, p, pb + k * 16);
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
            FloatVector v4 = FloatVector.broadcast(F, x[nextAt + k * 4]);
            a4 = wa.fma(v4, a4);
            b4 = wb.fma(v4, b4);
            FloatVector v5 = FloatVector.broadcast(F, x[nextAt + k * 4 + 1]);
            a5 = wa.fma(v5, a5);
            b5 = wb.fma(v5, b5);
            FloatVector v6 = FloatVector.broadcast(F, x[nextAt + k * 4 + 2]);
            a6 = wa.fma(v6, a6);
            b6 = wb.fma(v6, b6);
            FloatVector v7 = FloatVector.broadcast(F, x[nextAt + k * 4 + 3]);
            a7 = wa.fma(v7, a7);
            b7 = wb.fma(v7, b7);
        }
        at = yAt + 7 * yStride; // anew and backwards: eight places are too many to keep beside the loop
        a7.intoArray(y, at);
        b7.intoArray(y, at + LANES);
        at -= yStride;
        a6.intoArray(y, at);
        b6.intoArray(y, at + LANES);
        at -= yStride;
        a5.intoArray(y, at);
        b5.intoArray(y, at + LANES);
        at -= yStride;
        a4.intoArray(y, at);
        b4.intoArray(y, at + LANES);
        at -= yStride;
        a3.intoArray(y, at);
        b3.intoArray(y, at + LANES);
        at -= yStride;
        a2.intoArray(y, at);
        b2.intoArray(y, at + LANES);
        at -= yStride;
        a1.intoArray(y, at);
        b1.intoArray(y, at + LANES);
        at -= yStride;
        a0.intoArray(y, at);
        b0.intoArray(y, at + LANES);
    }

    private static void tile4x1(
            float[] p, int pAt, int pStep, int kCount, float[] x, int xAt, float[] y, int yAt, int yStride) {
        int y0 = yAt;
        int pb = pAt + pStep, pc = pAt + 2 * pStep, pd = pAt + 3 * pStep;
        FloatVector a0 = FloatVector.fromArray(F, y, y0);
        FloatVector b0 = FloatVector.fromArray(F, y, y0 + LANES);
        FloatVector c0 = FloatVector.fromArray(F, y, y0 + 2 * LANES);
        FloatVector d0 = FloatVector.fromArray(F, y, y0 + 3 * LANES);
        for (int k = 0; k < kCount; k++) {
            FloatVector wa = FloatVector.fromArray(F, p, pAt + k * 16);
            FloatVector wb = FloatVector.fromArray(F, p, pb + k * 16);
            FloatVector wc = FloatVector.fromArray(F, p, pc + k * 16);
            FloatVector wd = FloatVector.fromArray(F, p, pd + k * 16);
            FloatVector v0 = FloatVector.broadcast(F, x[xAt + k]);
            a0 = wa.fma(v0, a0);
            b0 = wb.fma(v0, b0);
            c0 = wc.fma(v0, c0);
            d0 = wd.fma(v0, d0);
        }
        a0.intoArray(y, y0);
        b0.intoArray(y, y0 + LANES);
        c0.intoArray(y, y0 + 2 * LANES);
        d0.intoArray(y, y0 + 3 * LANES);
    }

    private static void tile4x2(
            float[] p, int pAt, int pStep, int kCount, float[] x, int xAt, float[] y, int yAt, int yStride) {
        int y0 = yAt, y1 = yAt + yStride;
        int pb = pAt + pStep, pc = pAt + 2 * pStep, pd = pAt + 3 * pStep;
        FloatVector a0 = FloatVector.fromArray(F, y, y0);
        FloatVector a1 = FloatVector.fromArray(F, y, y1);
        FloatVector b0 = FloatVector.fromArray(F, y, y0 + LANES);
        FloatVector b1 = FloatVector.fromArray(F, y, y1 + LANES);
        FloatVector c0 = FloatVector.fromArray(F, y, y0 + 2 * LANES);
        FloatVector c1 = FloatVector.fromArray(F, y, y1 + 2 * LANES);
        FloatVector d0 = FloatVector.fromArray(F, y, y0 + 3 * LANES);
        FloatVector d1 = FloatVector.fromArray(F, y, y1 + 3 * LANES);
        for (int k = 0; k < kCount; k++) {
            FloatVector wa = FloatVector.fromArray(F, p, pAt + k * 16);
            FloatVector wb = FloatVector.fromArray(F, p, pb + k * 16);
            FloatVector wc = FloatVector.fromArray(F, p, pc + k * 16);
            FloatVector wd = FloatVector.fromArray(F, p, pd + k * 16);
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
        a0.intoArray(y, y0);
        b0.intoArray(y, y0 + LANES);
        c0.intoArray(y, y0 + 2 * LANES);
        d0.intoArray(y, y0 + 3 * LANES);
        a1.intoArray(y, y1);
        b1.intoArray(y, y1 + LANES);
        c1.intoArray(y, y1 + 2 * LANES);
        d1.intoArray(y, y1 + 3 * LANES);
    }

    private static void tile4x3(
            float[] p, int pAt, int pStep, int kCount, float[] x, int xAt, float[] y, int yAt, int yStride) {
        int y0 = yAt, y1 = yAt + yStride, y2 = yAt + 2 * yStride;
        int pb = pAt + pStep, pc = pAt + 2 * pStep, pd = pAt + 3 * pStep;
        FloatVector a0 = FloatVector.fromArray(F, y, y0);
        FloatVector a1 = FloatVector.fromArray(F, y, y1);
        FloatVector a2 = FloatVector.fromArray(F, y, y2);
        FloatVector b0 = FloatVector.fromArray(F, y, y0 + LANES);
        FloatVector b1 = FloatVector.fromArray(F, y, y1 + LANES);
        FloatVector b2 = FloatVector.fromArray(F, y, y2 + LANES);
        FloatVector c0 = FloatVector.fromArray(F, y, y0 + 2 * LANES);
        FloatVector c1 = FloatVector.fromArray(F, y, y1 + 2 * LANES);
        FloatVector c2 = FloatVector.fromArray(F, y, y2 + 2 * LANES);
        FloatVector d0 = FloatVector.fromArray(F, y, y0 + 3 * LANES);
        FloatVector d1 = FloatVector.fromArray(F, y, y1 + 3 * LANES);
        FloatVector d2 = FloatVector.fromArray(F, y, y2 + 3 * LANES);
        for (int k = 0; k < kCount; k++) {
            FloatVector wa = FloatVector.fromArray(F, p, pAt + k * 16);
            FloatVector wb = FloatVector.fromArray(F, p, pb + k * 16);
            FloatVector wc = FloatVector.fromArray(F, p, pc + k * 16);
            FloatVector wd = FloatVector.fromArray(F, p, pd + k * 16);
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
        a0.intoArray(y, y0);
        b0.intoArray(y, y0 + LANES);
        c0.intoArray(y, y0 + 2 * LANES);
        d0.intoArray(y, y0 + 3 * LANES);
        a1.intoArray(y, y1);
        b1.intoArray(y, y1 + LANES);
        c1.intoArray(y, y1 + 2 * LANES);
        d1.intoArray(y, y1 + 3 * LANES);
        a2.intoArray(y, y2);
        b2.intoArray(y, y2 + LANES);
        c2.intoArray(y, y2 + 2 * LANES);
        d2.intoArray(y, y2 + 3 * LANES);
    }

    private static void tile4x4(
            float[] p, int pAt, int pStep, int kCount, float[] x, int xAt, float[] y, int yAt, int yStride) {
        int y0 = yAt, y1 = yAt + yStride, y2 = yAt + 2 * yStride, y3 = yAt + 3 * yStride;
        int pb = pAt + pStep, pc = pAt + 2 * pStep, pd = pAt + 3 * pStep;
        FloatVector a0 = FloatVector.fromArray(F, y, y0);
        FloatVector a1 = FloatVector.fromArray(F, y, y1);
        FloatVector a2 = FloatVector.fromArray(F, y, y2);
        FloatVector a3 = FloatVector.fromArray(F, y, y3);
        FloatVector b0 = FloatVector.fromArray(F, y, y0 + LANES);
        FloatVector b1 = FloatVector.fromArray(F, y, y1 + LANES);
        FloatVector b2 = FloatVector.fromArray(F, y, y2 + LANES);
        FloatVector b3 = FloatVector.fromArray(F, y, y3 + LANES);
        FloatVector c0 = FloatVector.fromArray(F, y, y0 + 2 * LANES);
        FloatVector c1 = FloatVector.fromArray(F, y, y1 + 2 * LANES);
        FloatVector c2 = FloatVector.fromArray(F, y, y2 + 2 * LANES);
        FloatVector c3 = FloatVector.fromArray(F, y, y3 + 2 * LANES);
        FloatVector d0 = FloatVector.fromArray(F, y, y0 + 3 * LANES);
        FloatVector d1 = FloatVector.fromArray(F, y, y1 + 3 * LANES);
        FloatVector d2 = FloatVector.fromArray(F, y, y2 + 3 * LANES);
        FloatVector d3 = FloatVector.fromArray(F, y, y3 + 3 * LANES);
        for (int k = 0; k < kCount; k++) {
            FloatVector wa = FloatVector.fromArray(F, p, pAt + k * 16);
            FloatVector wb = FloatVector.fromArray(F, p, pb + k * 16);
            FloatVector wc = FloatVector.fromArray(F, p, pc + k * 16);
            FloatVector wd = FloatVector.fromArray(F, p, pd + k * 16);
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
        a0.intoArray(y, y0);
        b0.intoArray(y, y0 + LANES);
        c0.intoArray(y, y0 + 2 * LANES);
        d0.intoArray(y, y0 + 3 * LANES);
        a1.intoArray(y, y1);
        b1.intoArray(y, y1 + LANES);
        c1.intoArray(y, y1 + 2 * LANES);
        d1.intoArray(y, y1 + 3 * LANES);
        a2.intoArray(y, y2);
        b2.intoArray(y, y2 + LANES);
        c2.intoArray(y, y2 + 2 * LANES);
        d2.intoArray(y, y2 + 3 * LANES);
        a3.intoArray(y, y3);
        b3.intoArray(y, y3 + LANES);
        c3.intoArray(y, y3 + 2 * LANES);
        d3.intoArray(y, y3 + 3 * LANES);
    }

    private static void tile2x1(
            float[] p, int pAt, int pStep, int kCount, float[] x, int xAt, float[] y, int yAt, int yStride) {
        int y0 = yAt;
        int pb = pAt + pStep;
        FloatVector a0 = FloatVector.fromArray(F, y, y0);
        FloatVector b0 = FloatVector.fromArray(F, y, y0 + LANES);
        for (int k = 0; k < kCount; k++) {
            FloatVector wa = FloatVector.fromArray(F, p, pAt + k * 16);
            FloatVector wb = FloatVector.fromArray(F, p, pb + k * 16);
            FloatVector v0 = FloatVector.broadcast(F, x[xAt + k]);
            a0 = wa.fma(v0, a0);
            b0 = wb.fma(v0, b0);
        }
        a0.intoArray(y, y0);
        b0.intoArray(y, y0 + LANES);
    }

    private static void tile2x2(
            float[] p, int pAt, int pStep, int kCount, float[] x, int xAt, float[] y, int yAt, int yStride) {
        int y0 = yAt, y1 = yAt + yStride;
        int pb = pAt + pStep;
        FloatVector a0 = FloatVector.fromArray(F, y, y0);
        FloatVector a1 = FloatVector.fromArray(F, y, y1);
        FloatVector b0 = FloatVector.fromArray(F, y, y0 + LANES);
        FloatVector b1 = FloatVector.fromArray(F, y, y1 + LANES);
        for (int k = 0; k < kCount; k++) {
            FloatVector wa = FloatVector.fromArray(F, p, pAt + k * 16);
            FloatVector wb = FloatVector.fromArray(F, p, pb + k * 16);
            FloatVector v0 = FloatVector.broadcast(F, x[xAt + k * 2]);
            a0 = wa.fma(v0, a0);
            b0 = wb.fma(v0, b0);
            FloatVector v1 = FloatVector.broadcast(F, x[xAt + k * 2 + 1]);
            a1 = wa.fma(v1, a1);
            b1 = wb.fma(v1, b1);
        }
        a0.intoArray(y, y0);
        b0.intoArray(y, y0 + LANES);
        a1.intoArray(y, y1);
        b1.intoArray(y, y1 + LANES);
    }

    private static void tile2x3(
            float[] p, int pAt, int pStep, int kCount, float[] x, int xAt, float[] y, int yAt, int yStride) {
        int y0 = yAt, y1 = yAt + yStride, y2 = yAt + 2 * yStride;
        int pb = pAt + pStep;
        FloatVector a0 = FloatVector.fromArray(F, y, y0);
        FloatVector a1 = FloatVector.fromArray(F, y, y1);
        FloatVector a2 = FloatVector.fromArray(F, y, y2);
        FloatVector b0 = FloatVector.fromArray(F, y, y0 + LANES);
        FloatVector b1 = FloatVector.fromArray(F, y, y1 + LANES);
        FloatVector b2 = FloatVector.fromArray(F, y, y2 + LANES);
        for (int k = 0; k < kCount; k++) {
            FloatVector wa = FloatVector.fromArray(F, p, pAt + k * 16);
            FloatVector wb = FloatVector.fromArray(F, p, pb + k * 16);
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
        a0.intoArray(y, y0);
        b0.intoArray(y, y0 + LANES);
        a1.intoArray(y, y1);
        b1.intoArray(y, y1 + LANES);
        a2.intoArray(y, y2);
        b2.intoArray(y, y2 + LANES);
    }

    private static void tile2x4(
            float[] p, int pAt, int pStep, int kCount, float[] x, int xAt, float[] y, int yAt, int yStride) {
        int y0 = yAt, y1 = yAt + yStride, y2 = yAt + 2 * yStride, y3 = yAt + 3 * yStride;
        int pb = pAt + pStep;
        FloatVector a0 = FloatVector.fromArray(F, y, y0);
        FloatVector a1 = FloatVector.fromArray(F, y, y1);
        FloatVector a2 = FloatVector.fromArray(F, y, y2);
        FloatVector a3 = FloatVector.fromArray(F, y, y3);
        FloatVector b0 = FloatVector.fromArray(F, y, y0 + LANES);
        FloatVector b1 = FloatVector.fromArray(F, y, y1 + LANES);
        FloatVector b2 = FloatVector.fromArray(F, y, y2 + LANES);
        FloatVector b3 = FloatVector.fromArray(F, y, y3 + LANES);
        for (int k = 0; k < kCount; k++) {
            FloatVector wa = FloatVector.fromArray(F, p, pAt + k * 16);
            FloatVector wb = FloatVector.fromArray(F, p, pb + k * 16);
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
        a0.intoArray(y, y0);
        b0.intoArray(y, y0 + LANES);
        a1.intoArray(y, y1);
        b1.intoArray(y, y1 + LANES);
        a2.intoArray(y, y2);
        b2.intoArray(y, y2 + LANES);
        a3.intoArray(y, y3);
        b3.intoArray(y, y3 + LANES);
    }

    private static void tile1x1(
            float[] p, int pAt, int pStep, int kCount, float[] x, int xAt, float[] y, int yAt, int yStride) {
        int y0 = yAt;
        FloatVector a0 = FloatVector.fromArray(F, y, y0);
        for (int k = 0; k < kCount; k++) {
            FloatVector wa = FloatVector.fromArray(F, p, pAt + k * 16);
            FloatVector v0 = FloatVector.broadcast(F, x[xAt + k]);
            a0 = wa.fma(v0, a0);
        }
        a0.intoArray(y, y0);
    }

    private static void tile1x2(
            float[] p, int pAt, int pStep, int kCount, float[] x, int xAt, float[] y, int yAt, int yStride) {
        int y0 = yAt, y1 = yAt + yStride;
        FloatVector a0 = FloatVector.fromArray(F, y, y0);
        FloatVector a1 = FloatVector.fromArray(F, y, y1);
        for (int k = 0; k < kCount; k++) {
            FloatVector wa = FloatVector.fromArray(F, p, pAt + k * 16);
            FloatVector v0 = FloatVector.broadcast(F, x[xAt + k * 2]);
            a0 = wa.fma(v0, a0);
            FloatVector v1 = FloatVector.broadcast(F, x[xAt + k * 2 + 1]);
            a1 = wa.fma(v1, a1);
        }
        a0.intoArray(y, y0);
        a1.intoArray(y, y1);
    }

    private static void tile1x3(
            float[] p, int pAt, int pStep, int kCount, float[] x, int xAt, float[] y, int yAt, int yStride) {
        int y0 = yAt, y1 = yAt + yStride, y2 = yAt + 2 * yStride;
        FloatVector a0 = FloatVector.fromArray(F, y, y0);
        FloatVector a1 = FloatVector.fromArray(F, y, y1);
        FloatVector a2 = FloatVector.fromArray(F, y, y2);
        for (int k = 0; k < kCount; k++) {
            FloatVector wa = FloatVector.fromArray(F, p, pAt + k * 16);
            FloatVector v0 = FloatVector.broadcast(F, x[xAt + k * 3]);
            a0 = wa.fma(v0, a0);
            FloatVector v1 = FloatVector.broadcast(F, x[xAt + k * 3 + 1]);
            a1 = wa.fma(v1, a1);
            FloatVector v2 = FloatVector.broadcast(F, x[xAt + k * 3 + 2]);
            a2 = wa.fma(v2, a2);
        }
        a0.intoArray(y, y0);
        a1.intoArray(y, y1);
        a2.intoArray(y, y2);
    }

    private static void tile1x4(
            float[] p, int pAt, int pStep, int kCount, float[] x, int xAt, float[] y, int yAt, int yStride) {
        int y0 = yAt, y1 = yAt + yStride, y2 = yAt + 2 * yStride, y3 = yAt + 3 * yStride;
        FloatVector a0 = FloatVector.fromArray(F, y, y0);
        FloatVector a1 = FloatVector.fromArray(F, y, y1);
        FloatVector a2 = FloatVector.fromArray(F, y, y2);
        FloatVector a3 = FloatVector.fromArray(F, y, y3);
        for (int k = 0; k < kCount; k++) {
            FloatVector wa = FloatVector.fromArray(F, p, pAt + k * 16);
            FloatVector v0 = FloatVector.broadcast(F, x[xAt + k * 4]);
            a0 = wa.fma(v0, a0);
            FloatVector v1 = FloatVector.broadcast(F, x[xAt + k * 4 + 1]);
            a1 = wa.fma(v1, a1);
            FloatVector v2 = FloatVector.broadcast(F, x[xAt + k * 4 + 2]);
            a2 = wa.fma(v2, a2);
            FloatVector v3 = FloatVector.broadcast(F, x[xAt + k * 4 + 3]);
            a3 = wa.fma(v3, a3);
        }
        a0.intoArray(y, y0);
        a1.intoArray(y, y1);
        a2.intoArray(y, y2);
        a3.intoArray(y, y3);
    }
}
