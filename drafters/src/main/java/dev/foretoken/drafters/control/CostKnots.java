package dev.foretoken.drafters.control;

/** The row counts at which verify costs are kept; between two of them runs a straight line. */
final class CostKnots {
    private static final int[] ROWS = {
        1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64, 80, 96, 128, 192, 256, 384, 512, 768,
        1024
    };
    static final int COUNT = ROWS.length;

    private CostKnots() {}

    static int rows(int knot) {
        return ROWS[knot];
    }

    /** The first knot with at least so many rows, or the last one. */
    static int atOrAbove(int rows) {
        int knot = 0;
        while (knot < COUNT - 1 && ROWS[knot] < rows) {
            knot++;
        }
        return knot;
    }

    /** The last knot with at most so many rows, if {@code right} is the first with at least as many; or the last of all. */
    static int atOrBelow(int rows, int right) {
        return right == 0 || ROWS[right] <= rows ? right : right - 1;
    }

    /** The value at so many rows on the line from (from, fromValue) to (to, toValue); from and to are knots, from below to. */
    static double onLine(int rows, int from, double fromValue, int to, double toValue) {
        return fromValue + (toValue - fromValue) * (rows - ROWS[from]) / (ROWS[to] - ROWS[from]);
    }
}
