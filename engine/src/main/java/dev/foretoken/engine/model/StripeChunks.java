package dev.foretoken.engine.model;

/**
 * How the stripes of a matrix are dealt out to a team: chunks of whole tiles, and what does not go round in equal parts at
 * the end, so that no thread waits for another one's last chunk.
 *
 * <p>One region at a time; planned by the calling thread, read by all.
 */
final class StripeChunks {
    /** A chunk is a multiple of so many stripes: the widest tile. */
    private static final int STRIPES_MIN = 4;

    private static final int STRIPES_MAX = 64;
    /** Few: where two chunks meet, two threads write to the same cache lines. Several: a thread may be interrupted. */
    private static final int CHUNKS_PER_THREAD = 4;

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
        return chunk <= wholeChunks
                ? chunk * perChunk
                : Math.min(stripes, wholeChunks * perChunk + (chunk - wholeChunks) * perPart);
    }

    int to(int chunk) {
        return from(chunk + 1);
    }
}
