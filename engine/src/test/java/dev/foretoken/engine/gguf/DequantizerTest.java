package dev.foretoken.engine.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class DequantizerTest {
    /** CRC-32 of all weights as little-endian floats (+ 0, so that no zero is negative), by another implementation. */
    @ParameterizedTest
    @CsvSource({
        "bf16, f2c6c233",
        "f16, 5afd41c9",
        "f32, b32d1598",
        "q4_0, 71ff45a7",
        "q4_1, fb8bed19",
        "q4_k, 7a3c7029",
        "q5_0, 99b29d95",
        "q5_1, eb0dfd7c",
        "q5_k, 818d10ce",
        "q6_k, bce0599b",
        "q8_0, fcf229eb"
    })
    void shouldGiveTheSameBitsAsAnotherImplementation(String type, String expected) throws Exception {
        CRC32 checksum = new CRC32();
        try (GgufFile file = GgufFile.open(GoldenModelsTest.goldenModel("random-llama-" + type + ".gguf"))) {
            for (GgufTensor tensor : file.tensors()) {
                float[] weights = new float[(int) tensor.elementCount()];
                Dequantizer.dequantize(tensor.type(), file.data(tensor), 0, weights, 0, weights.length);
                ByteBuffer bytes = ByteBuffer.allocate(4 * weights.length).order(ByteOrder.LITTLE_ENDIAN);
                for (float weight : weights) {
                    bytes.putFloat(weight + 0f);
                }
                checksum.update(bytes.flip());
            }
        }

        assertThat("%08x".formatted(checksum.getValue())).isEqualTo(expected);
    }

    @ParameterizedTest
    @EnumSource(
            mode = Mode.INCLUDE,
            names = {"F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q4_K", "Q5_K", "Q6_K"})
    void shouldGiveTheSameValuesForAnyRunOfElements(TensorType type) {
        SplittableRandom random = new SplittableRandom(type.id());
        byte[] blocks = new byte[5 * 256 / type.blockElements() * type.blockBytes()];
        random.nextBytes(blocks);
        MemorySegment data = MemorySegment.ofArray(blocks);
        int elements = 5 * 256;
        float[] whole = new float[elements];
        Dequantizer.dequantize(type, data, 0, whole, 0, elements);

        for (int round = 0; round < 200; round++) {
            int first = random.nextInt(elements);
            int count = random.nextInt(elements - first + 1);
            float[] run = new float[count + 7];
            Dequantizer.dequantize(type, data, first, run, 3, count);

            assertThat(Arrays.copyOfRange(run, 3, 3 + count))
                    .as("%d elements from %d on", count, first)
                    .isEqualTo(Arrays.copyOfRange(whole, first, first + count));
            assertThat(new float[] {run[0], run[1], run[2], run[count + 3], run[count + 6]})
                    .containsOnly(0f);
        }
    }

    @Test
    void shouldSaturateAndSignAsTheBlockSays() {
        byte[] block = new byte[34];
        block[1] = (byte) 0xC0; // d = -2
        block[2] = -128;
        block[33] = 127;
        float[] weights = new float[32];
        Dequantizer.dequantize(TensorType.Q8_0, MemorySegment.ofArray(block), 0, weights, 0, 32);

        assertThat(weights[0]).isEqualTo(256);
        assertThat(weights[31]).isEqualTo(-254);
    }

    @Test
    void shouldRefuseOtherTypesAndRunsThatDoNotFit() {
        MemorySegment blocks = MemorySegment.ofArray(new byte[84]);
        float[] out = new float[300];

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Dequantizer.dequantize(TensorType.Q2_K, blocks, 0, out, 0, 256))
                .withMessage("weights of type Q2_K cannot be read, expected " + TensorType.SUPPORTED);
        assertThrows(
                IndexOutOfBoundsException.class, () -> Dequantizer.dequantize(TensorType.Q8_0, blocks, 40, out, 0, 32));
        assertThrows(
                IndexOutOfBoundsException.class,
                () -> Dequantizer.dequantize(TensorType.Q8_0, blocks, 0, out, 280, 32));
    }
}
