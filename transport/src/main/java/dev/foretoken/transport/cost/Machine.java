package dev.foretoken.transport.cost;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What times depend on beside the program.
 *
 * @param processor its name where the system tells, else {@code unknown}
 * @param cores that the JVM may use
 * @param system name and architecture
 * @param javaFeature the JVM's feature version
 */
public record Machine(String processor, int cores, String system, int javaFeature) {
    private static final Path PROCESSORS = Path.of("/proc/cpuinfo");

    public static Machine current() {
        return new Machine(
                processorName(),
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.name") + " " + System.getProperty("os.arch"),
                Runtime.version().feature());
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
        } catch (IOException | UncheckedIOException e) { // the latter from reading on
            return "unknown";
        }
    }
}
