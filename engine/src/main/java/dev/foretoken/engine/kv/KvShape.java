package dev.foretoken.engine.kv;

import static java.lang.Math.multiplyExact;

/**
 * The sizes of a key-value cache and of its pages. A page holds all layers of {@code pageTokens} consecutive positions:
 *
 * <pre>
 *   page: for each layer, for each key-value head
 *     keys    [pageTokens / 16][headDim][16]   blocks of 16 positions, transposed: lanes are positions
 *     values  [pageTokens][valueStride]        one row per position: lanes are dimensions, padded to 16
 * </pre>
 *
 * @param layers of the model
 * @param kvHeads key-value heads per layer
 * @param headDim length of one key or value
 * @param pageTokens positions of one page, a multiple of {@link #BLOCK}
 * @param positionsMax most positions of one session, scratch room of a tree included
 */
public record KvShape(int layers, int kvHeads, int headDim, int pageTokens, int positionsMax) {
    /** Positions of one transposed block of keys; also what value rows are padded to. */
    public static final int BLOCK = 16;

    /** Positions of a page unless there is a reason for others: four blocks, the most that a tile scores together. */
    public static final int PAGE_TOKENS = 4 * BLOCK;

    public KvShape {
        if (layers < 1 || kvHeads < 1 || headDim < 1 || positionsMax < 1) {
            throw new IllegalArgumentException(
                    "KV cache sizes must be at least 1: layers=%d kvHeads=%d headDim=%d positionsMax=%d; is the GGUF header damaged?"
                            .formatted(layers, kvHeads, headDim, positionsMax));
        }
        if (pageTokens < BLOCK || pageTokens % BLOCK != 0) {
            throw new IllegalArgumentException(
                    "a KV page holds a multiple of %d positions, not %d".formatted(BLOCK, pageTokens));
        }
        floats(layers, kvHeads, headDim, pageTokens);
    }

    private static int floats(int layers, int kvHeads, int headDim, int pageTokens) {
        long perHead = multiplyExact((long) pageTokens, (long) headDim + valueStride(headDim));
        long floats = multiplyExact(multiplyExact((long) layers, (long) kvHeads), perHead);
        if (floats > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("one KV page would have %d numbers, at most %d fit: lower the page size"
                    .formatted(floats, Integer.MAX_VALUE - 8));
        }
        return (int) floats;
    }

    /** Distance in floats between two values of so many numbers: padded to whole vectors. */
    public static int valueStride(int headDim) {
        return Math.ceilDiv(headDim, BLOCK) * BLOCK;
    }

    /** Distance in floats between the values of two neighbouring positions. */
    public int valueStride() {
        return valueStride(headDim);
    }

    /** Floats of one page. */
    public int pageFloats() {
        return floats(layers, kvHeads, headDim, pageTokens);
    }

    /** Bytes of one page. */
    public long pageBytes() {
        return (long) Float.BYTES * pageFloats();
    }

    /** Pages that hold so many positions. */
    public int pagesFor(int positions) {
        return Math.ceilDiv(positions, pageTokens);
    }

    /** Bytes of a cache of so many pages; throws ArithmeticException where a hostile header would wrap. */
    public long sizeBytes(int pagesTotal) {
        return multiplyExact(pageBytes(), (long) pagesTotal);
    }

    /** Where, inside a page, the keys of the block that holds a position begin: {@code [headDim][16]}. */
    int keyBlockOffset(int layer, int kvHead, int positionInPage) {
        return headOffset(layer, kvHead) + positionInPage / BLOCK * BLOCK * headDim;
    }

    /** Where, inside a page, the values of a position begin. */
    int valueOffset(int layer, int kvHead, int positionInPage) {
        return headOffset(layer, kvHead) + pageTokens * headDim + positionInPage * valueStride();
    }

    private int headOffset(int layer, int kvHead) {
        return (layer * kvHeads + kvHead) * pageTokens * (headDim + valueStride());
    }
}
