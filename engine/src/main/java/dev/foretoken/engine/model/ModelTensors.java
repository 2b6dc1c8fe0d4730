package dev.foretoken.engine.model;

import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.gguf.GgufFile;
import dev.foretoken.engine.gguf.GgufTensor;
import java.util.List;
import java.util.Optional;

/**
 * The tensors of a model by their role. Shapes and types are checked: a matrix n to m has columns n and rows m, and a
 * vector is F32, F16 or BF16. Immutable; the bytes are {@link GgufFile#data}.
 *
 * @param embedding [width, vocabulary]
 * @param outputNorm [width]
 * @param output [width, vocabulary]; the embedding itself where the file has no output matrix
 * @param ropeFactors [headDim / 2], divisors of the rotary frequencies
 * @param layers one for each block, in order
 */
public record ModelTensors(
        GgufTensor embedding,
        GgufTensor outputNorm,
        GgufTensor output,
        Optional<GgufTensor> ropeFactors,
        List<Layer> layers) {

    static final String ROPE_FACTORS = "rope_freqs.weight";

    public ModelTensors {
        layers = List.copyOf(layers);
    }

    /**
     * One transformer block; q = heads x headDim, kv = kvHeads x headDim.
     *
     * @param attentionNorm [width]
     * @param query [width, q]
     * @param key [width, kv]
     * @param value [width, kv]
     * @param biases of query, key and value
     * @param attentionOutput [q, width]
     * @param feedForwardNorm [width]
     * @param gate [width, feedForward]
     * @param up [width, feedForward]
     * @param down [feedForward, width]
     */
    public record Layer(
            GgufTensor attentionNorm,
            GgufTensor query,
            GgufTensor key,
            GgufTensor value,
            Optional<Biases> biases,
            GgufTensor attentionOutput,
            GgufTensor feedForwardNorm,
            GgufTensor gate,
            GgufTensor up,
            GgufTensor down) {}

    /** Biases of one block: [q], [kv], [kv]. */
    public record Biases(GgufTensor query, GgufTensor key, GgufTensor value) {}

    /**
     * Finds and checks all tensors.
     *
     * @throws InvalidInputException in one sentence, if one is missing, superfluous, of another shape or another type
     */
    public static ModelTensors of(GgufFile file, ModelConfig config) {
        return new ModelTensorsReader(file, config).read();
    }
}
