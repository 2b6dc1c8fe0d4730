package dev.foretoken.verifiers.cuda;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** Compiles {@code src/test/c/fakecuda.c} to a {@code libcuda.so.1}; tests are skipped where that is not possible. */
final class FakeDriver {
    private FakeDriver() {}

    /** Puts the library into this folder and returns its path. */
    static Path compile(Path folder, int devices, int version, int capability, int init, String... flags)
            throws IOException, InterruptedException {
        Assumptions.assumeTrue(System.getProperty("os.name").startsWith("Linux"), "the stand-in driver is for Linux");
        Assumptions.assumeTrue(hasGcc(), "gcc, which builds the stand-in driver, is not on the PATH");
        Path library = folder.resolve("libcuda.so.1");
        List<String> command = new ArrayList<>(List.of(
                "gcc",
                "-shared",
                "-fPIC",
                "-Wl,-soname,libcuda.so.1",
                "-DDEVICES=" + devices,
                "-DVERSION=" + version,
                "-DCAPABILITY=" + capability,
                "-DINIT=" + init));
        command.addAll(Arrays.asList(flags));
        command.addAll(List.of("-o", library.toString(), source().toString()));
        Process gcc = new ProcessBuilder(command).inheritIO().start();
        if (!gcc.waitFor(60, TimeUnit.SECONDS) || gcc.exitValue() != 0) {
            throw new AssertionError("gcc failed: " + String.join(" ", command));
        }
        return library;
    }

    private static Path source() {
        return Path.of(System.getProperty("basedir", "."), "src", "test", "c", "fakecuda.c");
    }

    private static boolean hasGcc() {
        return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "gcc")));
    }
}
