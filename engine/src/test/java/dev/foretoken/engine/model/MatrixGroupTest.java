package dev.foretoken.engine.model;

import static dev.foretoken.engine.model.TestProducts.COLUMNS;
import static dev.foretoken.engine.model.TestProducts.TOKENS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.engine.gguf.TensorType;
import dev.foretoken.engine.kernel.ComputeTeam;
import dev.foretoken.engine.kernel.Kernels;
import dev.foretoken.engine.kernel.Products;
import dev.foretoken.engine.kernel.Scratch;
import dev.foretoken.engine.kernel.WeightRows;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MatrixGroupTest {
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
        List<WeightRows> members = List.of(
                TestProducts.weights(a, rowsA, random),
                TestProducts.weights(b, rowsB, random),
                TestProducts.weights(c, rowsC, random));
        float[] x = TestProducts.activations(random);
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

    private static void assertRows(WeightRows member, float[] x, int token, float[] y, int offset) {
        for (int row = 0; row < member.rows(); row++) {
            assertThat(y[offset + row])
                    .as("row %d of %s", row, member.type())
                    .isEqualTo(TestProducts.product(member, row, x, token));
        }
    }
}
