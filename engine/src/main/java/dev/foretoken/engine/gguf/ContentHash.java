package dev.foretoken.engine.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A 64-bit hash of a whole file, for telling files apart; it is no protection against forgery.
 * <p>Four lanes take the little-endian longs 0, 1, 2, 3 of each 32 bytes: {@code lane = rotate(lane ^ word, 27) * K}. The
 * rest is folded into lane 0 byte by byte in the same way, then lanes and length are mixed in order. Stored in traces:
 * changing it makes recorded hashes meaningless.
 */
final class ContentHash {
    private static final long K = 0x9E3779B97F4A7C15L; // 2^64 / golden ratio, odd
    private static final int STRIDE_BYTES = 32;

    private ContentHash() {}

    static long of(MemorySegment data) {
        long a = 1, b = 2, c = 3, d = 4;
        long whole = data.byteSize() / STRIDE_BYTES * STRIDE_BYTES;
        for (long at = 0; at < whole; at += STRIDE_BYTES) {
            a = mixed(a, data.get(GgufCursor.LONG, at));
            b = mixed(b, data.get(GgufCursor.LONG, at + 8));
            c = mixed(c, data.get(GgufCursor.LONG, at + 16));
            d = mixed(d, data.get(GgufCursor.LONG, at + 24));
        }
        for (long at = whole; at < data.byteSize(); at++) {
            a = mixed(a, data.get(ValueLayout.JAVA_BYTE, at) & 0xFF);
        }
        long hash = mixed(mixed(mixed(mixed(data.byteSize(), a), b), c), d);
        hash ^= hash >>> 32;
        hash *= K;
        return hash ^ hash >>> 29;
    }

    private static long mixed(long lane, long word) {
        return Long.rotateLeft(lane ^ word, 27) * K;
    }
}
