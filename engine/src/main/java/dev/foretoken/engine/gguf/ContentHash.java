package dev.foretoken.engine.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A 64-bit hash of a whole file, for telling files apart; it is no protection against forgery.
 * <p>Four lanes take the little-endian longs 0, 1, 2, 3 of each 32 bytes: {@code lane = rotate(lane ^ word, 27) * K}. The
 * rest is folded into lane 0 byte by byte in the same way, then lanes and length are mixed in order. Stored in traces:
 * changing it makes recorded hashes meaningless. Not thread-safe.
 */
final class ContentHash {
    private static final long K = 0x9E3779B97F4A7C15L; // 2^64 / golden ratio, odd
    private static final int LANES = 4;
    static final int STRIDE_BYTES = LANES * Long.BYTES;
    private static final int BUFFER_LONGS =
            4096; // copied to an array first: loops over segments compile to slower code

    private final long[] lanes = {1, 2, 3, 4};
    private final long[] buffer = new long[BUFFER_LONGS];
    private long bytes;

    static long of(MemorySegment data) {
        ContentHash hash = new ContentHash();
        hash.add(data);
        return hash.value();
    }

    /** Takes the next piece in; all but the last have a multiple of {@link #STRIDE_BYTES}. */
    void add(MemorySegment data) {
        assert bytes % STRIDE_BYTES == 0 : "a piece follows one that is no multiple of the stride: bytes=" + bytes;
        long whole = data.byteSize() / STRIDE_BYTES * STRIDE_BYTES;
        for (long at = 0; at < whole; at += BUFFER_LONGS * (long) Long.BYTES) {
            int count = (int) Math.min(BUFFER_LONGS, (whole - at) / Long.BYTES);
            MemorySegment.copy(data, GgufCursor.LONG, at, buffer, 0, count);
            mix(lanes, buffer, count);
        }
        for (long at = whole; at < data.byteSize(); at++) {
            lanes[0] = mixed(lanes[0], data.get(ValueLayout.JAVA_BYTE, at) & 0xFF);
        }
        bytes += data.byteSize();
    }

    long value() {
        long hash = bytes;
        for (long lane : lanes) {
            hash = mixed(hash, lane);
        }
        hash ^= hash >>> 32;
        hash *= K;
        return hash ^ hash >>> 29;
    }

    private static void mix(long[] lanes, long[] words, int count) {
        long a = lanes[0], b = lanes[1], c = lanes[2], d = lanes[3];
        for (int i = 0; i < count; i += LANES) {
            a = mixed(a, words[i]);
            b = mixed(b, words[i + 1]);
            c = mixed(c, words[i + 2]);
            d = mixed(d, words[i + 3]);
        }
        lanes[0] = a;
        lanes[1] = b;
        lanes[2] = c;
        lanes[3] = d;
    }

    private static long mixed(long lane, long word) {
        return Long.rotateLeft(lane ^ word, 27) * K;
    }
}
