package dev.foretoken.engine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.gguf.GgufBuilder;
import dev.foretoken.engine.gguf.TensorType;
import dev.foretoken.engine.session.SamplingDefaults;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ModelConfigTest {
    private static final String TYPES = "expected F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K or Q6_K";

    @Test
    void shouldReadTheSmallestLlama() {
        ModelConfig config = ModelConfig.read(TestModels.llama().open());

        assertThat(config.name()).isEqualTo("Test");
        assertThat(config.shape()).isEqualTo(new ModelShape(1, 32, 2, 1, 16, 64, 16, 64));
        assertThat(config.shape().kvElementsPerToken()).isEqualTo(32);
        assertThat(config.rope()).isEqualTo(new RopeConfig(RopePairing.NEIGHBOURS, 10_000, 1, false));
        assertThat(config.tiedOutput()).isTrue();
        assertThat(config.attentionBiases()).isFalse();
        assertThat(config.samplingDefaults()).isEqualTo(SamplingDefaults.STANDARD);
        assertThat(config.chatTemplate()).isEmpty();
    }

    @Test
    void shouldReadTheSmallestQwen() {
        ModelConfig config = ModelConfig.read(TestModels.qwen2().open());

        assertThat(config.attentionBiases()).isTrue();
        assertThat(config.rope().pairing()).isEqualTo(RopePairing.HALVES);
    }

    @Test
    void shouldReadLlamaWithBiases() {
        ModelConfig config = ModelConfig.read(TestModels.llama()
                .tensor("blk.0.attn_q.bias", TensorType.F32, 32)
                .tensor("blk.0.attn_k.bias", TensorType.F32, 16)
                .tensor("blk.0.attn_v.bias", TensorType.F32, 16)
                .open());

        assertThat(config.attentionBiases()).isTrue();
    }

    @Test
    void shouldTakeTheHeadSizeFromTheFileWhereItDiffersFromTheWidth() {
        GgufBuilder builder = TestModels.llama()
                .uint32("llama.attention.key_length", 32)
                .uint32("llama.attention.value_length", 32)
                .uint32("llama.rope.dimension_count", 32)
                .tensor("blk.0.attn_q.weight", TensorType.Q8_0, 32, 64)
                .tensor("blk.0.attn_k.weight", TensorType.Q8_0, 32, 32)
                .tensor("blk.0.attn_v.weight", TensorType.Q8_0, 32, 32)
                .tensor("blk.0.attn_output.weight", TensorType.Q8_0, 64, 32);

        assertThat(ModelConfig.read(builder.open()).shape().queryWidth()).isEqualTo(64);
    }

    static Stream<Arguments> shouldReadRotaryScalings() {
        return Stream.of(
                arguments(TestModels.llama().string("llama.rope.scaling.type", "none"), 1.0),
                arguments(
                        TestModels.llama()
                                .string("llama.rope.scaling.type", "none")
                                .float32("llama.rope.scaling.factor", 4),
                        1.0),
                arguments(TestModels.llama().float32("llama.rope.scaling.factor", 4), 4.0),
                arguments(TestModels.llama().float32("llama.rope.scale_linear", 2), 2.0),
                arguments(TestModels.llama().float32("llama.rope.scaling.factor", 0), 1.0));
    }

    @ParameterizedTest
    @MethodSource
    void shouldReadRotaryScalings(GgufBuilder builder, double factor) {
        assertThat(ModelConfig.read(builder.open()).rope().linearFactor()).isEqualTo(factor);
    }

    @Test
    void shouldEndTheContextWhereTheAttentionWindowEnds() {
        ModelConfig limited = ModelConfig.read(
                TestModels.llama().uint32("llama.attention.sliding_window", 48).open());
        ModelConfig unlimited = ModelConfig.read(TestModels.llama()
                .uint32("llama.attention.sliding_window", 4096)
                .open());

        assertThat(limited.contextLength()).isEqualTo(48);
        assertThat(unlimited.contextLength()).isEqualTo(64);
    }

    @Test
    void shouldReadSamplingDefaultsAndFillInTheStandard() {
        assertThat(ModelConfig.read(TestModels.llama()
                                .float32("general.sampling.temp", 0.6f)
                                .uint32("general.sampling.top_k", 40)
                                .open())
                        .samplingDefaults())
                .isEqualTo(new SamplingDefaults(0.6, 40, 0.95, 0, 1));
        assertThat(ModelConfig.read(TestModels.llama()
                                .float32("general.sampling.top_p", 0.8f)
                                .float32("general.sampling.min_p", 0.05f)
                                .float32("general.sampling.penalty_repeat", 1.05f)
                                .open())
                        .samplingDefaults())
                .isEqualTo(new SamplingDefaults(0.8, 0, 0.8, 0.05, 1.05));
    }

    @Test
    void shouldTakeScalesAndLimitsThatChangeNothing() {
        for (float neutral : new float[] {0, 1}) {
            assertReads(TestModels.llama()
                    .float32("llama.logit_scale", neutral)
                    .float32("llama.residual_scale", neutral)
                    .float32("llama.embedding_scale", neutral)
                    .float32("llama.rope.scaling.attn_factor", neutral));
        }
        assertReads(TestModels.llama()
                .float32("llama.attn_logit_softcapping", 0)
                .float32("llama.final_logit_softcapping", 0)
                .float32("llama.attention.clamp_kqv", 0)
                .float32("llama.attention.max_alibi_bias", 0)
                .float32("llama.attention.scale", 0));
        assertReads(TestModels.llama().float32("llama.attention.scale", 0.25f)); // heads of 16
    }

    private static void assertReads(GgufBuilder builder) {
        assertThat(ModelConfig.read(builder.open()).name()).isEqualTo("Test");
    }

    static Stream<Arguments> shouldRefuseByName() {
        return Stream.of(
                refusal(
                        TestModels.llama().string("general.architecture", "gemma3"),
                        "its architecture is \"gemma3\", expected llama or qwen2"),
                refusal(
                        TestModels.llama().remove("general.architecture"),
                        "metadata key general.architecture is missing; convert the model again"),
                refusal(
                        TestModels.llama().string("general.type", "adapter"),
                        "it holds \"adapter\" (general.type), expected a whole model"),
                refusal(
                        TestModels.llama().uint32("llama.expert_count", 8),
                        "it is a mixture of 8 experts, which is not supported; expected a dense llama model"),
                refusal(
                        TestModels.llama().tensor("blk.0.ffn_gate_exps.weight", TensorType.F32, 32, 64, 2),
                        "it is a mixture of experts (tensor blk.0.ffn_gate_exps.weight), which is not supported;"
                                + " expected a dense llama model"),
                refusal(
                        TestModels.llama().bool("llama.attention.causal", false),
                        "its attention looks at later tokens (llama.attention.causal is false), expected a model that"
                                + " generates text"),
                refusal(
                        TestModels.llama().float32("llama.logit_scale", 8),
                        "llama.logit_scale is 8.0, which is not supported; expected 0 or 1"),
                refusal(
                        TestModels.llama().float32("llama.rope.scaling.attn_factor", 0.5f),
                        "llama.rope.scaling.attn_factor is 0.5, which is not supported; expected 0 or 1"),
                refusal(
                        TestModels.llama().float32("llama.attn_logit_softcapping", 1),
                        "llama.attn_logit_softcapping is 1.0, which is not supported; expected 0"),
                refusal(
                        TestModels.llama().float32("llama.final_logit_softcapping", 1),
                        "llama.final_logit_softcapping is 1.0, which is not supported; expected 0"),
                refusal(
                        TestModels.llama().float32("llama.attention.clamp_kqv", 1),
                        "llama.attention.clamp_kqv is 1.0, which is not supported; expected 0"),
                refusal(
                        TestModels.llama().float32("llama.attention.max_alibi_bias", 1),
                        "llama.attention.max_alibi_bias is 1.0, which is not supported; expected 0"),
                refusal(
                        TestModels.llama().float32("llama.attention.scale", 1),
                        "llama.attention.scale is 1.0, which is not supported; expected 0 or 0.25, by the size of a"
                                + " head"),
                refusal(
                        TestModels.llama().string("llama.rope.scaling.type", "yarn"),
                        "its rotary scaling is \"yarn\", expected none, linear or rope_freqs factors"),
                refusal(
                        TestModels.llama().float32("llama.rope.scaling.factor", Float.NaN),
                        "llama.rope.scaling.factor is NaN, expected 0 (none) or 0.001 to 1000000"),
                refusal(
                        TestModels.llama().float32("llama.rope.freq_base", -1),
                        "llama.rope.freq_base is -1.0, expected 1 to 1e12"),
                refusal(
                        TestModels.llama().float32("llama.attention.layer_norm_rms_epsilon", 2),
                        "llama.attention.layer_norm_rms_epsilon is 2.0, expected 0 to below 1"),
                refusal(
                        TestModels.llama().remove("llama.attention.layer_norm_rms_epsilon"),
                        "metadata key llama.attention.layer_norm_rms_epsilon is missing; convert the model again"),
                refusal(
                        TestModels.llama().uint32("llama.attention.head_count", 0),
                        "llama.attention.head_count is 0, expected 1 to 1024"),
                refusal(
                        TestModels.llama().ints("llama.attention.head_count_kv", 1, 2),
                        "metadata key llama.attention.head_count_kv is [1, 2], expected an integer"),
                refusal(
                        TestModels.llama().uint32("llama.attention.head_count_kv", 3),
                        "it has 2 heads over 3 key-value heads, expected a multiple"),
                refusal(sized(1, 256, 256, 2), "it has 256 key-value heads in a layer, expected at most 128"),
                refusal(
                        sized(1, 256, 256, 2).remove("llama.attention.head_count_kv"),
                        "it has 256 key-value heads in a layer, expected at most 128"),
                refusal(
                        sized(1, 64, 1, 2050),
                        "its 64 heads of size 2050 come to a width of 131200, expected at most 131072"),
                refusal(
                        sized(1024, 128, 128, 66),
                        "one token's keys and values in 1024 layers of 128 key-value heads of size 66 are 19136512"
                                + " numbers, expected at most 16777216"),
                refusal(
                        TestModels.llama().uint32("llama.attention.head_count", 3),
                        "its width 32 is no multiple of its 3 heads; expected llama.attention.key_length to tell the"
                                + " head size"),
                refusal(
                        TestModels.llama().uint32("llama.attention.key_length", 15),
                        "its head size is 15, expected an even number up to 4096"),
                refusal(
                        TestModels.llama().uint32("llama.attention.value_length", 8),
                        "llama.attention.value_length is 8, expected 16, the size of a key head"),
                refusal(
                        TestModels.llama().uint32("llama.rope.dimension_count", 8),
                        "llama.rope.dimension_count is 8, expected 16, the head size (partial rotation is not"
                                + " supported)"),
                refusal(
                        TestModels.llama().uint32("llama.context_length", 1 << 30),
                        "llama.context_length is 1073741824, expected 1 to 16777216"),
                refusal(
                        TestModels.llama()
                                .uint32("llama.attention.sliding_window", 0)
                                .uint64("llama.attention.sliding_window", -1),
                        "metadata key llama.attention.sliding_window is 18446744073709551615, expected at most"
                                + " 9223372036854775807"),
                refusal(
                        TestModels.llama().uint32("llama.block_count", -1),
                        "llama.block_count is 4294967295, expected 1 to 1024"),
                refusal(
                        TestModels.llama().uint32("llama.block_count", 2),
                        "tensor blk.1.attn_norm.weight is missing, expected 32 x 1 by its metadata"),
                refusal(
                        TestModels.llama().uint32("llama.vocab_size", 17),
                        "llama.vocab_size is 17, expected 16, the rows of token_embd.weight"),
                refusal(
                        TestModels.llama().strings("tokenizer.ggml.tokens", "a", "b"),
                        "tokenizer.ggml.tokens has 2 tokens, but token_embd.weight has 16 rows"),
                refusal(
                        TestModels.llama().remove("token_embd.weight"),
                        "tensor token_embd.weight is missing, expected a whole model"),
                refusal(
                        TestModels.llama().remove("blk.0.ffn_up.weight"),
                        "tensor blk.0.ffn_up.weight is missing, expected 32 x 64 by its metadata"),
                refusal(
                        TestModels.qwen2().remove("blk.0.attn_k.bias"),
                        "tensor blk.0.attn_k.bias is missing, expected 16 x 1 by its metadata"),
                refusal(
                        TestModels.llama().tensor("blk.0.attn_k.weight", TensorType.F32, 32, 32),
                        "tensor blk.0.attn_k.weight is 32 x 32, expected 32 x 16 by its metadata"),
                refusal(
                        TestModels.llama().tensor("blk.0.attn_k.weight", TensorType.IQ4_NL, 32, 16),
                        "tensor blk.0.attn_k.weight has type IQ4_NL, " + TYPES
                                + "; use another quantisation of the model"),
                refusal(
                        TestModels.llama().tensor("output_norm.weight", TensorType.Q8_0, 32),
                        "tensor output_norm.weight has type Q8_0, expected F32, F16 or BF16 for a vector"),
                refusal(
                        TestModels.llama().tensor("blk.0.attn_q_norm.weight", TensorType.F32, 16),
                        "tensor blk.0.attn_q_norm.weight is not part of a plain llama model of 1 layers; a model that"
                                + " needs it is not supported"),
                refusal(
                        TestModels.llama().tensor("rope_freqs.weight", TensorType.F32, 8),
                        "tensor rope_freqs.weight has the factor 0.0, expected 0.000001 to 1000000"),
                refusal(
                        TestModels.llama().float32("general.sampling.temp", -1),
                        "in its general.sampling defaults temperature is -1.0, expected 0 (greedy) or a number from"
                                + " 0.001 to 100"),
                refusal(
                        TestModels.llama().float32("general.sampling.top_p", Float.NaN),
                        "in its general.sampling defaults top-p is NaN, expected above 0 and at most 1 (off)"));
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource
    void shouldRefuseByName(GgufBuilder builder, String problem) {
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> ModelConfig.read(builder.open()))
                .withMessage("model test.gguf cannot be used: " + problem);
    }

    /** The largest dense models of both families: no size is too large, only the tensors are missing. */
    @ParameterizedTest
    @CsvSource({"126, 128, 8, 128", "80, 64, 64, 128", "80, 64, 8, 128"})
    void shouldTakeTheSizesOfLargeModels(int layers, int heads, int kvHeads, int headDim) {
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> ModelConfig.read(sized(layers, heads, kvHeads, headDim)
                        .uint32("llama.embedding_length", heads * headDim)
                        .uint32("llama.feed_forward_length", 53_248)
                        .open()))
                .withMessageStartingWith("model test.gguf cannot be used: tensor token_embd.weight is 32 x 16");
    }

    private static GgufBuilder sized(int layers, int heads, int kvHeads, int headDim) {
        return TestModels.llama()
                .uint32("llama.block_count", layers)
                .uint32("llama.attention.head_count", heads)
                .uint32("llama.attention.head_count_kv", kvHeads)
                .uint32("llama.attention.key_length", headDim);
    }

    private static Arguments refusal(GgufBuilder builder, String problem) {
        return arguments(builder, problem);
    }
}
