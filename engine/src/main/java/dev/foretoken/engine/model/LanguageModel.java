package dev.foretoken.engine.model;

import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.gguf.GgufFile;
import dev.foretoken.engine.kernel.Kernels;
import dev.foretoken.engine.kernel.PackedMatrix;
import dev.foretoken.engine.kv.KvShape;
import dev.foretoken.engine.tokenizer.Tokenizer;
import dev.foretoken.engine.tokenizer.Tokenizers;
import dev.foretoken.engine.trace.ModelIdentity;
import java.util.List;

/**
 * A llama or qwen2 model in memory: its weights, packed for the kernels. Immutable and thread-safe; every thread that
 * computes with it has its own {@link TransformerForward}.
 */
public final class LanguageModel {
    private final ModelConfig config;
    private final ModelIdentity identity;
    private final Tokenizer tokenizer;
    private final RotaryEmbedding rotary;
    private final PackedMatrix embedding;
    private final float[] outputNorm;
    private final PackedMatrix output;
    private final List<LayerWeights> layers;
    private final Kernels kernels;

    LanguageModel(
            ModelConfig config,
            ModelIdentity identity,
            Tokenizer tokenizer,
            RotaryEmbedding rotary,
            PackedMatrix embedding,
            float[] outputNorm,
            PackedMatrix output,
            List<LayerWeights> layers,
            Kernels kernels) {
        this.config = config;
        this.identity = identity;
        this.tokenizer = tokenizer;
        this.rotary = rotary;
        this.embedding = embedding;
        this.outputNorm = outputNorm;
        this.output = output;
        this.layers = List.copyOf(layers);
        this.kernels = kernels;
    }

    /**
     * Packs the weights of a file; the file may be closed afterwards.
     *
     * @param threads threads that pack, the calling one included
     * @throws InvalidInputException if the weights do not fit into the Java heap; nothing was allocated then
     */
    public static LanguageModel load(GgufFile file, ModelConfig config, int threads, LoadProgress progress) {
        progress.loaded(0, "reading the vocabulary");
        return load(file, config, Tokenizers.of(file), threads, progress);
    }

    /**
     * As {@link #load(GgufFile, ModelConfig, int, LoadProgress)}, for callers that have made the tokenizer before.
     *
     * @param tokenizer of the same file
     */
    public static LanguageModel load(
            GgufFile file, ModelConfig config, Tokenizer tokenizer, int threads, LoadProgress progress) {
        return new ModelLoader(file, config, tokenizer, progress).load(threads);
    }

    /** Bytes of Java heap that the packed weights take, known before anything is allocated. */
    public static long weightBytes(GgufFile file, ModelConfig config) {
        return ModelMemory.of(config, ModelTensors.of(file, config)).weightBytes();
    }

    public ModelConfig config() {
        return config;
    }

    /** Which file it was. */
    public ModelIdentity identity() {
        return identity;
    }

    public Tokenizer tokenizer() {
        return tokenizer;
    }

    /** The sizes of a key-value cache for this model. */
    public KvShape kvShape(int pageTokens, int positionsMax) {
        return new KvShape(config.layers(), config.kvHeads(), config.headDim(), pageTokens, positionsMax);
    }

    /** The kernels to compute with. */
    Kernels kernels() {
        return kernels;
    }

    RotaryEmbedding rotary() {
        return rotary;
    }

    /** [vocabulary, width] */
    PackedMatrix embedding() {
        return embedding;
    }

    float[] outputNorm() {
        return outputNorm;
    }

    /** [vocabulary, width]; the embedding itself if the model ties them. */
    PackedMatrix output() {
        return output;
    }

    LayerWeights layer(int index) {
        return layers.get(index);
    }

    /** The widest output of any layer's queries, keys and values. */
    int qkvFloatsMax() {
        int most = 0;
        for (LayerWeights layer : layers) {
            most = Math.max(most, layer.qkv().paddedRows());
        }
        return most;
    }

    /** Most floats that any layer's gate and up give at once to up to so many tokens, out of so many pairs in a row. */
    int gateUpFloatsMax(int tokensMax, int inRow) {
        int most = 0;
        for (LayerWeights layer : layers) {
            most = Math.max(most, layer.gateUp().floatsAtOnce(tokensMax, inRow));
        }
        return most;
    }
}
