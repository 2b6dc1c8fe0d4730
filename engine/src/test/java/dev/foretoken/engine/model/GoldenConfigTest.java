package dev.foretoken.engine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.foretoken.engine.gguf.GgufFile;
import dev.foretoken.engine.session.SamplingDefaults;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GoldenConfigTest {
    @ParameterizedTest
    @ValueSource(strings = {"bf16", "f16", "f32", "q4_0", "q4_1", "q4_k", "q5_0", "q5_1", "q5_k", "q6_k", "q8_0"})
    void shouldReadTheSameModelInEveryWeightType(String type) throws Exception {
        try (GgufFile file = golden("random-llama-" + type)) {
            ModelConfig config = ModelConfig.read(file);

            assertThat(config.shape()).isEqualTo(new ModelShape(2, 256, 4, 2, 64, 512, 512, 2048));
            assertThat(config.architecture()).isEqualTo(Architecture.LLAMA);
            assertThat(config.rope()).isEqualTo(new RopeConfig(RopePairing.NEIGHBOURS, 10_000, 1, false));
            assertThat(config.rmsEpsilon()).isCloseTo(1e-5f, within(1e-10f));
            assertThat(config.attentionBiases()).isFalse();
        }
    }

    @Test
    void shouldReadRopeFactorsAndASeparateOutputMatrix() throws Exception {
        try (GgufFile file = golden("random-llama3-f16")) {
            ModelConfig config = ModelConfig.read(file);
            ModelTensors tensors = ModelTensors.of(file, config);

            assertThat(config.rope()).isEqualTo(new RopeConfig(RopePairing.NEIGHBOURS, 500_000, 1, true));
            assertThat(config.tiedOutput()).isFalse();
            assertThat(tensors.output().name()).isEqualTo("output.weight");
            assertThat(tensors.ropeFactors()).isPresent();
        }
    }

    @Test
    void shouldReadQwenWithBiasesAndHalves() throws Exception {
        try (GgufFile file = golden("random-qwen2-f16")) {
            ModelConfig config = ModelConfig.read(file);
            ModelTensors tensors = ModelTensors.of(file, config);

            assertThat(config.architecture()).isEqualTo(Architecture.QWEN2);
            assertThat(config.rope().pairing()).isEqualTo(RopePairing.HALVES);
            assertThat(config.attentionBiases()).isTrue();
            assertThat(config.tiedOutput()).isTrue();
            assertThat(tensors.output()).isSameAs(tensors.embedding());
            assertThat(tensors.layers())
                    .hasSize(3)
                    .allMatch(layer -> layer.biases().isPresent());
        }
    }

    @Test
    void shouldReadLinearScalingAndSizesThatAreNoMultipleOf64() throws Exception {
        try (GgufFile file = golden("random-smollm-f16")) {
            ModelConfig config = ModelConfig.read(file);

            assertThat(config.shape()).isEqualTo(new ModelShape(2, 96, 3, 3, 32, 160, 512, 2048));
            assertThat(config.rope().linearFactor()).isEqualTo(4);
        }
    }

    @Test
    void shouldReadTheTinyModelsOwnSamplingDefaults() throws Exception {
        try (GgufFile file = GgufFile.open(sharedModel("tiny-java-target-q8_0.gguf"))) {
            ModelConfig config = ModelConfig.read(file);

            assertThat(config.samplingDefaults()).isEqualTo(new SamplingDefaults(0.7, 0, 0.9, 0, 1.1));
            assertThat(config.shape()).isEqualTo(new ModelShape(8, 192, 3, 1, 64, 512, 8192, 1024));
        }
    }

    @Test
    void shouldReadARealChatModel() throws Exception {
        try (GgufFile file = GgufFile.open(sharedModel("smollm2-135m-instruct-q4_1.gguf"))) {
            ModelConfig config = ModelConfig.read(file);

            assertThat(config.shape()).isEqualTo(new ModelShape(30, 576, 9, 3, 64, 1536, 49_152, 8192));
            assertThat(config.samplingDefaults()).isEqualTo(SamplingDefaults.STANDARD);
            assertThat(config.chatTemplate())
                    .hasValueSatisfying(template -> assertThat(template).startsWith("{% for message in messages %}"));
        }
    }

    private static GgufFile golden(String name) throws URISyntaxException {
        return GgufFile.open(Path.of(GoldenConfigTest.class
                .getResource("/goldens/models/" + name + ".gguf")
                .toURI()));
    }

    private static Path sharedModel(String name) {
        String folder = System.getenv("FORETOKEN_MODELS");
        Path models = folder != null
                ? Path.of(folder)
                : Path.of(System.getProperty("foretoken.root", ".."), "..", "shared", "models");
        Assumptions.assumeTrue(Files.exists(models.resolve(name)), () -> name + " is not in " + models);
        return models.resolve(name);
    }
}
