package dev.foretoken.engine.kv;

import org.jspecify.annotations.Nullable;

/**
 * The pages of a cache by number: what is in them, and which are free. A page's memory is allocated when it is taken for the
 * first time and kept. Owned by the cache's owner; during a forward its team may write positions of pages that are taken.
 */
final class PagePool {
    private final KvShape shape;
    private final float @Nullable [][] floats;
    /** Per page: the token at each of its positions. Empty where nobody asks for tokens. */
    private final int[][] tokens;

    private final int[] freePage;
    private int freeCount;

    /** @param withTokens whether pages know their tokens */
    PagePool(KvShape shape, int pagesTotal, boolean withTokens) {
        this.shape = shape;
        floats = new float[pagesTotal][];
        tokens = new int[withTokens ? pagesTotal : 0][];
        freePage = new int[pagesTotal];
        for (int i = 0; i < pagesTotal; i++) {
            freePage[i] = pagesTotal - 1 - i;
        }
        freeCount = pagesTotal;
    }

    /** Takes a free page, the one that was freed last. */
    int take() {
        assert freeCount > 0;
        int page = freePage[freeCount - 1];
        if (floats[page] == null) {
            if (tokens.length > 0) {
                tokens[page] = new int[shape.pageTokens()];
            }
            floats[page] = new float[shape.pageFloats()];
        }
        freeCount--; // not before it has memory
        return page;
    }

    void free(int page) {
        freePage[freeCount++] = page;
    }

    int freeCount() {
        return freeCount;
    }

    /** One of the free pages, 0 to {@link #freeCount} - 1. */
    int freePage(int index) {
        return freePage[index];
    }

    int pagesTotal() {
        return floats.length;
    }

    /** Keys and values of a page that was taken. */
    float[] floats(int page) {
        float[] content = floats[page];
        assert content != null;
        return content;
    }

    /** Tokens of a page that was taken. */
    int[] tokens(int page) {
        return tokens[page];
    }

    /** The tokens of every page. */
    int[][] tokens() {
        return tokens;
    }

    // ---- inside the pages

    void storeToken(int page, int inPage, int token) {
        if (tokens.length > 0) {
            tokens[page][inPage] = token;
        }
    }

    /** Stores so many numbers of one position's key, from a dimension on. */
    void storeKey(int page, int inPage, int layer, int kvHead, int dimension, int count, float[] row, int rowAt) {
        float[] content = floats(page);
        int out = shape.keyBlockOffset(layer, kvHead, inPage) + inPage % KvShape.BLOCK + dimension * KvShape.BLOCK;
        for (int d = 0; d < count; d++) {
            content[out + d * KvShape.BLOCK] = row[rowAt + d];
        }
    }

    /** As {@link #storeKey} for the value. */
    void storeValue(int page, int inPage, int layer, int kvHead, int dimension, int count, float[] row, int rowAt) {
        int out = shape.valueOffset(layer, kvHead, inPage) + dimension;
        System.arraycopy(row, rowAt, floats(page), out, count);
    }

    /** Copies one position with all its layers and its token. */
    void move(int fromPage, int fromInPage, int toPage, int toInPage) {
        float[] source = floats(fromPage);
        float[] target = floats(toPage);
        for (int layer = 0; layer < shape.layers(); layer++) {
            for (int head = 0; head < shape.kvHeads(); head++) {
                int sourceKey = shape.keyBlockOffset(layer, head, fromInPage) + fromInPage % KvShape.BLOCK;
                int targetKey = shape.keyBlockOffset(layer, head, toInPage) + toInPage % KvShape.BLOCK;
                for (int d = 0; d < shape.headDim() * KvShape.BLOCK; d += KvShape.BLOCK) {
                    target[targetKey + d] = source[sourceKey + d];
                }
                System.arraycopy(
                        source,
                        shape.valueOffset(layer, head, fromInPage),
                        target,
                        shape.valueOffset(layer, head, toInPage),
                        shape.headDim());
            }
        }
        if (tokens.length > 0) {
            tokens[toPage][toInPage] = tokens[fromPage][fromInPage];
        }
    }

    /** Copies the first positions of a page with all their layers and tokens. */
    void copyFirst(int fromPage, int toPage, int count) {
        float[] source = floats(fromPage);
        float[] target = floats(toPage);
        int keyFloats = Math.ceilDiv(count, KvShape.BLOCK) * KvShape.BLOCK * shape.headDim();
        int valueFloats = count * shape.valueStride();
        for (int layer = 0; layer < shape.layers(); layer++) {
            for (int head = 0; head < shape.kvHeads(); head++) {
                int keysAt = shape.keyBlockOffset(layer, head, 0);
                System.arraycopy(source, keysAt, target, keysAt, keyFloats);
                int valuesAt = shape.valueOffset(layer, head, 0);
                System.arraycopy(source, valuesAt, target, valuesAt, valueFloats);
            }
        }
        System.arraycopy(tokens[fromPage], 0, tokens[toPage], 0, count);
    }
}
