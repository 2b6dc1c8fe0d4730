package dev.foretoken.engine.kernel;

import static dev.foretoken.engine.kernel.VectorWidth.F;
import static dev.foretoken.engine.kernel.VectorWidth.LANES;

import jdk.incubator.vector.FloatVector;

/**
 * Attention weights times values, added to what {@code y} holds: vectors a..d are dimensions side by side, tokens 0..3 are
 * queries, k is the position; letters as in {@link Q8Tiles}.
 */
final class ValueTiles {
    private ValueTiles() {}

    /**
     * Runs the tile of so many vectors and queries.
     *
     * @param p values, {@code [positions][pStride]} from {@code pAt}
     * @param x weights, query t from {@code xAt + t * xStride}
     */
    static void run(
            int vectors,
            int tokens,
            float[] p,
            int pAt,
            int pStride,
            int positions,
            float[] x,
            int xAt,
            int xStride,
            float[] y,
            int yAt,
            int yStride) {
        switch (vectors << 3 | tokens) {
            case 4 << 3 | 1 -> tile4x1(p, pAt, pStride, positions, x, xAt, xStride, y, yAt, yStride);
            case 4 << 3 | 2 -> tile4x2(p, pAt, pStride, positions, x, xAt, xStride, y, yAt, yStride);
            case 4 << 3 | 3 -> tile4x3(p, pAt, pStride, positions, x, xAt, xStride, y, yAt, yStride);
            case 4 << 3 | 4 -> tile4x4(p, pAt, pStride, positions, x, xAt, xStride, y, yAt, yStride);
            case 2 << 3 | 1 -> tile2x1(p, pAt, pStride, positions, x, xAt, xStride, y, yAt, yStride);
            case 2 << 3 | 2 -> tile2x2(p, pAt, pStride, positions, x, xAt, xStride, y, yAt, yStride);
            case 2 << 3 | 3 -> tile2x3(p, pAt, pStride, positions, x, xAt, xStride, y, yAt, yStride);
            case 2 << 3 | 4 -> tile2x4(p, pAt, pStride, positions, x, xAt, xStride, y, yAt, yStride);
            case 1 << 3 | 1 -> tile1x1(p, pAt, pStride, positions, x, xAt, xStride, y, yAt, yStride);
            case 1 << 3 | 2 -> tile1x2(p, pAt, pStride, positions, x, xAt, xStride, y, yAt, yStride);
            case 1 << 3 | 3 -> tile1x3(p, pAt, pStride, positions, x, xAt, xStride, y, yAt, yStride);
            case 1 << 3 | 4 -> tile1x4(p, pAt, pStride, positions, x, xAt, xStride, y, yAt, yStride);
            default -> throw new IllegalArgumentException("no tile of " + vectors + " x " + tokens);
        }
    }

    private static void tile4x1(
            float[] p,
            int pAt,
            int pStride,
            int positions,
            float[] x,
            int xAt,
            int xStride,
            float[] y,
            int yAt,
            int yStride) {
        int y0 = yAt;
        FloatVector a0 = FloatVector.fromArray(F, y, y0);
        FloatVector b0 = FloatVector.fromArray(F, y, y0 + LANES);
        FloatVector c0 = FloatVector.fromArray(F, y, y0 + 2 * LANES);
        FloatVector d0 = FloatVector.fromArray(F, y, y0 + 3 * LANES);
        for (int k = 0; k < positions; k++) {
            int at = pAt + k * pStride;
            FloatVector wa = FloatVector.fromArray(F, p, at);
            FloatVector wb = FloatVector.fromArray(F, p, at + LANES);
            FloatVector wc = FloatVector.fromArray(F, p, at + 2 * LANES);
            FloatVector wd = FloatVector.fromArray(F, p, at + 3 * LANES);
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
            float[] p,
            int pAt,
            int pStride,
            int positions,
            float[] x,
            int xAt,
            int xStride,
            float[] y,
            int yAt,
            int yStride) {
        int y0 = yAt, y1 = yAt + yStride;
        int x1 = xAt + xStride;
        FloatVector a0 = FloatVector.fromArray(F, y, y0);
        FloatVector a1 = FloatVector.fromArray(F, y, y1);
        FloatVector b0 = FloatVector.fromArray(F, y, y0 + LANES);
        FloatVector b1 = FloatVector.fromArray(F, y, y1 + LANES);
        FloatVector c0 = FloatVector.fromArray(F, y, y0 + 2 * LANES);
        FloatVector c1 = FloatVector.fromArray(F, y, y1 + 2 * LANES);
        FloatVector d0 = FloatVector.fromArray(F, y, y0 + 3 * LANES);
        FloatVector d1 = FloatVector.fromArray(F, y, y1 + 3 * LANES);
        for (int k = 0; k < positions; k++) {
            int at = pAt + k * pStride;
            FloatVector wa = FloatVector.fromArray(F, p, at);
            FloatVector wb = FloatVector.fromArray(F, p, at + LANES);
            FloatVector wc = FloatVector.fromArray(F, p, at + 2 * LANES);
            FloatVector wd = FloatVector.fromArray(F, p, at + 3 * LANES);
            FloatVector v0 = FloatVector.broadcast(F, x[xAt + k]);
            a0 = wa.fma(v0, a0);
            b0 = wb.fma(v0, b0);
            c0 = wc.fma(v0, c0);
            d0 = wd.fma(v0, d0);
            FloatVector v1 = FloatVector.broadcast(F, x[x1 + k]);
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
            float[] p,
            int pAt,
            int pStride,
            int positions,
            float[] x,
            int xAt,
            int xStride,
            float[] y,
            int yAt,
            int yStride) {
        int y0 = yAt, y1 = yAt + yStride, y2 = yAt + 2 * yStride;
        int x1 = xAt + xStride, x2 = xAt + 2 * xStride;
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
        for (int k = 0; k < positions; k++) {
            int at = pAt + k * pStride;
            FloatVector wa = FloatVector.fromArray(F, p, at);
            FloatVector wb = FloatVector.fromArray(F, p, at + LANES);
            FloatVector wc = FloatVector.fromArray(F, p, at + 2 * LANES);
            FloatVector wd = FloatVector.fromArray(F, p, at + 3 * LANES);
            FloatVector v0 = FloatVector.broadcast(F, x[xAt + k]);
            a0 = wa.fma(v0, a0);
            b0 = wb.fma(v0, b0);
            c0 = wc.fma(v0, c0);
            d0 = wd.fma(v0, d0);
            FloatVector v1 = FloatVector.broadcast(F, x[x1 + k]);
            a1 = wa.fma(v1, a1);
            b1 = wb.fma(v1, b1);
            c1 = wc.fma(v1, c1);
            d1 = wd.fma(v1, d1);
            FloatVector v2 = FloatVector.broadcast(F, x[x2 + k]);
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
            float[] p,
            int pAt,
            int pStride,
            int positions,
            float[] x,
            int xAt,
            int xStride,
            float[] y,
            int yAt,
            int yStride) {
        int y0 = yAt, y1 = yAt + yStride, y2 = yAt + 2 * yStride, y3 = yAt + 3 * yStride;
        int x1 = xAt + xStride, x2 = xAt + 2 * xStride, x3 = xAt + 3 * xStride;
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
        for (int k = 0; k < positions; k++) {
            int at = pAt + k * pStride;
            FloatVector wa = FloatVector.fromArray(F, p, at);
            FloatVector wb = FloatVector.fromArray(F, p, at + LANES);
            FloatVector wc = FloatVector.fromArray(F, p, at + 2 * LANES);
            FloatVector wd = FloatVector.fromArray(F, p, at + 3 * LANES);
            FloatVector v0 = FloatVector.broadcast(F, x[xAt + k]);
            a0 = wa.fma(v0, a0);
            b0 = wb.fma(v0, b0);
            c0 = wc.fma(v0, c0);
            d0 = wd.fma(v0, d0);
            FloatVector v1 = FloatVector.broadcast(F, x[x1 + k]);
            a1 = wa.fma(v1, a1);
            b1 = wb.fma(v1, b1);
            c1 = wc.fma(v1, c1);
            d1 = wd.fma(v1, d1);
            FloatVector v2 = FloatVector.broadcast(F, x[x2 + k]);
            a2 = wa.fma(v2, a2);
            b2 = wb.fma(v2, b2);
            c2 = wc.fma(v2, c2);
            d2 = wd.fma(v2, d2);
            FloatVector v3 = FloatVector.broadcast(F, x[x3 + k]);
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
            float[] p,
            int pAt,
            int pStride,
            int positions,
            float[] x,
            int xAt,
            int xStride,
            float[] y,
            int yAt,
            int yStride) {
        int y0 = yAt;
        FloatVector a0 = FloatVector.fromArray(F, y, y0);
        FloatVector b0 = FloatVector.fromArray(F, y, y0 + LANES);
        for (int k = 0; k < positions; k++) {
            int at = pAt + k * pStride;
            FloatVector wa = FloatVector.fromArray(F, p, at);
            FloatVector wb = FloatVector.fromArray(F, p, at + LANES);
            FloatVector v0 = FloatVector.broadcast(F, x[xAt + k]);
            a0 = wa.fma(v0, a0);
            b0 = wb.fma(v0, b0);
        }
        a0.intoArray(y, y0);
        b0.intoArray(y, y0 + LANES);
    }

    private static void tile2x2(
            float[] p,
            int pAt,
            int pStride,
            int positions,
            float[] x,
            int xAt,
            int xStride,
            float[] y,
            int yAt,
            int yStride) {
        int y0 = yAt, y1 = yAt + yStride;
        int x1 = xAt + xStride;
        FloatVector a0 = FloatVector.fromArray(F, y, y0);
        FloatVector a1 = FloatVector.fromArray(F, y, y1);
        FloatVector b0 = FloatVector.fromArray(F, y, y0 + LANES);
        FloatVector b1 = FloatVector.fromArray(F, y, y1 + LANES);
        for (int k = 0; k < positions; k++) {
            int at = pAt + k * pStride;
            FloatVector wa = FloatVector.fromArray(F, p, at);
            FloatVector wb = FloatVector.fromArray(F, p, at + LANES);
            FloatVector v0 = FloatVector.broadcast(F, x[xAt + k]);
            a0 = wa.fma(v0, a0);
            b0 = wb.fma(v0, b0);
            FloatVector v1 = FloatVector.broadcast(F, x[x1 + k]);
            a1 = wa.fma(v1, a1);
            b1 = wb.fma(v1, b1);
        }
        a0.intoArray(y, y0);
        b0.intoArray(y, y0 + LANES);
        a1.intoArray(y, y1);
        b1.intoArray(y, y1 + LANES);
    }

    private static void tile2x3(
            float[] p,
            int pAt,
            int pStride,
            int positions,
            float[] x,
            int xAt,
            int xStride,
            float[] y,
            int yAt,
            int yStride) {
        int y0 = yAt, y1 = yAt + yStride, y2 = yAt + 2 * yStride;
        int x1 = xAt + xStride, x2 = xAt + 2 * xStride;
        FloatVector a0 = FloatVector.fromArray(F, y, y0);
        FloatVector a1 = FloatVector.fromArray(F, y, y1);
        FloatVector a2 = FloatVector.fromArray(F, y, y2);
        FloatVector b0 = FloatVector.fromArray(F, y, y0 + LANES);
        FloatVector b1 = FloatVector.fromArray(F, y, y1 + LANES);
        FloatVector b2 = FloatVector.fromArray(F, y, y2 + LANES);
        for (int k = 0; k < positions; k++) {
            int at = pAt + k * pStride;
            FloatVector wa = FloatVector.fromArray(F, p, at);
            FloatVector wb = FloatVector.fromArray(F, p, at + LANES);
            FloatVector v0 = FloatVector.broadcast(F, x[xAt + k]);
            a0 = wa.fma(v0, a0);
            b0 = wb.fma(v0, b0);
            FloatVector v1 = FloatVector.broadcast(F, x[x1 + k]);
            a1 = wa.fma(v1, a1);
            b1 = wb.fma(v1, b1);
            FloatVector v2 = FloatVector.broadcast(F, x[x2 + k]);
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
            float[] p,
            int pAt,
            int pStride,
            int positions,
            float[] x,
            int xAt,
            int xStride,
            float[] y,
            int yAt,
            int yStride) {
        int y0 = yAt, y1 = yAt + yStride, y2 = yAt + 2 * yStride, y3 = yAt + 3 * yStride;
        int x1 = xAt + xStride, x2 = xAt + 2 * xStride, x3 = xAt + 3 * xStride;
        FloatVector a0 = FloatVector.fromArray(F, y, y0);
        FloatVector a1 = FloatVector.fromArray(F, y, y1);
        FloatVector a2 = FloatVector.fromArray(F, y, y2);
        FloatVector a3 = FloatVector.fromArray(F, y, y3);
        FloatVector b0 = FloatVector.fromArray(F, y, y0 + LANES);
        FloatVector b1 = FloatVector.fromArray(F, y, y1 + LANES);
        FloatVector b2 = FloatVector.fromArray(F, y, y2 + LANES);
        FloatVector b3 = FloatVector.fromArray(F, y, y3 + LANES);
        for (int k = 0; k < positions; k++) {
            int at = pAt + k * pStride;
            FloatVector wa = FloatVector.fromArray(F, p, at);
            FloatVector wb = FloatVector.fromArray(F, p, at + LANES);
            FloatVector v0 = FloatVector.broadcast(F, x[xAt + k]);
            a0 = wa.fma(v0, a0);
            b0 = wb.fma(v0, b0);
            FloatVector v1 = FloatVector.broadcast(F, x[x1 + k]);
            a1 = wa.fma(v1, a1);
            b1 = wb.fma(v1, b1);
            FloatVector v2 = FloatVector.broadcast(F, x[x2 + k]);
            a2 = wa.fma(v2, a2);
            b2 = wb.fma(v2, b2);
            FloatVector v3 = FloatVector.broadcast(F, x[x3 + k]);
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
            float[] p,
            int pAt,
            int pStride,
            int positions,
            float[] x,
            int xAt,
            int xStride,
            float[] y,
            int yAt,
            int yStride) {
        int y0 = yAt;
        FloatVector a0 = FloatVector.fromArray(F, y, y0);
        for (int k = 0; k < positions; k++) {
            int at = pAt + k * pStride;
            FloatVector wa = FloatVector.fromArray(F, p, at);
            FloatVector v0 = FloatVector.broadcast(F, x[xAt + k]);
            a0 = wa.fma(v0, a0);
        }
        a0.intoArray(y, y0);
    }

    private static void tile1x2(
            float[] p,
            int pAt,
            int pStride,
            int positions,
            float[] x,
            int xAt,
            int xStride,
            float[] y,
            int yAt,
            int yStride) {
        int y0 = yAt, y1 = yAt + yStride;
        int x1 = xAt + xStride;
        FloatVector a0 = FloatVector.fromArray(F, y, y0);
        FloatVector a1 = FloatVector.fromArray(F, y, y1);
        for (int k = 0; k < positions; k++) {
            int at = pAt + k * pStride;
            FloatVector wa = FloatVector.fromArray(F, p, at);
            FloatVector v0 = FloatVector.broadcast(F, x[xAt + k]);
            a0 = wa.fma(v0, a0);
            FloatVector v1 = FloatVector.broadcast(F, x[x1 + k]);
            a1 = wa.fma(v1, a1);
        }
        a0.intoArray(y, y0);
        a1.intoArray(y, y1);
    }

    private static void tile1x3(
            float[] p,
            int pAt,
            int pStride,
            int positions,
            float[] x,
            int xAt,
            int xStride,
            float[] y,
            int yAt,
            int yStride) {
        int y0 = yAt, y1 = yAt + yStride, y2 = yAt + 2 * yStride;
        int x1 = xAt + xStride, x2 = xAt + 2 * xStride;
        FloatVector a0 = FloatVector.fromArray(F, y, y0);
        FloatVector a1 = FloatVector.fromArray(F, y, y1);
        FloatVector a2 = FloatVector.fromArray(F, y, y2);
        for (int k = 0; k < positions; k++) {
            int at = pAt + k * pStride;
            FloatVector wa = FloatVector.fromArray(F, p, at);
            FloatVector v0 = FloatVector.broadcast(F, x[xAt + k]);
            a0 = wa.fma(v0, a0);
            FloatVector v1 = FloatVector.broadcast(F, x[x1 + k]);
            a1 = wa.fma(v1, a1);
            FloatVector v2 = FloatVector.broadcast(F, x[x2 + k]);
            a2 = wa.fma(v2, a2);
        }
        a0.intoArray(y, y0);
        a1.intoArray(y, y1);
        a2.intoArray(y, y2);
    }

    private static void tile1x4(
            float[] p,
            int pAt,
            int pStride,
            int positions,
            float[] x,
            int xAt,
            int xStride,
            float[] y,
            int yAt,
            int yStride) {
        int y0 = yAt, y1 = yAt + yStride, y2 = yAt + 2 * yStride, y3 = yAt + 3 * yStride;
        int x1 = xAt + xStride, x2 = xAt + 2 * xStride, x3 = xAt + 3 * xStride;
        FloatVector a0 = FloatVector.fromArray(F, y, y0);
        FloatVector a1 = FloatVector.fromArray(F, y, y1);
        FloatVector a2 = FloatVector.fromArray(F, y, y2);
        FloatVector a3 = FloatVector.fromArray(F, y, y3);
        for (int k = 0; k < positions; k++) {
            int at = pAt + k * pStride;
            FloatVector wa = FloatVector.fromArray(F, p, at);
            FloatVector v0 = FloatVector.broadcast(F, x[xAt + k]);
            a0 = wa.fma(v0, a0);
            FloatVector v1 = FloatVector.broadcast(F, x[x1 + k]);
            a1 = wa.fma(v1, a1);
            FloatVector v2 = FloatVector.broadcast(F, x[x2 + k]);
            a2 = wa.fma(v2, a2);
            FloatVector v3 = FloatVector.broadcast(F, x[x3 + k]);
            a3 = wa.fma(v3, a3);
        }
        a0.intoArray(y, y0);
        a1.intoArray(y, y1);
        a2.intoArray(y, y2);
        a3.intoArray(y, y3);
    }
}
