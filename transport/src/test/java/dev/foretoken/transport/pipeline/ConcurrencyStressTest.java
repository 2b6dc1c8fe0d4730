package dev.foretoken.transport.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * A short run of the {@code *Stress} classes of this package by the jcstress harness, in processes of its own; a forbidden
 * outcome fails it. The long run and its options are in {@code benchmarks/README.md}.
 */
class ConcurrencyStressTest {
    /** One process per test, one JVM mode, a second of it; tests of three threads need a machine with three cores. */
    private static final List<String> SHORT_RUN = List.of(
            "-jvmArgs",
            "-Xmx256m",
            "-sc",
            "false",
            "-af",
            "NONE",
            "-f",
            "1",
            "-fsm",
            "1",
            "-iters",
            "1",
            "-time",
            "400",
            "-strideSize",
            "64",
            "-strideCount",
            "16");

    /** Other options of the harness, for a long run. */
    private static final String LONG_RUN = System.getProperty("foretoken.stress", "");

    private static final int TESTS_OF_TWO_THREADS = 14;

    @Test
    void shouldSeeNoForbiddenOutcome() throws IOException, InterruptedException {
        assumeThat(Runtime.getRuntime().availableProcessors())
                .as("cores; two threads cannot race on one")
                .isGreaterThan(1);
        Path folder = Files.createDirectories(Path.of("target", "jcstress").toAbsolutePath());
        Path output = folder.resolve("output.txt");

        Process harness = new ProcessBuilder(command())
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        boolean ended = harness.waitFor(LONG_RUN.isEmpty() ? 4 : 24 * 60, TimeUnit.MINUTES);
        if (!ended) {
            harness.descendants().forEach(ProcessHandle::destroyForcibly);
            harness.destroyForcibly();
        }

        String text = Files.readString(output);
        assertThat(ended).as("the harness ended; it said%n%s", text).isTrue();
        assertThat(harness.exitValue()).as(text).isZero();
        assertThat(testsRun(text)).as(text).isGreaterThanOrEqualTo(TESTS_OF_TWO_THREADS);
    }

    private static List<String> command() {
        // surefire hides the class path in a manifest; the harness starts processes with what it was given
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> command = new java.util.ArrayList<>(
                List.of(java, "--enable-native-access=ALL-UNNAMED", "-cp", classPath, "org.openjdk.jcstress.Main"));
        command.addAll(LONG_RUN.isEmpty() ? SHORT_RUN : List.of(LONG_RUN.split(" ")));
        command.addAll(List.of("-t", "dev.foretoken", "-r", "report"));
        return command;
    }

    /** "All remaining tests: 14 matching test results." */
    private static int testsRun(String text) {
        return text.lines()
                .filter(line -> line.contains("All remaining tests:"))
                .map(line -> line.replaceAll("\\D", ""))
                .filter(number -> !number.isEmpty())
                .mapToInt(Integer::parseInt)
                .sum();
    }
}
