package dev.foretoken.engine.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.engine.gguf.Dequantizer;
import dev.foretoken.engine.gguf.TensorType;
import dev.foretoken.engine.kernel.ComputeTeam;
import dev.foretoken.engine.kernel.Kernels;
import dev.foretoken.engine.kernel.Products;
import dev.foretoken.engine.kernel.Scratch;
import dev.foretoken.engine.kernel.WeightRows;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MatrixGroupTest {
    private static final int COLUMNS = 256;
    private static final int TOKENS = 3;

    /** Files mix types inside a layer (Q4_K with Q6_K values is common), and rows need not fill a stripe. */
    @ParameterizedTest(name = "{displayName} {0} {1} {2} rows {3} {4} {5}")
    @CsvSource({
        "Q4_K, Q4_K, Q6_K, 64, 32, 32",
        "Q8_0, Q5_0, Q8_0, 40, 24, 20",
        "Q8_0, Q4_0, Q8_0, 30, 10, 6",
        "Q4_0, Q6_K, Q6_K, 17, 33, 1"
    })
    void shouldMultiplyAsIfTheMembersWereOneMatrix(
            TensorType a, TensorType b, TensorType c, int rowsA, int rowsB, int rowsC) {
        Random random = new Random(rowsA);
        List<WeightRows> members =
                List.of(weights(a, rowsA, random), weights(b, rowsB, random), weights(c, rowsC, random));
        float[] x = new float[COLUMNS * TOKENS]; // one tile: token by token within a column
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) random.nextGaussian();
        }
        try (ComputeTeam team = new ComputeTeam(1, "test")) {
            MatrixGroup group = MatrixGroup.pack(COLUMNS, members, team);
            float[] y = new float[group.paddedRows() * TOKENS];
            List<Integer> cuts = new ArrayList<>(List.of(0, 1, group.stripes() / 2, group.stripes()));
            for (int i = 0; i + 1 < cuts.size(); i++) {
                group.multiply(Kernels.scalar(), x, TOKENS, y, cuts.get(i), cuts.get(i + 1), new Scratch());
            }
            float[] rows = new float[group.paddedRows()];
            for (int token = 0; token < TOKENS; token++) {
                Products.gather(y, token, TOKENS, 0, group.stripes(), rows, 0);
                for (int member = 0; member < 3; member++) {
                    assertRows(members.get(member), x, token, rows, group.rowOffset(member));
                }
            }
        }
    }

    private static WeightRows weights(TensorType type, int rows, Random random) {
        byte[] bytes = new byte[(int) type.sizeBytes((long) rows * COLUMNS)];
        random.nextBytes(bytes);
        for (int at = 0; at < bytes.length; at += type.blockBytes()) {
            // half-precision scales near 0.01: whatever the type, no infinity and no NaN
            int scaleAt = type == TensorType.Q6_K ? 208 : 0;
            for (int i = scaleAt;
                    i < Math.min(scaleAt + (type == TensorType.Q4_K ? 4 : 2), type.blockBytes());
                    i += 2) {
                bytes[at + i + 1] = 0x21;
            }
        }
        return new WeightRows(type, rows, MemorySegment.ofArray(bytes));
    }

    private static void assertRows(WeightRows member, float[] x, int token, float[] y, int offset) {
        float[] w = new float[COLUMNS];
        for (int row = 0; row < member.rows(); row++) {
            Dequantizer.dequantize(member.type(), member.data(), (long) row * COLUMNS, w, 0, COLUMNS);
            float expected = 0;
            for (int k = 0; k < COLUMNS; k++) {
                expected = Math.fma(w[k], x[k * TOKENS + token], expected);
            }
            assertThat(y[offset + row]).as("row %d of %s", row, member.type()).isEqualTo(expected);
        }
    }
}
