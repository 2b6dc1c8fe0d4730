package dev.foretoken.engine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.gguf.GgufFile;
import dev.foretoken.engine.kv.KvShape;
import dev.foretoken.engine.testing.Goldens;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LanguageModelTest {
    private static final Path FILE = Goldens.model("random-qwen2-f16.gguf");

    @Test
    void shouldKnowItsFileVocabularyAndSizes() {
        try (GgufFile file = GgufFile.open(FILE)) {
            LanguageModel model = LanguageModel.load(file, ModelConfig.read(file), 1, LoadProgress.NONE);

            assertThat(model.identity().path()).isEqualTo(FILE.toString());
            assertThat(model.identity().sizeBytes()).isEqualTo(file.sizeBytes());
            assertThat(model.identity().contentHash()).isEqualTo(file.contentHash());
            assertThat(model.tokenizer().vocabulary().size())
                    .isEqualTo(model.config().vocabularySize());
            assertThat(model.kvShape(32, 500))
                    .isEqualTo(new KvShape(
                            model.config().layers(),
                            model.config().kvHeads(),
                            model.config().headDim(),
                            32,
                            500));
        }
    }

    @Test
    void shouldReportProgressFromNothingToAll() {
        List<Double> fractions = new ArrayList<>();
        try (GgufFile file = GgufFile.open(FILE)) {
            LanguageModel.load(file, ModelConfig.read(file), 2, (fraction, stage) -> {
                assertThat(stage).isNotBlank();
                fractions.add(fraction);
            });
        }

        assertThat(fractions).hasSizeGreaterThan(5).isSorted().startsWith(0.0).endsWith(1.0);
    }

    @Test
    void shouldRefuseWeightsThatTheHeapCannotHold() {
        assertThatThrownBy(() -> ModelLoader.requireHeap("big.gguf", (5L << 30) + 1, 3L << 30))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("model big.gguf needs 5,121 MiB of Java heap for its weights, 3,072 MiB are left: "
                        + "raise -Xmx or -XX:MaxRAMPercentage, or use a smaller quantisation");
        assertThatCode(() -> ModelLoader.requireHeap("fits.gguf", 3L << 30, 3L << 30))
                .doesNotThrowAnyException();
    }
}
