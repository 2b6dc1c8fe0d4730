package dev.foretoken.engine.model;

import dev.foretoken.engine.kernel.PackedMatrix;

/**
 * How the stripes of a matrix are dealt out to a team: with many tokens in chunks of whole tiles, and what does not go round in
 * equal parts at the end, so that no thread waits for another one's last chunk. A step of few tokens reads more than it computes,
 * and a thread reads the faster the less often it jumps: there a chunk is all of a thread's part, unless that is large, although
 * a thread that is late then keeps the others waiting for all of it.
 *
 * <p>Chunks that are claimed one after the other lie far apart, each thread's next one beside its last one as long as the
 * threads keep step: where neighbours are written by two threads, they fight for the cache lines between them.
 *
 * <p>One region at a time; planned by the calling thread, read by all.
 */
final class StripeChunks {
    /** Most stripes of a chunk. */
    static final int STRIPES_MAX = 1024 / PackedMatrix.STRIPE;
    /** With many tokens a chunk has whole groups of so many stripes, where there are as many. */
    static final int GROUP = 256 / PackedMatrix.STRIPE;
    /** Up to so many tokens a thread reads its part in one run: their products stay in a cache, and to stop reading costs more. */
    static final int TOKENS_FEW = 16;

    private static final int CHUNKS_PER_THREAD = 2;

    private final int threads;
    private int stripes;
    private int perChunk;
    private int wholeChunks;
    private int perPart;

    StripeChunks(int threads) {
        this.threads = threads;
    }

    /** Plans a matrix of so many stripes times so many tokens and returns the number of chunks. */
    int plan(int stripeCount, int tokens) {
        return plan(stripeCount, tokens, 1);
    }

    /** As {@link #plan(int, int)}, with chunks of whole units: so many stripes each, but for the last one. */
    int plan(int stripeCount, int tokens, int unit) {
        stripes = stripeCount;
        boolean few = tokens <= TOKENS_FEW;
        int group = Math.ceilDiv(GROUP, unit) * unit;
        int even = few
                ? Math.ceilDiv(Math.ceilDiv(stripes, unit), threads) * unit
                : Math.ceilDiv(Math.ceilDiv(stripes, threads * CHUNKS_PER_THREAD), group) * group;
        perChunk = Math.min(Math.max(unit, STRIPES_MAX / unit * unit), even);
        wholeChunks = stripes / perChunk / threads * threads;
        int left = stripes - wholeChunks * perChunk;
        perPart = Math.max(1, Math.ceilDiv(Math.ceilDiv(left, unit), threads)) * unit;
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
