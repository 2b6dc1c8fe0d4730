package dev.foretoken.engine.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.engine.gguf.GgufBuilder;
import dev.foretoken.engine.gguf.GgufFile;
import dev.foretoken.engine.gguf.TensorType;
import dev.foretoken.engine.model.ModelInspection.TypeShare;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ModelInspectionTest {
    @Test
    void shouldDescribeAModelThatCanRun() throws Exception {
        try (GgufFile file = GgufFile.open(Path.of(ModelInspectionTest.class
                .getResource("/goldens/models/random-llama-q8_0.gguf")
                .toURI()))) {
            ModelInspection inspection = ModelInspection.of(file);

            assertThat(inspection.canRun()).isTrue();
            assertThat(inspection.refusal()).isEmpty();
            assertThat(inspection.name()).startsWith("random-llama");
            assertThat(inspection.architecture()).isEqualTo("llama");
            assertThat(inspection.ggufVersion()).isEqualTo(3);
            assertThat(inspection.sizeBytes()).isEqualTo(file.sizeBytes());
            assertThat(inspection.parameterCount()).isEqualTo(131_072 + 2 * 590_336 + 256);
            assertThat(inspection.weightTypes())
                    .extracting(TypeShare::type)
                    .containsExactly(TensorType.Q8_0, TensorType.F32);
            assertThat(inspection.tokenizer()).isEqualTo("gpt2 (pre-tokenizer gpt-2), 512 tokens");
            assertThat(inspection.hasChatTemplate()).isFalse();
            assertThat(inspection.memory().orElseThrow().kvBytesPerToken()).isEqualTo(2 * 2 * 2 * 64 * 4);
            assertThat(inspection.memory().orElseThrow().weightBytes())
                    .isBetween(file.sizeBytes() * 9 / 10, file.sizeBytes() * 5 / 4);
            assertThat(inspection.metadata()).containsEntry("llama.block_count", "2");
        }
    }

    @Test
    void theSmallestModelsShouldRun() {
        assertThat(ModelInspection.of(TestModels.llama().open()).refusal()).isEmpty();
        assertThat(ModelInspection.of(TestModels.qwen2().open()).refusal()).isEmpty();
    }

    @Test
    void shouldDescribeAModelThatCannotRun() {
        ModelInspection inspection = ModelInspection.of(TestModels.llama()
                .uint32("llama.expert_count", 8)
                .string("general.name", "Mix\u001B[2J")
                .open());

        assertThat(inspection.canRun()).isFalse();
        assertThat(inspection.refusal())
                .contains("it is a mixture of 8 experts, which is not supported; expected a dense llama model");
        assertThat(inspection.name()).isEqualTo("Mix\\u{1b}[2J");
        assertThat(inspection.config()).isEmpty();
        assertThat(inspection.memory()).isEmpty();
        assertThat(inspection.weightTypes()).extracting(TypeShare::tensorCount).containsExactly(5, 1, 3, 1, 1);
    }

    @Test
    void shouldDescribeAFileWithNothingInIt() {
        ModelInspection inspection = ModelInspection.of(new GgufBuilder().open());

        assertThat(inspection.name()).isEqualTo("test.gguf");
        assertThat(inspection.architecture()).isEqualTo("absent");
        assertThat(inspection.tokenizer()).isEqualTo("none");
        assertThat(inspection.refusal())
                .contains("metadata key general.architecture is missing; convert the model again");
    }

    @Test
    void shouldSayThatTheTokenizerIsWhatIsMissing() {
        ModelInspection inspection = ModelInspection.of(
                TestModels.llama().string("tokenizer.ggml.model", "bert").open());

        assertThat(inspection.canRun()).isFalse();
        assertThat(inspection.config()).isPresent();
        assertThat(inspection.refusal().orElseThrow()).contains("bert");
    }

    @Test
    void shouldSayThatTheHeapIsTooSmall() throws Exception {
        try (GgufFile file = GgufFile.open(Path.of(ModelInspectionTest.class
                .getResource("/goldens/models/random-llama-f32.gguf")
                .toURI()))) {
            ModelInspection inspection = ModelInspection.of(file, 4 << 20);

            assertThat(inspection.refusal())
                    .contains("its weights need 5 MiB of Java heap, at most 4 MiB are allowed: raise -Xmx or"
                            + " -XX:MaxRAMPercentage");
        }
    }
}
