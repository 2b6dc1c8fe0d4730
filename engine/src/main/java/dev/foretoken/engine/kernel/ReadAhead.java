package dev.foretoken.engine.kernel;

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
 * <p>Where {@link Prefetch} is on, lines come while the panel before is multiplied, and nothing waits.
 *
 * <p>Nibbles are left out: they bring so little for each product that reading ahead costs what it saves.
 */
final class ReadAhead {
    /** Read at once: many pages, and still a small part of a second cache. */
    private static final int BYTES = 80 * 1024;

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

    /**
     * Prefetches one of equal parts of columns [kFrom, kTo), whole blocks, of a stripe. Where that is possible it takes the place
     * of {@link #read}: lines come while the panel before is multiplied, a part beside each tile, so that a tile never has
     * more to wait for than a core keeps in mind.
     */
    static void prefetch(PackedSlab w, int stripe, int kFrom, int kTo, int part, int parts) {
        if (kFrom == kTo) return;
        int at = w.columnsBefore(stripe) + kFrom, count = kTo - kFrom;
        switch (w) {
            case PackedQ8 q8 -> {
                int block = 1 << q8.blockShift, scales = count / block * STRIPE;
                prefetch(q8.q, at * STRIPE, count * STRIPE, part, parts);
                prefetch(q8.scale, at / block * STRIPE, scales, part, parts);
                if (q8.hasMinima()) prefetch(q8.minimum, at / block * STRIPE, scales, part, parts);
            }
            case PackedHalf half -> prefetch(half.w, at * STRIPE, count * STRIPE, part, parts);
            case PackedQ4 _, PackedF32 _ -> {}
        }
    }

    /** Prefetches the scales and minima of a stripe: so few lines that tiles need not do it. */
    static void prefetchScales(PackedQ8 w, int stripe) {
        int at = w.scalesAt(stripe), count = (w.columns() >> w.blockShift) * STRIPE;
        prefetch(w.scale, at, count, 0, 1);
        if (w.hasMinima()) prefetch(w.minimum, at, count, 0, 1);
    }

    private static int linesBefore(int part, int parts, int lines) {
        return lines * part / parts;
    }

    private static void prefetch(byte[] a, int at, int count, int part, int parts) {
        ByteVector nothing = ByteVector.zero(ByteVector.SPECIES_128);
        VectorMask<Byte> noBytes = VectorMask.fromLong(ByteVector.SPECIES_128, Prefetch.noLanes);
        int line = Prefetch.LINE_BYTES, to = at + linesBefore(part + 1, parts, count / line) * line;
        for (int i = at + linesBefore(part, parts, count / line) * line; i < to; i += line)
            nothing.intoArray(a, i, noBytes);
    }

    private static void prefetch(short[] a, int at, int count, int part, int parts) {
        ShortVector nothing = ShortVector.zero(ShortVector.SPECIES_128);
        VectorMask<Short> noShorts = VectorMask.fromLong(ShortVector.SPECIES_128, Prefetch.noLanes);
        int line = Prefetch.LINE_BYTES / Short.BYTES, to = at + linesBefore(part + 1, parts, count / line) * line;
        for (int i = at + linesBefore(part, parts, count / line) * line; i < to; i += line)
            nothing.intoArray(a, i, noShorts);
    }

    private static void prefetch(float[] a, int at, int count, int part, int parts) {
        FloatVector nothing = FloatVector.zero(FloatVector.SPECIES_128);
        VectorMask<Float> noFloats = VectorMask.fromLong(FloatVector.SPECIES_128, Prefetch.noLanes);
        int line = Prefetch.LINE_BYTES / Float.BYTES, to = at + linesBefore(part + 1, parts, count / line) * line;
        for (int i = at + linesBefore(part, parts, count / line) * line; i < to; i += line)
            nothing.intoArray(a, i, noFloats);
    }

    private static int lines(short[] a, int at, int count) {
        int seen = 0;
        for (int i = 0; i < count; i += Prefetch.LINE_BYTES / Short.BYTES) seen ^= a[at + i];
        return seen;
    }

    private static int lines(byte[] a, int at, int count) {
        int seen = 0;
        for (int i = 0; i < count; i += Prefetch.LINE_BYTES) seen ^= a[at + i];
        return seen;
    }

    private static int lines(float[] a, int at, int count) {
        int seen = 0;
        for (int i = 0; i < count; i += Prefetch.LINE_BYTES / Float.BYTES) seen ^= Float.floatToRawIntBits(a[at + i]);
        return seen;
    }
}
