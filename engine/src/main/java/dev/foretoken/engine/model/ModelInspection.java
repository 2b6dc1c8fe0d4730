package dev.foretoken.engine.model;

import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.gguf.GgufFile;
import dev.foretoken.engine.gguf.GgufMetadata;
import dev.foretoken.engine.gguf.GgufTensor;
import dev.foretoken.engine.gguf.TensorType;
import dev.foretoken.engine.tokenizer.Tokenizers;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What is in a GGUF file and whether it can run here, for people: a file that cannot run is described, not refused. All
 * text is fit for a terminal (one line, no control characters). Immutable.
 *
 * @param file as it was opened
 * @param sizeBytes of the file
 * @param ggufVersion 2 or 3
 * @param name {@code general.name}, or the file where it has none
 * @param architecture {@code general.architecture} as the file has it, supported or not
 * @param parameterCount elements of all tensors
 * @param weightTypes how the tensors are stored, most bytes first
 * @param tokenizer kind, pre-tokenizer and number of tokens
 * @param hasChatTemplate true if the file says how a conversation is written
 * @param config sizes and settings, if they could be read
 * @param memory needed to run, if the model could be read
 * @param refusal why it cannot run; empty if it can
 * @param metadata every key with its value, cut to one line, in the file's order
 */
public record ModelInspection(
        String file,
        long sizeBytes,
        int ggufVersion,
        String name,
        String architecture,
        long parameterCount,
        List<TypeShare> weightTypes,
        String tokenizer,
        boolean hasChatTemplate,
        Optional<ModelConfig> config,
        Optional<ModelMemory> memory,
        Optional<String> refusal,
        Map<String, String> metadata) {

    /** Tensors of one type: how many, with how many elements, in how many bytes. */
    public record TypeShare(TensorType type, int tensorCount, long elementCount, long sizeBytes) {}

    /** Looks at an open file; reads no weights. */
    public static ModelInspection of(GgufFile file) {
        return of(file, Runtime.getRuntime().maxMemory());
    }

    static ModelInspection of(GgufFile file, long heapBytesMax) {
        GgufMetadata metadata = file.metadata();
        Optional<ModelConfig> config = Optional.empty();
        Optional<ModelMemory> memory = Optional.empty();
        Optional<String> refusal = Optional.empty();
        try {
            ModelConfig read = ModelConfig.read(file);
            config = Optional.of(read);
            memory = Optional.of(ModelMemory.of(read, ModelTensors.of(file, read)));
            Tokenizers.from(metadata);
            refusal = refusalForHeap(memory.get().weightBytes(), heapBytesMax);
        } catch (InvalidInputException refused) {
            refusal = Optional.of(reason(file, refused));
        }
        return new ModelInspection(
                file.name(),
                file.sizeBytes(),
                file.version(),
                metadata.has("general.name") ? metadata.display("general.name") : file.name(),
                metadata.display("general.architecture"),
                parameterCount(file),
                weightTypes(file),
                tokenizer(metadata),
                metadata.has("tokenizer.chat_template"),
                config,
                memory,
                refusal,
                described(metadata));
    }

    public boolean canRun() {
        return refusal.isEmpty();
    }

    private static Optional<String> refusalForHeap(long weightBytes, long heapBytesMax) {
        return weightBytes <= heapBytesMax
                ? Optional.empty()
                : Optional.of(String.format(
                        Locale.ROOT,
                        "its weights need %,d MiB of Java heap, at most %,d MiB are allowed: raise -Xmx or"
                                + " -XX:MaxRAMPercentage",
                        Math.ceilDiv(weightBytes, 1 << 20),
                        heapBytesMax >> 20));
    }

    /** The sentence without its beginning, which names the file once more. */
    private static String reason(GgufFile file, InvalidInputException refused) {
        String prefix = String.valueOf(GgufFile.refused(file.name(), "").getMessage());
        String message = String.valueOf(refused.getMessage());
        return message.startsWith(prefix) ? message.substring(prefix.length()) : message;
    }

    private static String tokenizer(GgufMetadata metadata) {
        if (!metadata.has("tokenizer.ggml.model")) {
            return "none";
        }
        String preTokenizer = metadata.has("tokenizer.ggml.pre")
                ? " (pre-tokenizer %s)".formatted(metadata.display("tokenizer.ggml.pre"))
                : "";
        return metadata.display("tokenizer.ggml.model") + preTokenizer + tokenCount(metadata);
    }

    private static String tokenCount(GgufMetadata metadata) {
        try {
            return String.format(
                    Locale.ROOT,
                    ", %,d tokens",
                    metadata.count("tokenizer.ggml.tokens").orElse(0));
        } catch (InvalidInputException notAnArray) {
            return ", no list of tokens";
        }
    }

    private static long parameterCount(GgufFile file) {
        return file.tensors().stream().mapToLong(GgufTensor::elementCount).sum();
    }

    private static List<TypeShare> weightTypes(GgufFile file) {
        Map<TensorType, TypeShare> shares = new EnumMap<>(TensorType.class);
        for (GgufTensor tensor : file.tensors()) {
            shares.merge(
                    tensor.type(),
                    new TypeShare(tensor.type(), 1, tensor.elementCount(), tensor.sizeBytes()),
                    (a, b) -> new TypeShare(
                            a.type(),
                            a.tensorCount() + b.tensorCount(),
                            a.elementCount() + b.elementCount(),
                            a.sizeBytes() + b.sizeBytes()));
        }
        List<TypeShare> sorted = new ArrayList<>(shares.values());
        sorted.sort(Comparator.comparingLong(TypeShare::sizeBytes).reversed());
        return List.copyOf(sorted);
    }

    private static Map<String, String> described(GgufMetadata metadata) {
        Map<String, String> described = new LinkedHashMap<>();
        metadata.keys().forEach(key -> described.put(key, metadata.describe(key)));
        return Collections.unmodifiableMap(described);
    }
}
