package dev.foretoken.benchmarks.bench;

import dev.foretoken.engine.gguf.GgufFile;
import dev.foretoken.engine.gguf.GgufTensor;
import dev.foretoken.engine.gguf.TensorType;
import dev.foretoken.engine.kernel.PackedMatrix;
import dev.foretoken.engine.model.ModelConfig;
import dev.foretoken.engine.model.ModelInspection;
import dev.foretoken.engine.model.ModelShape;

/**
 * What a forward pass with all logits has to do, whoever does it.
 *
 * @param weights multiplied once per row; the embedding only where it is the output matrix too
 * @param weightBytes of these weights, as packed
 * @param weightType of most weights
 * @param attentionFlopsPerRow scores and sums over the cached positions
 * @param kvBytes keys and values of the cached positions, float32
 */
record StepWork(long weights, long weightBytes, TensorType weightType, long attentionFlopsPerRow, long kvBytes) {
    private static final String EMBEDDING = "token_embd.weight";

    static StepWork of(GgufFile file, ModelConfig config, int past) {
        ModelInspection inspection = ModelInspection.of(file);
        ModelShape shape = config.shape();
        long weights = inspection.parameterCount();
        long bytes = inspection.memory().orElseThrow().weightBytes();
        GgufTensor embedding = file.tensor(EMBEDDING).orElseThrow();
        if (!config.tiedOutput()) {
            weights -= embedding.rows() * embedding.columns();
            bytes -= PackedMatrix.packedBytes(embedding.type(), embedding.rows(), embedding.columns());
        }
        return new StepWork(
                weights,
                bytes,
                inspection.weightTypes().getFirst().type(),
                4L * past * shape.queryWidth() * shape.layers(),
                past * shape.kvElementsPerToken() * Float.BYTES);
    }

    /** Floating-point operations of a step; a product and its sum are two. */
    double flops(int rows) {
        return rows * (2.0 * weights + attentionFlopsPerRow);
    }

    /** Bytes that have to be read at least once. */
    double bytes() {
        return weightBytes + kvBytes;
    }
}
