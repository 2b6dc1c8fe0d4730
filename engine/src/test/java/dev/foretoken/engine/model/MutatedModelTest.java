package dev.foretoken.engine.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.gguf.GgufFile;
import dev.foretoken.engine.gguf.GgufTensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Thousands of damaged models: each loads or is refused by {@link InvalidInputException}, in little time and memory. A
 * failure names its seed, which {@link #mutant} turns into the same file again.
 */
class MutatedModelTest {
    private static final byte[] LLAMA =
            TestModels.llama().uint32("general.alignment", 32).build();
    private static final byte[] QWEN2 = TestModels.qwen2()
            .floats("tokenizer.ggml.scores", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)
            .build();
    private static final int HEAD_BYTES = 1600; // metadata and tensor descriptions: most mutations go there
    private static final long ALLOCATION_MAX = 16 << 20;
    private static final long[] EXTREMES = {
        0,
        1,
        -1,
        2,
        7,
        8,
        9,
        255,
        65_536,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        1L << 31,
        1L << 32,
        1L << 40,
        1L << 61,
        1L << 62,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        Long.MAX_VALUE - 31
    };

    @TempDir
    Path folder;

    @ParameterizedTest(name = "seeds from {0} on")
    @ValueSource(longs = {0, 2_000, 4_000, 6_000})
    @Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void shouldLoadOrRefuseEveryMutant(long firstSeed) {
        int loaded = 0;
        for (long seed = firstSeed; seed < firstSeed + 2_000; seed++) {
            loaded += survives(seed) ? 1 : 0;
        }

        assertThat(loaded)
                .as("mutants that loaded: none or all would mean that the mutations are pointless")
                .isBetween(20, 1_900);
    }

    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void shouldLoadOrRefuseMappedMutants() throws IOException {
        Path path = folder.resolve("mutant.gguf");
        for (long seed = 10_000; seed < 10_300; seed++) {
            Files.write(path, mutant(seed));
            try (GgufFile file = GgufFile.open(path)) {
                useAll(file);
            } catch (InvalidInputException refused) {
                checkSentence(seed, refused);
            } catch (RuntimeException | Error wrong) {
                throw new AssertionError("mutant with seed %d".formatted(seed), wrong);
            }
        }
    }

    private static boolean survives(long seed) {
        byte[] content = mutant(seed);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        try {
            useAll(GgufFile.of(MemorySegment.ofArray(content), "mutant.gguf"));
            return true;
        } catch (InvalidInputException refused) {
            checkSentence(seed, refused);
            return false;
        } catch (RuntimeException | Error wrong) {
            throw new AssertionError("mutant with seed %d".formatted(seed), wrong);
        } finally {
            assertThat(threads.getCurrentThreadAllocatedBytes() - before)
                    .as("bytes allocated for the mutant with seed %d", seed)
                    .isLessThan(ALLOCATION_MAX);
        }
    }

    /** Everything that opening, inspecting and loading read. */
    private static void useAll(GgufFile file) {
        for (String key : file.metadata().keys()) {
            assertThat(file.metadata().describe(key)).doesNotContain("\n");
        }
        long bytes = 0;
        for (GgufTensor tensor : file.tensors()) {
            bytes += file.data(tensor).byteSize();
        }
        assertThat(bytes).isLessThanOrEqualTo(file.sizeBytes());
        assertThat(file.contentHash()).hasSize(16);
        ModelInspection inspection = ModelInspection.of(file);
        assertThat(inspection.name()).doesNotContain("\n");
        assertThat(inspection.metadata()).hasSize(file.metadata().keys().size());
        ModelConfig config = ModelConfig.read(file);
        assertThat(ModelTensors.of(file, config).layers()).hasSize(config.layers());
        assertThat(LanguageModel.load(file, config, 1, LoadProgress.NONE).config())
                .isSameAs(config);
        file.metadata().strings("tokenizer.ggml.tokens");
        file.metadata().strings("tokenizer.ggml.merges");
        file.metadata().floats("tokenizer.ggml.scores");
    }

    private static void checkSentence(long seed, InvalidInputException refused) {
        assertThat(refused.getMessage())
                .as("refusal of the mutant with seed %d", seed)
                .startsWith("model ")
                .doesNotContain("\n")
                .hasSizeLessThan(600);
    }

    /** One to four random changes of a sound model. */
    private static byte[] mutant(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        byte[] content = (random.nextBoolean() ? LLAMA : QWEN2).clone();
        int changes = 1 + random.nextInt(4);
        for (int i = 0; i < changes && content.length > 0; i++) {
            content = changed(content, random);
        }
        return content;
    }

    private static byte[] changed(byte[] content, SplittableRandom random) {
        int at = random.nextInt(random.nextInt(8) == 0 ? content.length : Math.min(HEAD_BYTES, content.length));
        switch (random.nextInt(8)) {
            case 0, 1 -> content[at] ^= (byte) (1 << random.nextInt(8));
            case 2 -> content[at] = (byte) random.nextInt(256);
            case 3, 4 ->
                overwrite(content, at, EXTREMES[random.nextInt(EXTREMES.length)], random.nextBoolean() ? 8 : 4);
            case 5 -> {
                return Arrays.copyOf(
                        content, random.nextInt(4) == 0 ? at : Math.max(0, content.length - random.nextInt(64)));
            }
            case 6 -> {
                int from = random.nextInt(content.length);
                int length = Math.min(random.nextInt(1, 65), content.length - Math.max(from, at));
                System.arraycopy(content, from, content, at, length);
            }
            default -> {
                return spliced(content, at, random);
            }
        }
        return content;
    }

    private static void overwrite(byte[] content, int at, long value, int bytes) {
        byte[] little = ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array();
        System.arraycopy(little, 0, content, at, Math.min(bytes, content.length - at));
    }

    /** Up to 64 bytes from elsewhere come in here, and up to 64 bytes go. */
    private static byte[] spliced(byte[] content, int at, SplittableRandom random) {
        int from = random.nextInt(content.length);
        int inserted = Math.min(random.nextInt(65), content.length - from);
        int removed = Math.min(random.nextInt(65), content.length - at);
        byte[] result = new byte[content.length + inserted - removed];
        System.arraycopy(content, 0, result, 0, at);
        System.arraycopy(content, from, result, at, inserted);
        System.arraycopy(content, at + removed, result, at + inserted, content.length - at - removed);
        return result;
    }
}
