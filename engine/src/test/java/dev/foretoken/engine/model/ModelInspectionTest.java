package dev.foretoken.engine.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.engine.gguf.GgufBuilder;
import dev.foretoken.engine.gguf.GgufFile;
import dev.foretoken.engine.gguf.TensorType;
import dev.foretoken.engine.model.ModelInspection.TypeShare;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelInspectionTest {
    private static final int WIDTH = 1024;
    private static final int Q8_0 = TensorType.Q8_0.id();
    private static final byte[] NO_DATA = {};

    @TempDir
    Path folder;

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

    @Test
    void shouldSayThatAMatrixFitsNoArray() throws IOException {
        long rows = (1 << 21) + 1;
        GgufBuilder builder = wide().remove("tokenizer.ggml.tokens")
                .tensor("blk.0.ffn_gate.weight", TensorType.Q8_0, WIDTH, 64)
                .tensor("blk.0.ffn_up.weight", TensorType.Q8_0, WIDTH, 64)
                .tensor("blk.0.ffn_down.weight", TensorType.Q8_0, 64, WIDTH)
                .tensor("token_embd.weight", Q8_0, NO_DATA, WIDTH, rows);

        assertThat(refusalOfSparse(builder, TensorType.Q8_0.sizeBytes(WIDTH * rows)))
                .contains("tensor token_embd.weight has 2147484672 weights, more than a Java array of 2^31 elements"
                        + " holds; use a model with smaller matrices");
    }

    @Test
    void shouldSayThatTwoMatricesFitNoArrayTogether() throws IOException {
        int hidden = 1 << 20;
        long bytes = TensorType.Q8_0.sizeBytes((long) WIDTH * hidden);
        GgufBuilder builder = wide().uint32("llama.feed_forward_length", hidden)
                .tensor("token_embd.weight", TensorType.Q8_0, WIDTH, 16)
                .tensor("blk.0.ffn_gate.weight", Q8_0, NO_DATA, WIDTH, hidden)
                .misplaced("blk.0.ffn_up.weight", Q8_0, NO_DATA, bytes, WIDTH, hidden)
                .misplaced("blk.0.ffn_down.weight", Q8_0, NO_DATA, 2 * bytes, hidden, WIDTH);

        assertThat(refusalOfSparse(builder, 3 * bytes))
                .contains("tensor blk.0.ffn_gate.weight + blk.0.ffn_up.weight has 2147483648 weights, more than a Java"
                        + " array of 2^31 elements holds; use a model with smaller matrices");
    }

    /** A llama of this width that lacks the embedding and the feed-forward part. */
    private static GgufBuilder wide() {
        return TestModels.llama()
                .uint32("llama.embedding_length", WIDTH)
                .remove("token_embd.weight")
                .tensor("output_norm.weight", TensorType.F32, WIDTH)
                .tensor("blk.0.attn_norm.weight", TensorType.F32, WIDTH)
                .tensor("blk.0.attn_q.weight", TensorType.Q8_0, WIDTH, WIDTH)
                .tensor("blk.0.attn_k.weight", TensorType.Q8_0, WIDTH, WIDTH / 2)
                .tensor("blk.0.attn_v.weight", TensorType.Q8_0, WIDTH, WIDTH / 2)
                .tensor("blk.0.attn_output.weight", TensorType.Q8_0, WIDTH, WIDTH)
                .tensor("blk.0.ffn_norm.weight", TensorType.F32, WIDTH)
                .remove("blk.0.ffn_gate.weight")
                .remove("blk.0.ffn_up.weight")
                .remove("blk.0.ffn_down.weight");
    }

    /** What is said of a file that goes on for so many bytes, which are not on the disk. */
    private Optional<String> refusalOfSparse(GgufBuilder builder, long bytesMore) throws IOException {
        byte[] head = builder.build();
        Path path = folder.resolve("large.gguf");
        long freeBefore = folder.toFile().getUsableSpace();
        try (FileChannel channel = FileChannel.open(
                path, StandardOpenOption.CREATE_NEW, StandardOpenOption.SPARSE, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(head));
            channel.write(ByteBuffer.allocate(1), head.length + bytesMore - 1);
        } catch (IOException noSpace) {
            Assumptions.abort("this file system cannot hold a sparse file of 4 GiB: " + noSpace.getMessage());
        }
        Assumptions.assumeTrue(freeBefore - folder.toFile().getUsableSpace() < 1L << 30, "the file is not sparse here");
        try (GgufFile file = GgufFile.open(path)) {
            return ModelInspection.of(file).refusal();
        }
    }
}
