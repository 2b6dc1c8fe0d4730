package dev.foretoken.engine.model;

import dev.foretoken.engine.gguf.GgufTensor;
import dev.foretoken.engine.kernel.PackedMatrix;
import java.util.ArrayList;
import java.util.List;

/**
 * Memory that running a model takes on the CPU, known before anything is allocated.
 *
 * @param weightBytes Java heap for the packed matrices (a tied output matrix counts once)
 * @param kvBytesPerToken keys and values of one token in all layers, float32
 */
public record ModelMemory(long weightBytes, long kvBytesPerToken) {

    public static ModelMemory of(ModelConfig config, ModelTensors tensors) {
        long bytes = 0;
        for (GgufTensor matrix : matrices(config, tensors)) {
            bytes = Math.addExact(bytes, PackedMatrix.packedBytes(matrix.type(), matrix.rows(), matrix.columns()));
        }
        return new ModelMemory(bytes, config.shape().kvElementsPerToken() * Float.BYTES);
    }

    private static List<GgufTensor> matrices(ModelConfig config, ModelTensors tensors) {
        List<GgufTensor> matrices = new ArrayList<>();
        matrices.add(tensors.embedding());
        if (!config.tiedOutput()) {
            matrices.add(tensors.output());
        }
        for (ModelTensors.Layer layer : tensors.layers()) {
            matrices.addAll(List.of(layer.query(), layer.key(), layer.value(), layer.attentionOutput()));
            matrices.addAll(List.of(layer.gate(), layer.up(), layer.down()));
        }
        return matrices;
    }
}
