package dev.foretoken.engine.model;

/**
 * The sizes of a model; all at least 1.
 *
 * @param layers transformer blocks
 * @param width elements of the residual stream
 * @param heads query heads
 * @param kvHeads key and value heads; heads is a multiple of it
 * @param headDim elements of one head, even; heads x headDim may differ from width
 * @param feedForward inner elements of the feed-forward part
 * @param vocabularySize rows of the embedding and of the logits
 * @param contextLength largest number of positions, the attention window taken into account
 */
public record ModelShape(
        int layers,
        int width,
        int heads,
        int kvHeads,
        int headDim,
        int feedForward,
        int vocabularySize,
        int contextLength) {

    /** Elements of all query heads of a token. */
    public int queryWidth() {
        return heads * headDim;
    }

    /** Elements of all key heads (or value heads) of a token in one layer. */
    public int kvWidth() {
        return kvHeads * headDim;
    }

    /** Elements of all keys and values of one token in all layers. */
    public long kvElementsPerToken() {
        return 2L * layers * kvWidth();
    }
}
