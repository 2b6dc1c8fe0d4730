package dev.foretoken.engine.model;

import static dev.foretoken.engine.model.TestProducts.COLUMNS;
import static dev.foretoken.engine.model.TestProducts.TOKENS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.engine.gguf.TensorType;
import dev.foretoken.engine.kernel.ComputeTeam;
import dev.foretoken.engine.kernel.Kernels;
import dev.foretoken.engine.kernel.PackedMatrix;
import dev.foretoken.engine.kernel.Scratch;
import dev.foretoken.engine.kernel.WeightRows;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GateUpTest {
    /** In one matrix where types share a layout and stripes are full, which 96 rows are, else apart. */
    @ParameterizedTest(name = "{displayName} {0} {1} rows {2}")
    @CsvSource({
        "Q8_0, Q8_0, 96",
        "Q4_1, Q4_1, 96",
        "Q8_0, Q5_0, 64",
        "Q8_0, Q4_1, 64",
        "Q8_0, Q8_0, 72",
        "Q4_0, Q6_K, 40"
    })
    void shouldGiveEachPairOfStripesSideBySide(TensorType gateType, TensorType upType, int rows) {
        Random random = new Random(rows);
        WeightRows gate = TestProducts.weights(gateType, rows, random);
        WeightRows up = TestProducts.weights(upType, rows, random);
        float[] x = TestProducts.activations(random);
        try (ComputeTeam team = new ComputeTeam(1, "test")) {
            GateUp both = GateUp.pack(COLUMNS, gate, up, team);
            assertThat(both.pairs()).isEqualTo(Math.ceilDiv(rows, PackedMatrix.STRIPE));
            for (int from = 0; from < both.pairs(); from++) {
                for (int to = from + 1; to <= both.pairs(); to++) {
                    float[] y = new float[GateUp.gateAt(to - from, TOKENS)];
                    both.multiply(Kernels.fastest(), x, TOKENS, y, from, to, new Scratch());
                    for (int row = from * PackedMatrix.STRIPE; row < Math.min(rows, to * PackedMatrix.STRIPE); row++) {
                        int pair = row / PackedMatrix.STRIPE - from;
                        assertRow(gate, row, x, y, GateUp.gateAt(pair, TOKENS) + row % PackedMatrix.STRIPE);
                        assertRow(up, row, x, y, GateUp.upAt(pair, TOKENS) + row % PackedMatrix.STRIPE);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"Q8_0, 1", "Q8_0, 8", "Q8_0, 16", "Q8_0, 17", "Q8_0, 200", "Q4_1, 64"})
    void shouldSayHowMuchIsWrittenAtOnce(TensorType type, int tokensMax) {
        WeightRows weights = TestProducts.weights(type, 10 * PackedMatrix.STRIPE, new Random(1));
        try (ComputeTeam team = new ComputeTeam(1, "test")) {
            GateUp both = GateUp.pack(COLUMNS, weights, weights, team);
            for (int tokens = 1; tokens <= tokensMax; tokens++) {
                int floats = GateUp.gateAt(both.pairsAtOnce(tokens, both.pairs()), tokens);
                assertThat(floats).isBetween(1, both.floatsAtOnce(tokensMax, both.pairs()));
            }
        }
    }

    private static void assertRow(WeightRows weights, int row, float[] x, float[] y, int at) {
        for (int token = 0; token < TOKENS; token++) {
            assertThat(y[at + token * PackedMatrix.STRIPE])
                    .as("row %d of %s, token %d", row, weights.type(), token)
                    .isEqualTo(TestProducts.product(weights, row, x, token));
        }
    }
}
