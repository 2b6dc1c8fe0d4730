package dev.foretoken.engine.model;

import dev.foretoken.engine.kernel.PackedMatrix;

/**
 * How the stripes of a matrix are dealt out to a team: chunks of whole tiles, and what does not go round in equal parts at
 * the end, so that no thread waits for another one's last chunk.
 *
 * <p>Chunks that are claimed one after the other lie far apart, each thread's next one beside its last one as long as the
 * threads keep step: where neighbours are written by two threads, they fight for the cache lines between them.
 *
 * <p>One region at a time; planned by the calling thread, read by all.
 */
final class StripeChunks {
    /** A chunk is a multiple of so many rows, where there are as many: the less often a thread jumps, the faster it reads. */
    static final int ROWS_MIN = 256;

    private static final int ROWS_MAX = 1024;
    private static final int STRIPES_MIN = ROWS_MIN / PackedMatrix.STRIPE;
    private static final int STRIPES_MAX = ROWS_MAX / PackedMatrix.STRIPE;
    private static final int CHUNKS_PER_THREAD = 2;

    private final int threads;
    private int stripes;
    private int perChunk;
    private int wholeChunks;
    private int perPart;

    StripeChunks(int threads) {
        this.threads = threads;
    }

    /** Plans a matrix of so many stripes and returns the number of chunks. */
    int plan(int stripeCount) {
        stripes = stripeCount;
        int even = Math.ceilDiv(Math.ceilDiv(stripes, threads * CHUNKS_PER_THREAD), STRIPES_MIN) * STRIPES_MIN;
        perChunk = Math.min(STRIPES_MAX, even);
        wholeChunks = stripes / perChunk / threads * threads;
        int left = stripes - wholeChunks * perChunk;
        perPart = Math.max(1, Math.ceilDiv(left, threads));
        return wholeChunks + Math.ceilDiv(left, perPart);
    }

    int from(int chunk) {
        if (chunk < wholeChunks) {
            return (chunk % threads * (wholeChunks / threads) + chunk / threads) * perChunk;
        }
        return Math.min(stripes, wholeChunks * perChunk + (chunk - wholeChunks) * perPart);
    }

    int to(int chunk) {
        return chunk < wholeChunks ? from(chunk) + perChunk : from(chunk + 1);
    }
}
