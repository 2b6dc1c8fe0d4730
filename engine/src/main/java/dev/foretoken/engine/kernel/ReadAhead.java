package dev.foretoken.engine.kernel;

import static dev.foretoken.engine.kernel.PackedMatrix.STRIPE;

/**
 * Brings weights into the second cache before they are turned into panels. While a panel is multiplied nothing is read, so
 * each filling would wait for memory anew, page by page; lines that are asked for by nothing but loads wait all at once.
 * Tiles that dequantise what they read never stop reading: there this would only take longer.
 *
 * <p>Nibbles are left out: they bring so little for each product that reading ahead costs what it saves.
 */
final class ReadAhead {
    /** Read at once: many pages, and still a small part of a second cache. */
    private static final int BYTES = 80 * 1024;

    private static final int LINE_BYTES = 64;

    private ReadAhead() {}

    /** Columns of a stripe to be read at once: all, or some multiple of those that make a panel. */
    static int columns(PackedSlab w, int panelColumns) {
        int columns = Math.max(1, BYTES / bytesPerColumn(w) / panelColumns) * panelColumns;
        return Math.min(columns, w.columns());
    }

    /** Stripes of which so many columns are to be read at once. */
    static int stripes(PackedSlab w, int columns) {
        return Math.max(1, BYTES / bytesPerColumn(w) / columns);
    }

    /** Bytes of a column of a stripe, its share of scales included. */
    private static int bytesPerColumn(PackedSlab w) {
        return w.stripeBytes() / w.columns();
    }

    /**
     * Loads a value of each line of columns [kFrom, kTo), whole blocks, of some stripes.
     *
     * @return what depends on all of these loads: for {@link Scratch#readAhead}, as the compiler drops loads that nobody needs
     */
    static int read(PackedSlab w, int stripeFrom, int stripeTo, int kFrom, int kTo) {
        int seen = 0;
        for (int s = stripeFrom; s < stripeTo; s++) {
            int at = w.columnsBefore(s) + kFrom, count = kTo - kFrom;
            seen ^= switch (w) {
                case PackedQ8 q8 -> {
                    int block = 1 << q8.blockShift, scales = count / block * STRIPE;
                    yield lines(q8.q, at * STRIPE, count * STRIPE)
                            ^ lines(q8.scale, at / block * STRIPE, scales)
                            ^ (q8.hasMinima() ? lines(q8.minimum, at / block * STRIPE, scales) : 0);
                }
                case PackedHalf half -> lines(half.w, at * STRIPE, count * STRIPE);
                case PackedQ4 _, PackedF32 _ -> 0;
            };
        }
        return seen;
    }

    private static int lines(short[] a, int at, int count) {
        int seen = 0;
        for (int i = 0; i < count; i += LINE_BYTES / Short.BYTES) seen ^= a[at + i];
        return seen;
    }

    private static int lines(byte[] a, int at, int count) {
        int seen = 0;
        for (int i = 0; i < count; i += LINE_BYTES) seen ^= a[at + i];
        return seen;
    }

    private static int lines(float[] a, int at, int count) {
        int seen = 0;
        for (int i = 0; i < count; i += LINE_BYTES / Float.BYTES) seen ^= Float.floatToRawIntBits(a[at + i]);
        return seen;
    }
}
