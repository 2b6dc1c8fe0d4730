package dev.foretoken.engine.kernel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** What the system says of its processors. */
public final class ProcessorInfo {
    private static final Path PROCESSORS = Path.of("/proc/cpuinfo");

    private ProcessorInfo() {}

    /** A field of the first processor that has it, such as {@code model name}, as Linux tells it; empty where nothing does. */
    public static Optional<String> field(String name) {
        if (!Files.isReadable(PROCESSORS)) return Optional.empty();
        try (Stream<String> lines = Files.lines(PROCESSORS, StandardCharsets.ISO_8859_1)) {
            return lines.filter(line -> line.startsWith(name))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst();
        } catch (IOException | UncheckedIOException e) { // the latter from reading on
            return Optional.empty();
        }
    }
}
