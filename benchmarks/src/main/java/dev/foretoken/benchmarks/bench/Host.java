package dev.foretoken.benchmarks.bench;

import dev.foretoken.engine.kernel.Kernels;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What a measurement ran on.
 *
 * @param processor its name, where the system tells
 * @param cores that the JVM may use
 * @param kernels of the forward pass, with the vector width in bits: {@code vector-512}
 */
record Host(String processor, int cores, int threads, String kernels, String system, String java, long heapBytesMax) {
    private static final Path PROCESSORS = Path.of("/proc/cpuinfo");

    static Host current(int threads) {
        return new Host(
                processorName(),
                Runtime.getRuntime().availableProcessors(),
                threads,
                Kernels.fastest().name(),
                System.getProperty("os.name") + " " + System.getProperty("os.arch"),
                Runtime.version().toString(),
                Runtime.getRuntime().maxMemory());
    }

    private static String processorName() {
        if (!Files.isReadable(PROCESSORS)) {
            return "unknown";
        }
        try (Stream<String> lines = Files.lines(PROCESSORS, StandardCharsets.ISO_8859_1)) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("unknown");
        } catch (IOException e) {
            return "unknown";
        }
    }

    String sentence() {
        return "%s, %d cores, %d threads, kernels %s, Java %s".formatted(processor, cores, threads, kernels, java);
    }
}
