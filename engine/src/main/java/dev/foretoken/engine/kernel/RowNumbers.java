package dev.foretoken.engine.kernel;

/**
 * The scales or the minima of one row as the file has them: a number per block, or where blocks of 256 weights share one, a
 * factor per block and the shared number.
 */
final class RowNumbers {
    final float[] number;
    final byte[] factor;
    final float[] shared;

    RowNumbers(int columns) {
        number = new float[columns / 16 + 1];
        factor = new byte[columns / 16 + 1];
        shared = new float[columns / 256 + 1];
    }
}
