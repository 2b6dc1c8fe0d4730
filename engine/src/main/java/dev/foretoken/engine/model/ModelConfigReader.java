package dev.foretoken.engine.model;

import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.gguf.GgufFile;
import dev.foretoken.engine.gguf.GgufMetadata;
import dev.foretoken.engine.gguf.GgufTensor;
import dev.foretoken.engine.kv.KvShape;
import java.util.List;
import java.util.OptionalInt;

/** Reads a {@link ModelConfig}; refuses by name whatever would make the forward pass compute something else. */
final class ModelConfigReader {
    static final String EMBEDDING = "token_embd.weight";

    // At least twice what the largest dense models have. What a forward pass sizes by one of these and its rows fits an
    // int.
    private static final int LAYERS_MAX = 1024;
    private static final int WIDTH_MAX = 1 << 17;
    private static final int HEADS_MAX = 1024;
    /** A row's attention is at least as many chunks: a region of the compute team has room for those of 500 rows. */
    private static final int KV_HEADS_MAX = 128;

    private static final int HEAD_DIM_MAX = 4096;
    private static final int FEED_FORWARD_MAX = 1 << 20;
    private static final int VOCABULARY_MAX = 1 << 22;
    private static final int CONTEXT_MAX = 1 << 24;
    /** Of all heads, as an output of the attention: no head may be large where they are many. */
    private static final int QUERY_WIDTH_MAX = WIDTH_MAX;
    /** Of one position, padding included: a page of {@link KvShape#PAGE_TOKENS} fits one Java array. */
    private static final long KV_FLOATS_MAX = 1 << 24;

    /** Keys that scale values in related models; 0 and 1 mean that nothing happens. */
    private static final List<String> NEUTRAL_FACTORS =
            List.of("logit_scale", "residual_scale", "embedding_scale", "rope.scaling.attn_factor");

    /** Keys that clip or bend values in related models, by this much; only 0 means that nothing happens. */
    private static final List<String> NEUTRAL_LIMITS = List.of(
            "attn_logit_softcapping", "final_logit_softcapping", "attention.clamp_kqv", "attention.max_alibi_bias");

    private final GgufFile file;
    private final GgufMetadata metadata;

    ModelConfigReader(GgufFile file) {
        this.file = file;
        this.metadata = file.metadata();
    }

    ModelConfig read() {
        Architecture architecture = readArchitecture();
        refuseOtherComputations(architecture);
        ModelShape shape = readShape(architecture);
        float scale = AttentionWorker.scale(shape.headDim());
        requireNeutral(key(architecture, "attention.scale"), scale, "0 or %s, by the size of a head".formatted(scale));
        return new ModelConfig(
                metadata.has("general.name") ? metadata.display("general.name") : file.name(),
                architecture,
                shape,
                readRope(architecture, shape),
                readEpsilon(architecture),
                file.tensor("output.weight").isEmpty(),
                architecture == Architecture.QWEN2
                        || file.tensor("blk.0.attn_q.bias").isPresent(),
                SamplingDefaultsReader.read(file),
                metadata.string("tokenizer.chat_template"));
    }

    private Architecture readArchitecture() {
        String type = metadata.string("general.type").orElse("model");
        if (!type.equals("model")) {
            throw refused(
                    "it holds %s (general.type), expected a whole model".formatted(metadata.describe("general.type")));
        }
        return Architecture.byKey(metadata.requireString("general.architecture"))
                .orElseThrow(() -> refused("its architecture is %s, expected %s"
                        .formatted(metadata.describe("general.architecture"), Architecture.SUPPORTED)));
    }

    private void refuseOtherComputations(Architecture architecture) {
        long experts = metadata.integer(key(architecture, "expert_count")).orElse(0);
        if (experts != 0) {
            throw refused("it is a mixture of %d experts, which is not supported; expected a dense %s model"
                    .formatted(experts, architecture.key()));
        }
        if (!metadata.bool(key(architecture, "attention.causal")).orElse(true)) {
            throw refused("its attention looks at later tokens (%s is false), expected a model that generates text"
                    .formatted(key(architecture, "attention.causal")));
        }
        NEUTRAL_FACTORS.forEach(suffix -> requireNeutral(key(architecture, suffix), 1, "0 or 1"));
        NEUTRAL_LIMITS.forEach(suffix -> requireNeutral(key(architecture, suffix), 0, "0"));
    }

    /** A key may be 0, as where it is absent, or the one value that changes nothing either. */
    private void requireNeutral(String key, float neutral, String expected) {
        float value = (float) metadata.number(key).orElse(0);
        if (value != 0 && value != neutral) {
            throw refused(
                    "%s is %s, which is not supported; expected %s".formatted(key, metadata.describe(key), expected));
        }
    }

    private ModelShape readShape(Architecture architecture) {
        int width = size(architecture, "embedding_length", WIDTH_MAX);
        int heads = size(architecture, "attention.head_count", HEADS_MAX);
        int kvHeads = metadata.has(key(architecture, "attention.head_count_kv"))
                ? size(architecture, "attention.head_count_kv", HEADS_MAX)
                : heads;
        if (heads % kvHeads != 0) {
            throw refused("it has %d heads over %d key-value heads, expected a multiple".formatted(heads, kvHeads));
        }
        ModelShape shape = new ModelShape(
                size(architecture, "block_count", LAYERS_MAX),
                width,
                heads,
                kvHeads,
                readHeadDim(architecture, width, heads),
                size(architecture, "feed_forward_length", FEED_FORWARD_MAX),
                readVocabularySize(architecture),
                Math.min(readContext(architecture), readWindow(architecture)));
        checkHeads(shape);
        return shape;
    }

    /** Each size may be sound and what they come to together not. */
    private void checkHeads(ModelShape shape) {
        if (shape.kvHeads() > KV_HEADS_MAX) {
            throw refused("it has %d key-value heads in a layer, expected at most %d"
                    .formatted(shape.kvHeads(), KV_HEADS_MAX));
        }
        if (shape.queryWidth() > QUERY_WIDTH_MAX) {
            throw refused("its %d heads of size %d come to a width of %d, expected at most %d"
                    .formatted(shape.heads(), shape.headDim(), shape.queryWidth(), QUERY_WIDTH_MAX));
        }
        long kvFloats =
                (long) shape.layers() * shape.kvHeads() * (shape.headDim() + KvShape.valueStride(shape.headDim()));
        if (kvFloats > KV_FLOATS_MAX) {
            throw refused(
                    "one token's keys and values in %d layers of %d key-value heads of size %d are %d numbers, expected at most %d"
                            .formatted(shape.layers(), shape.kvHeads(), shape.headDim(), kvFloats, KV_FLOATS_MAX));
        }
    }

    private int readHeadDim(Architecture architecture, int width, int heads) {
        String key = key(architecture, "attention.key_length");
        if (!metadata.has(key) && width % heads != 0) {
            throw refused("its width %d is no multiple of its %d heads; expected %s to tell the head size"
                    .formatted(width, heads, key));
        }
        int headDim = metadata.has(key) ? size(architecture, "attention.key_length", HEAD_DIM_MAX) : width / heads;
        requireEqual(architecture, "attention.value_length", headDim, "the size of a key head");
        requireEqual(
                architecture, "rope.dimension_count", headDim, "the head size (partial rotation is not supported)");
        if (headDim % 2 != 0 || headDim > HEAD_DIM_MAX) {
            throw refused("its head size is %d, expected an even number up to %d".formatted(headDim, HEAD_DIM_MAX));
        }
        return headDim;
    }

    /** The embedding decides: it is what will be indexed by token ids. */
    private int readVocabularySize(Architecture architecture) {
        GgufTensor embedding = file.tensor(EMBEDDING)
                .orElseThrow(() -> refused("tensor %s is missing, expected a whole model".formatted(EMBEDDING)));
        if (embedding.rows() > VOCABULARY_MAX) {
            throw refused(
                    "its vocabulary has %d tokens, expected at most %d".formatted(embedding.rows(), VOCABULARY_MAX));
        }
        int size = (int) embedding.rows();
        requireEqual(architecture, "vocab_size", size, "the rows of " + EMBEDDING);
        OptionalInt tokens = metadata.count("tokenizer.ggml.tokens");
        if (tokens.isPresent() && tokens.getAsInt() != size) {
            throw refused("tokenizer.ggml.tokens has %d tokens, but %s has %d rows"
                    .formatted(tokens.getAsInt(), EMBEDDING, size));
        }
        return size;
    }

    private int readContext(Architecture architecture) {
        return size(architecture, "context_length", CONTEXT_MAX);
    }

    /** Up to the window's length, attention inside a window is attention over everything: the context ends there. */
    private int readWindow(Architecture architecture) {
        long window =
                metadata.integer(key(architecture, "attention.sliding_window")).orElse(0);
        if (window < 0) {
            throw refused("%s is %d, expected 0 (none) or more"
                    .formatted(key(architecture, "attention.sliding_window"), window));
        }
        return window == 0 ? CONTEXT_MAX : (int) Math.min(window, CONTEXT_MAX);
    }

    private float readEpsilon(Architecture architecture) {
        String key = key(architecture, "attention.layer_norm_rms_epsilon");
        double epsilon = metadata.requireNumber(key);
        if (!(epsilon >= 0 && epsilon < 1)) {
            throw refused("%s is %s, expected 0 to below 1".formatted(key, metadata.describe(key)));
        }
        return (float) epsilon;
    }

    private RopeConfig readRope(Architecture architecture, ModelShape shape) {
        String baseKey = key(architecture, "rope.freq_base");
        double base = metadata.number(baseKey).orElse(10_000);
        if (!(base >= 1 && base <= 1e12)) {
            throw refused("%s is %s, expected 1 to 1e12".formatted(baseKey, metadata.describe(baseKey)));
        }
        return new RopeConfig(
                architecture.ropePairing(),
                base,
                readLinearFactor(architecture),
                file.tensor(ModelTensors.ROPE_FACTORS).isPresent());
    }

    /** A factor without a type means linear scaling, as in older files; so does the older key. */
    private double readLinearFactor(Architecture architecture) {
        String typeKey = key(architecture, "rope.scaling.type");
        String type = metadata.string(typeKey).orElse("linear");
        if (type.equals("none")) {
            return 1;
        }
        if (!type.equals("linear")) {
            throw refused("its rotary scaling is %s, expected none, linear or rope_freqs factors"
                    .formatted(metadata.describe(typeKey)));
        }
        String factorKey = key(architecture, "rope.scaling.factor");
        String key = metadata.has(factorKey) ? factorKey : key(architecture, "rope.scale_linear");
        double factor = metadata.number(key).orElse(0);
        if (factor != 0 && !(factor >= 1e-3 && factor <= 1e6)) {
            throw refused("%s is %s, expected 0 (none) or 0.001 to 1000000".formatted(key, metadata.describe(key)));
        }
        return factor == 0 ? 1 : factor;
    }

    private int size(Architecture architecture, String suffix, int max) {
        String key = key(architecture, suffix);
        long size = metadata.requireInteger(key);
        if (size < 1 || size > max) {
            throw refused("%s is %d, expected 1 to %d".formatted(key, size, max));
        }
        return (int) size;
    }

    private void requireEqual(Architecture architecture, String suffix, int expected, String what) {
        String key = key(architecture, suffix);
        long value = metadata.integer(key).orElse(expected);
        if (value != expected) {
            throw refused("%s is %d, expected %d, %s".formatted(key, value, expected, what));
        }
    }

    private static String key(Architecture architecture, String suffix) {
        return architecture.key() + "." + suffix;
    }

    private InvalidInputException refused(String problem) {
        return GgufFile.refused(file.name(), problem);
    }
}
