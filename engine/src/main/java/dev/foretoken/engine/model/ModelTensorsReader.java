package dev.foretoken.engine.model;

import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.gguf.Dequantizer;
import dev.foretoken.engine.gguf.GgufFile;
import dev.foretoken.engine.gguf.GgufTensor;
import dev.foretoken.engine.gguf.TensorType;
import dev.foretoken.engine.kernel.PackedMatrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Finds the tensors of a model and refuses those that are missing, misshapen or not understood. */
final class ModelTensorsReader {
    private final GgufFile file;
    private final ModelConfig config;
    private final ModelShape shape;
    private final Set<String> taken = new HashSet<>();

    ModelTensorsReader(GgufFile file, ModelConfig config) {
        this.file = file;
        this.config = config;
        this.shape = config.shape();
    }

    ModelTensors read() {
        refuseExperts();
        GgufTensor embedding = matrix(ModelConfigReader.EMBEDDING, shape.width(), shape.vocabularySize());
        List<ModelTensors.Layer> layers = new ArrayList<>();
        for (int i = 0; i < shape.layers(); i++) {
            layers.add(layer("blk." + i + "."));
        }
        ModelTensors tensors = new ModelTensors(
                embedding,
                vector("output_norm.weight", shape.width()),
                config.tiedOutput() ? embedding : matrix("output.weight", shape.width(), shape.vocabularySize()),
                ropeFactors(),
                layers);
        refuseUnknown();
        refuseTooLarge(tensors);
        return tensors;
    }

    private ModelTensors.Layer layer(String block) {
        return new ModelTensors.Layer(
                vector(block + "attn_norm.weight", shape.width()),
                matrix(block + "attn_q.weight", shape.width(), shape.queryWidth()),
                matrix(block + "attn_k.weight", shape.width(), shape.kvWidth()),
                matrix(block + "attn_v.weight", shape.width(), shape.kvWidth()),
                biases(block),
                matrix(block + "attn_output.weight", shape.queryWidth(), shape.width()),
                vector(block + "ffn_norm.weight", shape.width()),
                matrix(block + "ffn_gate.weight", shape.width(), shape.feedForward()),
                matrix(block + "ffn_up.weight", shape.width(), shape.feedForward()),
                matrix(block + "ffn_down.weight", shape.feedForward(), shape.width()));
    }

    private Optional<ModelTensors.Biases> biases(String block) {
        if (!config.attentionBiases()) {
            return Optional.empty();
        }
        return Optional.of(new ModelTensors.Biases(
                vector(block + "attn_q.bias", shape.queryWidth()),
                vector(block + "attn_k.bias", shape.kvWidth()),
                vector(block + "attn_v.bias", shape.kvWidth())));
    }

    private Optional<GgufTensor> ropeFactors() {
        if (!config.rope().hasFactors()) {
            return Optional.empty();
        }
        GgufTensor factors = vector(ModelTensors.ROPE_FACTORS, shape.headDim() / 2);
        float[] values = new float[shape.headDim() / 2];
        Dequantizer.dequantize(factors.type(), file.data(factors), 0, values, 0, values.length);
        for (float value : values) {
            if (!(value >= 1e-6f && value <= 1e6f)) {
                throw refused(
                        "tensor %s has the factor %s, expected 0.000001 to 1000000".formatted(factors.name(), value));
            }
        }
        return Optional.of(factors);
    }

    private GgufTensor matrix(String name, int columns, int rows) {
        GgufTensor tensor = required(name, columns, rows);
        if (!tensor.type().isSupported()) {
            throw refused("tensor %s has type %s, expected %s; use another quantisation of the model"
                    .formatted(name, tensor.type(), TensorType.SUPPORTED));
        }
        return tensor;
    }

    private GgufTensor vector(String name, int size) {
        GgufTensor tensor = required(name, size, 1);
        if (tensor.type() != TensorType.F32 && tensor.type() != TensorType.F16 && tensor.type() != TensorType.BF16) {
            throw refused(
                    "tensor %s has type %s, expected F32, F16 or BF16 for a vector".formatted(name, tensor.type()));
        }
        return tensor;
    }

    private GgufTensor required(String name, int columns, int rows) {
        GgufTensor tensor = file.tensor(name)
                .orElseThrow(() -> refused(
                        "tensor %s is missing, expected %d x %d by its metadata".formatted(name, columns, rows)));
        if (tensor.columns() != columns
                || tensor.rows() != rows
                || tensor.shape().size() > 2) {
            throw refused("tensor %s is %s, expected %d x %d by its metadata"
                    .formatted(name, tensor.shapeText(), columns, rows));
        }
        taken.add(name);
        return tensor;
    }

    private void refuseExperts() {
        for (GgufTensor tensor : file.tensors()) {
            if (tensor.name().contains("_exps.") || tensor.name().contains("ffn_gate_inp.")) {
                throw refused(
                        "it is a mixture of experts (tensor %s), which is not supported; expected a dense %s model"
                                .formatted(tensor.name(), config.architecture().key()));
            }
        }
    }

    /** A tensor that is ignored is a part of the model that is not computed. */
    private void refuseUnknown() {
        for (GgufTensor tensor : file.tensors()) {
            if (!taken.contains(tensor.name())) {
                throw refused(
                        "tensor %s is not part of a plain %s model of %d layers; a model that needs it is not supported"
                                .formatted(tensor.name(), config.architecture().key(), shape.layers()));
            }
        }
    }

    /** Packing would refuse them too, but only when it comes to them. */
    private void refuseTooLarge(ModelTensors tensors) {
        refuseTooLarge(tensors.embedding());
        refuseTooLarge(tensors.output());
        for (ModelTensors.Layer layer : tensors.layers()) {
            refuseTooLarge(layer.query(), layer.key(), layer.value());
            refuseTooLarge(layer.attentionOutput());
            refuseTooLarge(layer.gate(), layer.up());
            refuseTooLarge(layer.down());
        }
    }

    /** Matrices of equal columns, of which those of one layout may be packed into one, below each other. */
    private void refuseTooLarge(GgufTensor... together) {
        for (GgufTensor matrix : together) {
            List<GgufTensor> joined = Arrays.stream(together)
                    .filter(other -> PackedMatrix.canJoin(matrix.type(), other.type()))
                    .toList();
            long rows = joined.stream().mapToLong(GgufTensor::rows).sum();
            if (!PackedMatrix.fits(matrix.type(), rows, Math.toIntExact(matrix.columns()))) {
                throw refused(
                        "tensor %s has %d weights, more than a Java array of 2^31 elements holds; use a model with smaller matrices"
                                .formatted(
                                        joined.stream().map(GgufTensor::name).collect(Collectors.joining(" + ")),
                                        rows * matrix.columns()));
            }
        }
    }

    private InvalidInputException refused(String problem) {
        return GgufFile.refused(file.name(), problem);
    }
}
