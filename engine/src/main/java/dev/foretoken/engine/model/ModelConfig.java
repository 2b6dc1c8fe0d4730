package dev.foretoken.engine.model;

import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.gguf.GgufFile;
import dev.foretoken.engine.session.SamplingDefaults;
import java.util.Optional;

/**
 * What a model is, read from its file and checked: whoever holds one may size arrays by it without asking again.
 * Immutable.
 *
 * @param name {@code general.name} on one harmless line, else the file's name
 * @param architecture decides biases and rotary pairing
 * @param shape all sizes
 * @param rope rotary position embedding
 * @param rmsEpsilon added to the mean of squares in every norm
 * @param tiedOutput true if the output matrix is the embedding
 * @param attentionBiases true if query, key and value have biases
 * @param samplingDefaults {@code general.sampling.*}, with the standard for what is absent
 * @param chatTemplate {@code tokenizer.chat_template}, a Jinja template
 */
public record ModelConfig(
        String name,
        Architecture architecture,
        ModelShape shape,
        RopeConfig rope,
        float rmsEpsilon,
        boolean tiedOutput,
        boolean attentionBiases,
        SamplingDefaults samplingDefaults,
        Optional<String> chatTemplate) {

    /**
     * Reads the metadata, and checks that every tensor the architecture needs is there in the shape the metadata
     * promise, in a supported type, and that no other tensor is (it would change what the model computes).
     *
     * @throws InvalidInputException in one sentence that names what cannot be run
     */
    public static ModelConfig read(GgufFile file) {
        ModelConfig config = new ModelConfigReader(file).read();
        ModelTensors.of(file, config);
        return config;
    }

    public int layers() {
        return shape.layers();
    }

    public int width() {
        return shape.width();
    }

    public int heads() {
        return shape.heads();
    }

    public int kvHeads() {
        return shape.kvHeads();
    }

    public int headDim() {
        return shape.headDim();
    }

    public int feedForward() {
        return shape.feedForward();
    }

    public int vocabularySize() {
        return shape.vocabularySize();
    }

    public int contextLength() {
        return shape.contextLength();
    }
}
