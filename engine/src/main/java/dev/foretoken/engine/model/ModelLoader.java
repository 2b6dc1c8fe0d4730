package dev.foretoken.engine.model;

import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.gguf.Dequantizer;
import dev.foretoken.engine.gguf.GgufFile;
import dev.foretoken.engine.gguf.GgufTensor;
import dev.foretoken.engine.gguf.TensorType;
import dev.foretoken.engine.kernel.ComputeTeam;
import dev.foretoken.engine.kernel.Kernels;
import dev.foretoken.engine.kernel.PackedMatrix;
import dev.foretoken.engine.kernel.WeightRows;
import dev.foretoken.engine.kv.HeapSpace;
import dev.foretoken.engine.tokenizer.Tokenizer;
import dev.foretoken.engine.trace.ModelIdentity;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Packs the tensors of one file, after it made sure that the heap has room for them. */
final class ModelLoader {
    private static final long MIB = 1 << 20;
    /** Plain loops take some 20 ms for a row of so many weights: until the others are compiled, that is fast. */
    private static final long SMALL_WEIGHTS = 16_000_000;

    private final GgufFile file;
    private final ModelConfig config;
    private final ModelShape shape;
    private final ModelTensors tensors;
    private final Tokenizer tokenizer;
    private final LoadProgress progress;
    private long bytesDone;
    private long bytesAll;

    ModelLoader(GgufFile file, ModelConfig config, Tokenizer tokenizer, LoadProgress progress) {
        this.file = file;
        this.config = config;
        this.shape = config.shape();
        this.tensors = ModelTensors.of(file, config);
        this.tokenizer = tokenizer;
        this.progress = progress;
    }

    LanguageModel load(int threads) {
        long bytes = ModelMemory.of(config, tensors).weightBytes();
        requireHeap(file.name(), bytes, HeapSpace.leftBytes(bytes));
        bytesAll = storedBytes();
        progress.loaded(0, "packing weights");
        Kernels kernels = kernels();
        try (ComputeTeam team = new ComputeTeam(threads, "foretoken-load")) {
            PackedMatrix embedding = matrix(tensors.embedding(), team);
            PackedMatrix output = config.tiedOutput() ? embedding : matrix(tensors.output(), team);
            List<LayerWeights> layers = new ArrayList<>();
            for (ModelTensors.Layer layer : tensors.layers()) {
                layers.add(layer(layer, team));
            }
            RotaryEmbedding rotary = new RotaryEmbedding(
                    shape.headDim(),
                    config.rope().base(),
                    config.rope().linearFactor(),
                    tensors.ropeFactors().map(this::vector).orElse(new float[0]));
            progress.loaded(1, "weights packed");
            return new LanguageModel(
                    config,
                    new ModelIdentity(file.name(), file.sizeBytes(), file.contentHash()),
                    tokenizer,
                    rotary,
                    embedding,
                    vector(tensors.outputNorm()),
                    output,
                    layers,
                    kernels);
        }
    }

    private Kernels kernels() {
        long weights = 0;
        Set<TensorType> types = EnumSet.noneOf(TensorType.class);
        for (GgufTensor tensor : file.tensors()) {
            weights += tensor.elementCount();
            if (tensor.rows() > 1 && tensor.type().isSupported()) types.add(tensor.type());
        }
        return weights <= SMALL_WEIGHTS ? Kernels.warming(types) : Kernels.fastest();
    }

    private LayerWeights layer(ModelTensors.Layer layer, ComputeTeam team) {
        MatrixGroup qkv = MatrixGroup.pack(
                shape.width(), List.of(rows(layer.query()), rows(layer.key()), rows(layer.value())), team);
        done(layer.query());
        done(layer.key());
        done(layer.value());
        PackedMatrix attentionOutput = matrix(layer.attentionOutput(), team);
        GateUp gateUp = GateUp.pack(shape.width(), rows(layer.gate()), rows(layer.up()), team);
        done(layer.gate());
        done(layer.up());
        return new LayerWeights(
                vector(layer.attentionNorm()),
                qkv,
                layer.biases().map(biases -> biases(qkv, biases)).orElse(new float[0]),
                attentionOutput,
                vector(layer.feedForwardNorm()),
                gateUp,
                matrix(layer.down(), team));
    }

    private float[] biases(MatrixGroup qkv, ModelTensors.Biases biases) {
        float[] joined = new float[qkv.paddedRows()];
        place(biases.query(), joined, qkv.rowOffset(LayerWeights.QUERY));
        place(biases.key(), joined, qkv.rowOffset(LayerWeights.KEY));
        place(biases.value(), joined, qkv.rowOffset(LayerWeights.VALUE));
        return joined;
    }

    private PackedMatrix matrix(GgufTensor tensor, ComputeTeam team) {
        PackedMatrix packed = PackedMatrix.pack((int) tensor.columns(), List.of(rows(tensor)), team);
        done(tensor);
        return packed;
    }

    private WeightRows rows(GgufTensor tensor) {
        return new WeightRows(tensor.type(), Math.toIntExact(tensor.rows()), file.data(tensor));
    }

    private float[] vector(GgufTensor tensor) {
        float[] values = new float[Math.toIntExact(tensor.elementCount())];
        place(tensor, values, 0);
        return values;
    }

    private void place(GgufTensor tensor, float[] out, int at) {
        Dequantizer.dequantize(tensor.type(), file.data(tensor), 0, out, at, Math.toIntExact(tensor.elementCount()));
    }

    /** What is packed shall not be in memory twice. */
    private void done(GgufTensor tensor) {
        file.release(tensor);
        bytesDone += tensor.sizeBytes();
        progress.loaded(Math.min(1, (double) bytesDone / bytesAll), "packing weights");
    }

    private long storedBytes() {
        long bytes = 0;
        for (GgufTensor tensor : file.tensors()) {
            bytes += tensor.sizeBytes();
        }
        return Math.max(1, bytes);
    }

    static void requireHeap(String name, long bytes, long leftBytes) {
        if (bytes > leftBytes) {
            throw new InvalidInputException(
                    "model %s needs %,d MiB of Java heap for its weights, %,d MiB are left: raise -Xmx or -XX:MaxRAMPercentage, or use a smaller quantisation"
                            .formatted(name, Math.ceilDiv(bytes, MIB), leftBytes / MIB));
        }
    }
}
