package dev.foretoken.engine.kernel;

import static dev.foretoken.engine.kernel.PackedLayout.BLOCK_MAX;
import static dev.foretoken.engine.kernel.PackedMatrix.STRIPE;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;

/**
 * Brings weights into the second cache before they are turned into panels. While a panel is multiplied nothing is read, so
 * each filling would wait for memory anew, page by page; lines that are asked for by nothing but loads wait all at once.
 * Tiles that dequantise what they read never stop reading: there this would only take longer.
 *
 * <p>Where {@link Prefetch} is on, a part of the next panel's lines is asked for beside each tile, and comes while that multiplies.
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
     * Asks for each line of columns [kFrom, kTo), whole blocks, of some stripes: prefetches it, or loads a value of it.
     *
     * @return what depends on all of these loads: for {@link Scratch#readAhead}, as the compiler drops loads that nobody needs
     */
    static int read(PackedSlab w, int stripeFrom, int stripeTo, int kFrom, int kTo) {
        int seen = 0;
        for (int s = stripeFrom; s < stripeTo; s++) {
            int at = w.columnsBefore(s) + kFrom, count = kTo - kFrom;
            seen ^= switch (w) {
                case PackedQ8 q8 -> lines(q8.q, at * STRIPE, count * STRIPE) ^ scaleLines(q8, at, count);
                case PackedHalf half -> lines(half.w, at * STRIPE, count * STRIPE);
                case PackedQ4 _, PackedF32 _ -> 0;
            };
        }
        return seen;
    }

    /** As {@link #read}, one of equal parts of one stripe's columns, in whole blocks. */
    static int readPart(PackedSlab w, int stripe, int kFrom, int kTo, int part, int parts) {
        int blocks = Math.ceilDiv(kTo - kFrom, BLOCK_MAX);
        int from = kFrom + blocks * part / parts * BLOCK_MAX, to = kFrom + blocks * (part + 1) / parts * BLOCK_MAX;
        return read(w, stripe, stripe + 1, from, Math.min(kTo, to));
    }

    /** The scales and minima of a stripe alone: so few lines that tiles, which prefetch their weights, need not do it. */
    static int readScales(PackedQ8 w, int stripe) {
        return scaleLines(w, w.columnsBefore(stripe), w.columns());
    }

    /** @param at so many columns of stripes lie before */
    private static int scaleLines(PackedQ8 w, int at, int columns) {
        int scaleAt = (at >> w.blockShift) * STRIPE, scales = (columns >> w.blockShift) * STRIPE;
        int seen = lines(w.scale, scaleAt, scales);
        return w.hasMinima() ? seen ^ lines(w.minimum, scaleAt, scales) : seen;
    }

    private static int lines(short[] a, int at, int count) {
        int line = LINE_BYTES / Short.BYTES, seen = 0;
        if (Prefetch.IS_ON) {
            ShortVector nothing = ShortVector.zero(ShortVector.SPECIES_128);
            VectorMask<Short> noShorts = VectorMask.fromLong(ShortVector.SPECIES_128, Prefetch.noLanes);
            for (int i = 0; i < count; i += line) nothing.intoArray(a, at + i, noShorts);
        } else for (int i = 0; i < count; i += line) seen ^= a[at + i];
        return seen;
    }

    private static int lines(byte[] a, int at, int count) {
        int line = LINE_BYTES, seen = 0;
        if (Prefetch.IS_ON) {
            ByteVector nothing = ByteVector.zero(ByteVector.SPECIES_128);
            VectorMask<Byte> noBytes = VectorMask.fromLong(ByteVector.SPECIES_128, Prefetch.noLanes);
            for (int i = 0; i < count; i += line) nothing.intoArray(a, at + i, noBytes);
        } else for (int i = 0; i < count; i += line) seen ^= a[at + i];
        return seen;
    }

    private static int lines(float[] a, int at, int count) {
        int line = LINE_BYTES / Float.BYTES, seen = 0;
        if (Prefetch.IS_ON) {
            FloatVector nothing = FloatVector.zero(FloatVector.SPECIES_128);
            VectorMask<Float> noFloats = VectorMask.fromLong(FloatVector.SPECIES_128, Prefetch.noLanes);
            for (int i = 0; i < count; i += line) nothing.intoArray(a, at + i, noFloats);
        } else for (int i = 0; i < count; i += line) seen ^= Float.floatToRawIntBits(a[at + i]);
        return seen;
    }
}
