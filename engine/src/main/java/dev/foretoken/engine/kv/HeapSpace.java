package dev.foretoken.engine.kv;

/** How much of the Java heap is left, asked before large arrays are allocated. Thread-safe: stateless. */
public final class HeapSpace {
    private HeapSpace() {}

    /**
     * Bytes that could still be allocated.
     *
     * @param wantedBytes if less than this seems left, garbage is collected first: that of an earlier model must not refuse
     *     the next one
     */
    public static long leftBytes(long wantedBytes) {
        if (leftBytes() < wantedBytes) {
            System.gc();
        }
        return leftBytes();
    }

    private static long leftBytes() {
        Runtime runtime = Runtime.getRuntime();
        return runtime.maxMemory() - (runtime.totalMemory() - runtime.freeMemory());
    }
}
