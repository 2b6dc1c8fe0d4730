package dev.foretoken.engine.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.gguf.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PackedMatrixTest {
    static TensorType[] types() {
        return RandomWeights.TYPES;
    }

    @ParameterizedTest
    @MethodSource("types")
    void shouldHoldExactlyTheValuesOfTheFileFormat(TensorType type) {
        SplittableRandom random = new SplittableRandom(1);
        for (int rows : new int[] {1, 7, 16, 17, 33, 900}) {
            for (int columns : new int[] {256, 768}) {
                WeightRows weights = RandomWeights.rows(type, rows, columns, random);
                float[] expected = RandomWeights.dequantized(weights, columns);
                PackedMatrix packed = PackedMatrix.pack(type, rows, columns, weights.data(), null);
                assertThat(packed.rows()).isEqualTo(rows);
                assertThat(packed.paddedRows())
                        .isEqualTo(Math.ceilDiv(rows, PackedMatrix.STRIPE) * PackedMatrix.STRIPE);
                assertThat(packed.sizeBytes()).isEqualTo(PackedMatrix.packedBytes(type, rows, columns));
                assertSameValues(packed, expected);
            }
        }
    }

    private static void assertSameValues(PackedMatrix packed, float[] expected) {
        int columns = packed.columns();
        float[] row = new float[columns + 3], panel = new float[16 * columns];
        for (int r = 0; r < packed.rows(); r++) {
            packed.dequantizeRow(r, row, 3);
            for (PackedSlab slab : packed.slabsOf(r))
                slab.fillPanel(packed.rowInSlab(r) / 16, 0, slab.columns(), panel, slab.firstColumn() * 16);
            for (int k = 0; k < columns; k++) {
                // + 0f: the sign of a zero weight has no influence on any sum
                Bits.assertSame(expected[r * columns + k] + 0f, row[3 + k] + 0f, "row " + r + " column " + k);
                Bits.assertSame(row[3 + k], panel[k * 16 + r % 16], "panel row " + r + " column " + k);
            }
        }
    }

    @Test
    void shouldTellWhereAWeightMayBeBuiltFromAMantissa() {
        assertThat(packedQ4(0.01f, -0.07f).isMantissaExact()).isTrue();
        assertThat(packedQ4(-0.01f, 0.08f).isMantissaExact()).isTrue();
        assertThat(packedQ4(0f, -0f).isMantissaExact()).isTrue();
        assertThat(packedQ4(3000f, 0x1p-24f).isMantissaExact())
                .as("both differences need more than 24 bits")
                .isFalse();
        assertThat(packedQ4(1f, 0x1p-18f).isMantissaExact())
                .as("the difference from 256 needs more than 24 bits")
                .isFalse();
        assertThat(packedQ4(-0.01f, -0f).isMantissaExact())
                .as("the sign of zero differs")
                .isFalse();
        assertThat(packedQ4(Float.POSITIVE_INFINITY, 0f).isMantissaExact())
                .as("infinity")
                .isFalse();
    }

    private static PackedQ4 packedQ4(float scale, float minimum) {
        MemorySegment block = MemorySegment.ofArray(new byte[20]);
        block.set(ValueLayout.JAVA_SHORT_UNALIGNED, 0, Float.floatToFloat16(scale));
        block.set(ValueLayout.JAVA_SHORT_UNALIGNED, 2, Float.floatToFloat16(minimum));
        return (PackedQ4) PackedMatrix.pack(TensorType.Q4_1, 1, 32, block, null).slabs(0)[0];
    }

    @ParameterizedTest
    @MethodSource("types")
    void shouldPackTheSameOnATeamAndAlone(TensorType type) {
        int rows = 333, columns = 256;
        WeightRows weights = RandomWeights.rows(type, rows, columns, new SplittableRandom(2));
        float[] alone = new float[columns], together = new float[columns];
        try (ComputeTeam team = new ComputeTeam(3, "pack-test")) {
            PackedMatrix a = PackedMatrix.pack(type, rows, columns, weights.data(), null);
            PackedMatrix b = PackedMatrix.pack(type, rows, columns, weights.data(), team);
            for (int r = 0; r < rows; r++) {
                a.dequantizeRow(r, alone, 0);
                b.dequantizeRow(r, together, 0);
                Bits.assertSame(alone, together, "row " + r);
            }
        }
    }

    @Test
    void shouldJoinPartsOfOneLayoutRowByRow() {
        SplittableRandom random = new SplittableRandom(3);
        List<WeightRows> parts = List.of(
                RandomWeights.rows(TensorType.Q4_1, 19, 256, random),
                RandomWeights.rows(TensorType.Q4_K, 5, 256, random),
                RandomWeights.rows(TensorType.Q4_1, 40, 256, random));
        PackedMatrix joined = PackedMatrix.pack(256, parts, null);
        float[] expected = new float[64 * 256];
        int at = 0;
        for (WeightRows part : parts) {
            float[] values = RandomWeights.dequantized(part, 256);
            System.arraycopy(values, 0, expected, at, values.length);
            at += values.length;
        }
        assertThat(joined.rows()).isEqualTo(64);
        assertSameValues(joined, expected);
    }

    @Test
    void shouldKeepTypesOfDifferentLayoutsApart() {
        assertThat(PackedMatrix.canJoin(TensorType.Q8_0, TensorType.Q5_0)).isTrue();
        assertThat(PackedMatrix.canJoin(TensorType.Q4_K, TensorType.Q6_K)).isFalse();
        SplittableRandom random = new SplittableRandom(4);
        List<WeightRows> parts = List.of(
                RandomWeights.rows(TensorType.Q4_K, 16, 256, random),
                RandomWeights.rows(TensorType.Q6_K, 16, 256, random));
        assertThatThrownBy(() -> PackedMatrix.pack(256, parts, null)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldAcceptAnyNumberOfColumnsWhereTheFormatDoes() {
        WeightRows weights = RandomWeights.rows(TensorType.F16, 5, 51, new SplittableRandom(5));
        assertSameValues(PackedMatrix.pack(51, List.of(weights), null), RandomWeights.dequantized(weights, 51));
    }

    @Test
    void shouldKnowWhetherEveryHalfIsFinite() {
        short[] bits = new short[51 * 2];
        MemorySegment data = MemorySegment.ofArray(bits);
        WeightRows sound = new WeightRows(TensorType.F16, 1, MemorySegment.ofArray(new short[51]));
        assertThat(isFinite(sound, new WeightRows(TensorType.F16, 2, data))).isTrue();
        bits[101] = Float.floatToFloat16(Float.NEGATIVE_INFINITY);
        assertThat(isFinite(sound, new WeightRows(TensorType.F16, 2, data))).isFalse();
        assertThat(isFinite(new WeightRows(TensorType.BF16, 2, data)))
                .as("these bits are finite in bfloat16")
                .isTrue();
        bits[101] = (short) (Float.floatToRawIntBits(Float.NaN) >>> 16);
        assertThat(isFinite(new WeightRows(TensorType.BF16, 2, data)))
                .as("tiles give this one")
                .isTrue();
    }

    private static boolean isFinite(WeightRows... parts) {
        return ((PackedHalf) PackedMatrix.pack(51, List.of(parts), null).slabs(0)[0]).isFinite();
    }

    /** Halves that are all subnormal, below 64, 64 or less, finite, anything. */
    @ParameterizedTest(name = "below {0}")
    @ValueSource(ints = {0x0400, 0x5400, 0x5401, 0x7c00, 0x8000})
    void shouldGiveEveryHalfAsItIs(int magnitudes) {
        short[] bits = new short[2 * magnitudes];
        for (int i = 0; i < magnitudes; i++) {
            bits[i] = (short) i;
            bits[magnitudes + i] = (short) (i | 0x8000);
        }
        WeightRows weights = new WeightRows(TensorType.F16, 2, MemorySegment.ofArray(bits));
        PackedMatrix packed = PackedMatrix.pack(magnitudes, List.of(weights), null);
        assertSameValues(packed, RandomWeights.dequantized(weights, magnitudes));
        PackedHalf slab = (PackedHalf) packed.slabs(0)[0];
        float[] panel = new float[magnitudes * PackedMatrix.PANEL_ROWS];
        slab.fillPanel(0, 0, magnitudes, panel, 0);
        for (int i = 0; i < bits.length; i++) {
            int at = i % magnitudes * PackedMatrix.PANEL_ROWS + i / magnitudes;
            Bits.assertSame(Float.float16ToFloat(bits[i]), panel[at], "half " + Integer.toHexString(bits[i]));
        }
        assertThat(slab.factor()).isEqualTo(magnitudes <= 0x5400 ? 0x1p102f : 0x1p112f);
    }

    @Test
    void shouldRefuseWhatTheFormatCannotHold() {
        MemorySegment data = MemorySegment.ofArray(new byte[1000]);
        assertThatThrownBy(() -> PackedMatrix.pack(TensorType.Q8_0, 1, 48, data, null))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("multiple of 32 weights, this one has 48");
        assertThatThrownBy(() -> PackedMatrix.pack(TensorType.Q8_0, 30, 32, data, null))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("needs 1020 bytes, the file has 1000");
        assertThatThrownBy(() -> PackedMatrix.pack(TensorType.Q2_K, 1, 256, data, null))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("Q2_K");
    }

    @Test
    void shouldRefuseMatricesThatDoNotFitAnArrayBeforeAllocating() {
        assertThatThrownBy(() -> PackedMatrix.checkedWeights(PackedLayout.F32, 1 << 20, 1 << 11))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("2^31");
        assertThat(PackedMatrix.checkedWeights(PackedLayout.Q8, 128256, 4096)).isEqualTo(128256L * 4096);
        assertThat(PackedMatrix.checkedWeights(PackedLayout.Q4, 1 << 16, (1 << 16) - 1024))
                .isEqualTo((1L << 16) * ((1 << 16) - 1024));
        assertThatThrownBy(() -> PackedMatrix.checkedWeights(PackedLayout.Q4, 1 << 16, 1 << 16))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("2^31");
        assertThatThrownBy(() -> PackedMatrix.packedBytes(TensorType.F32, Long.MAX_VALUE / 4, Long.MAX_VALUE / 4))
                .isInstanceOf(ArithmeticException.class);
    }
}
