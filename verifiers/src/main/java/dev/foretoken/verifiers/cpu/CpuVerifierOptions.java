package dev.foretoken.verifiers.cpu;

import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.kv.KvShape;
import dev.foretoken.engine.tree.TokenTree;

/**
 * The sizes of a {@link CpuVerifier}. Immutable; the withers return changed copies.
 *
 * @param threads compute threads, the calling one included
 * @param slots most sessions at once
 * @param contextMax most tokens of one session; more than the model was made for is cut to that
 * @param pageTokens positions of one KV page, a multiple of {@link KvShape#BLOCK}
 * @param kvBytesMax most bytes of keys and values of all sessions together; less where the Java heap is short
 * @param batchRowsMax most rows of one batch; fewer sessions than could fill it take less work space
 * @param prefixBytesMax of {@code kvBytesMax}, most that is kept for prompt prefixes which no session reads; 0: no prefix
 *     cache, sessions share nothing
 */
public record CpuVerifierOptions(
        int threads,
        int slots,
        int contextMax,
        int pageTokens,
        long kvBytesMax,
        int batchRowsMax,
        long prefixBytesMax) {
    /**
     * Eight sessions, all the model's context, one thread per processor, half a gibibyte of keys and values, no prefix cache.
     */
    public static final CpuVerifierOptions STANDARD = new CpuVerifierOptions(
            Runtime.getRuntime().availableProcessors(), 8, Integer.MAX_VALUE, KvShape.PAGE_TOKENS, 1L << 29, 256, 0);

    public CpuVerifierOptions {
        check(threads >= 1, "threads", threads, "1 or more");
        check(slots >= 1, "sessions", slots, "1 or more");
        check(contextMax >= 1, "context", contextMax, "1 token or more");
        check(
                pageTokens >= KvShape.BLOCK && pageTokens % KvShape.BLOCK == 0,
                "KV page size",
                pageTokens,
                "a multiple of %d tokens".formatted(KvShape.BLOCK));
        check(kvBytesMax >= 1, "KV cache size", kvBytesMax, "1 byte or more");
        check(
                batchRowsMax >= TokenTree.NODES_MAX,
                "rows per batch",
                batchRowsMax,
                "%d or more, the largest tree".formatted(TokenTree.NODES_MAX));
        check(prefixBytesMax >= 0, "prefix cache size", prefixBytesMax, "0 bytes (off) or more");
    }

    private static void check(boolean valid, String name, long value, String expected) {
        if (!valid) {
            throw new InvalidInputException("%s is %d, expected %s".formatted(name, value, expected));
        }
    }

    public CpuVerifierOptions threads(int count) {
        return new CpuVerifierOptions(count, slots, contextMax, pageTokens, kvBytesMax, batchRowsMax, prefixBytesMax);
    }

    public CpuVerifierOptions slots(int sessions) {
        return new CpuVerifierOptions(
                threads, sessions, contextMax, pageTokens, kvBytesMax, batchRowsMax, prefixBytesMax);
    }

    public CpuVerifierOptions contextMax(int tokens) {
        return new CpuVerifierOptions(threads, slots, tokens, pageTokens, kvBytesMax, batchRowsMax, prefixBytesMax);
    }

    public CpuVerifierOptions pageTokens(int tokens) {
        return new CpuVerifierOptions(threads, slots, contextMax, tokens, kvBytesMax, batchRowsMax, prefixBytesMax);
    }

    public CpuVerifierOptions kvBytesMax(long bytes) {
        return new CpuVerifierOptions(threads, slots, contextMax, pageTokens, bytes, batchRowsMax, prefixBytesMax);
    }

    public CpuVerifierOptions batchRowsMax(int rows) {
        return new CpuVerifierOptions(threads, slots, contextMax, pageTokens, kvBytesMax, rows, prefixBytesMax);
    }

    public CpuVerifierOptions prefixBytesMax(long bytes) {
        return new CpuVerifierOptions(threads, slots, contextMax, pageTokens, kvBytesMax, batchRowsMax, bytes);
    }
}
