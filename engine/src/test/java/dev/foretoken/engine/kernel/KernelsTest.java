package dev.foretoken.engine.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.engine.gguf.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class KernelsTest {
    static Stream<Kernels> implementations() {
        return Stream.of(Kernels.scalar(), Kernels.fastest()).distinct();
    }

    static Stream<Arguments> implementationsAndTypes() {
        return implementations()
                .flatMap(kernels -> Stream.of(RandomWeights.TYPES).map(type -> Arguments.of(kernels, type)));
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("implementationsAndTypes")
    void shouldMultiplyAsTheContractSays(Kernels kernels, TensorType type) {
        KernelLaws laws = new KernelLaws(kernels, 11);
        laws.products(type);
        laws.longProducts(type);
    }

    @ParameterizedTest
    @MethodSource("implementations")
    void shouldAttendAsTheContractSays(Kernels kernels) {
        for (int headDim : new int[] {2, 6, 32, 34, 64, 80, 96, 128})
            new KernelLaws(kernels, headDim).attention(headDim);
    }

    @ParameterizedTest
    @MethodSource("implementations")
    void shouldNormRotateAndGateAsTheContractSays(Kernels kernels) {
        for (long seed = 0; seed < 20; seed++) new KernelLaws(kernels, seed).elementwise();
    }

    /** The first call is interpreted, the last compiled. */
    @ParameterizedTest
    @ValueSource(strings = {"Q8_0", "Q4_0", "Q6_K", "Q5_K", "F16", "BF16", "F32"})
    void shouldKeepEveryBitWhenTheCompilerArrives(String type) {
        KernelLaws laws = new KernelLaws(Kernels.fastest(), 12);
        for (int round = 0; round < 12; round++) {
            laws.products(TensorType.valueOf(type));
            laws.longProducts(TensorType.valueOf(type));
        }
    }

    @Test
    void shouldKeepTheBitsOfNormsAndAttentionWhenTheCompilerArrives() {
        for (int round = 0; round < 500; round++) new KernelLaws(Kernels.fastest(), round).elementwise();
        for (int round = 0; round < 60; round++) new KernelLaws(Kernels.fastest(), round).attention(64);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void shouldGiveTheSameProductOnAnyNumberOfThreads(int threads) {
        int rows = 100, n = 96, m = 9;
        var random = new java.util.SplittableRandom(5);
        PackedMatrix w = PackedMatrix.pack(
                TensorType.Q8_0,
                rows,
                n,
                RandomWeights.rows(TensorType.Q8_0, rows, n, random).data(),
                null);
        float[] x = RandomWeights.gaussians(m * n, random),
                alone = new float[m * w.paddedRows()],
                together = new float[m * w.paddedRows()];
        Kernels.fastest().multiply(w, x, m, alone, 0, 0, w.stripes(), new Scratch());
        try (ComputeTeam team = new ComputeTeam(threads, "kernels-test")) {
            Scratch[] scratch = Scratch.forTeam(team.threads());
            team.run(
                    w.stripes(),
                    (s, worker) -> Kernels.fastest().multiply(w, x, m, together, 0, s, s + 1, scratch[worker]));
        }
        Bits.assertSame(alone, together, "threads " + threads);
    }

    @ParameterizedTest
    @CsvSource({"128, false", "256, false", "512, false", "512, true"})
    @Timeout(300)
    void shouldHoldForEveryVectorWidthAndWithPrefetching(int bits, boolean prefetches) throws Exception {
        String output = run(
                List.of(
                        "--add-modules",
                        "jdk.incubator.vector",
                        "-Dforetoken.vector.bits=" + bits,
                        "-Dforetoken.prefetch=" + prefetches),
                "21",
                "2",
                "vector-" + bits);
        assertThat(output).contains("laws hold for vector-" + bits);
    }

    @Test
    @Timeout(120)
    void shouldFallBackToTheScalarReferenceWithOneWarningWhenTheVectorModuleIsMissing() throws Exception {
        String output = run(List.of("-Dslf4j.provider=" + PrintingLogProvider.class.getName()), "31", "1", "scalar");
        assertThat(output).contains("laws hold for scalar").contains("--add-modules jdk.incubator.vector");
        assertThat(output.split("scalar_kernels", -1)).as("one warning").hasSize(2);
    }

    /** Runs {@link KernelLawsMain} in a new JVM and returns what it printed; fails if it failed. */
    private static String run(List<String> flags, String... args) throws Exception {
        List<String> command =
                new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java", "-ea", "-Xmx512m"));
        command.addAll(flags);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), KernelLawsMain.class.getName()));
        command.addAll(List.of(args));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        return output;
    }
}
