package dev.foretoken.engine.model;

import dev.foretoken.engine.kernel.PackedMatrix;

/**
 * The weights of one transformer layer. The arrays are shared and never written.
 *
 * @param attentionNorm [width]
 * @param qkv {@link #QUERY}, {@link #KEY} and {@link #VALUE} below each other
 * @param qkvBias added to the output of {@code qkv}, laid out like it; empty if the model has none
 * @param attentionOutput [width, heads x headDim]
 * @param feedForwardNorm [width]
 * @param gateUp [feedForward, width] each
 * @param down [width, feedForward]
 */
record LayerWeights(
        float[] attentionNorm,
        MatrixGroup qkv,
        float[] qkvBias,
        PackedMatrix attentionOutput,
        float[] feedForwardNorm,
        GateUp gateUp,
        PackedMatrix down) {
    static final int QUERY = 0;
    static final int KEY = 1;
    static final int VALUE = 2;
}
