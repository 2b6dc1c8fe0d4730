package dev.foretoken.engine.gguf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GoldenModelsTest {
    static List<Path> goldenModels() throws IOException, URISyntaxException {
        Path folder =
                Path.of(GoldenModelsTest.class.getResource("/goldens/models").toURI());
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".gguf"))
                    .sorted()
                    .toList();
        }
    }

    static Path goldenModel(String name) throws URISyntaxException {
        return Path.of(
                GoldenModelsTest.class.getResource("/goldens/models/" + name).toURI());
    }

    @Test
    void shouldFindEveryGoldenModel() throws Exception {
        assertThat(goldenModels()).hasSize(15);
    }

    @ParameterizedTest
    @MethodSource("goldenModels")
    void shouldOpenEveryGoldenModelAndFindFiniteWeights(Path path) {
        try (GgufFile file = GgufFile.open(path)) {
            assertThat(file.version()).isEqualTo(3);
            assertThat(file.metadata().requireString("general.name")).startsWith("random-");
            assertThat(file.metadata().describe("tokenizer.ggml.tokens"))
                    .startsWith("[\"")
                    .contains("in all");
            for (GgufTensor tensor : file.tensors()) {
                float[] weights = new float[(int) tensor.elementCount()];
                Dequantizer.dequantize(tensor.type(), file.data(tensor), 0, weights, 0, weights.length);

                double sumOfSquares = 0;
                for (float weight : weights) {
                    sumOfSquares += (double) weight * weight;
                }
                assertThat(sumOfSquares / weights.length).as(tensor.name()).isBetween(1e-6, 100.0);
            }
        }
    }

    @Test
    void everyWeightTypeShouldApproximateTheSameModel() throws Exception {
        try (GgufFile reference = GgufFile.open(goldenModel("random-llama-f32.gguf"))) {
            for (Path path : goldenModels()) {
                if (path.getFileName().toString().startsWith("random-llama-")) {
                    try (GgufFile file = GgufFile.open(path)) {
                        for (GgufTensor tensor : reference.tensors()) {
                            GgufTensor same = file.tensor(tensor.name()).orElseThrow();
                            assertThat(relativeError(reference, tensor, file, same))
                                    .as(path.getFileName() + " " + tensor.name())
                                    .isLessThan(0.12);
                        }
                    }
                }
            }
        }
    }

    private static double relativeError(GgufFile a, GgufTensor tensorOfA, GgufFile b, GgufTensor tensorOfB) {
        int count = (int) tensorOfA.elementCount();
        float[] wanted = new float[count];
        float[] got = new float[count];
        Dequantizer.dequantize(tensorOfA.type(), a.data(tensorOfA), 0, wanted, 0, count);
        Dequantizer.dequantize(tensorOfB.type(), b.data(tensorOfB), 0, got, 0, count);
        double error = 0, norm = 0;
        for (int i = 0; i < count; i++) {
            error += (double) (wanted[i] - got[i]) * (wanted[i] - got[i]);
            norm += (double) wanted[i] * wanted[i];
        }
        return Math.sqrt(error / norm);
    }
}
