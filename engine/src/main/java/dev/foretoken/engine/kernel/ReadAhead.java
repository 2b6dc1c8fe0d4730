package dev.foretoken.engine.kernel;

/**
 * Reads one word of every cache line of an array's part, so that what works on it next finds it in the first cache. A tile of
 * several tokens puts so many instructions between two lines of weights that few of them are on their way at once; here many
 * are. Pays where nothing else fetches lines ahead of time (virtual machines often hide or switch off the prefetchers) and
 * vectors are narrow; costs a few hundredths of a tile's time elsewhere.
 */
final class ReadAhead {
    private static final int LINE_BYTES = 64;
    private static final int LINE_WORDS = LINE_BYTES / Integer.BYTES;

    private ReadAhead() {}

    /** Something of what was read: the caller keeps it, or the compiler leaves the reading out. */
    static int bytes(byte[] array, int from, int count) {
        int read = 0;
        for (int i = from; i < from + count; i += LINE_BYTES) read |= array[i];
        return read;
    }

    /** As {@link #bytes}. */
    static int ints(int[] array, int from, int count) {
        int read = 0;
        for (int i = from; i < from + count; i += LINE_WORDS) read |= array[i];
        return read;
    }

    /** As {@link #bytes}. */
    static int floats(float[] array, int from, int count) {
        int read = 0;
        for (int i = from; i < from + count; i += LINE_WORDS) read |= Float.floatToRawIntBits(array[i]);
        return read;
    }
}
