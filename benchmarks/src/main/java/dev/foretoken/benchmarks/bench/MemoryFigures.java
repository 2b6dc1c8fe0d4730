package dev.foretoken.benchmarks.bench;

import dev.foretoken.engine.gguf.GgufFile;
import dev.foretoken.engine.model.ModelInspection;
import dev.foretoken.engine.model.ModelMemory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the measurement took, and what was stated before anything was loaded.
 *
 * @param peakResidentBytes most memory of this process that was ever resident; null where the system does not tell
 * @param weightBytes stated for the packed weights of one engine of the target; there is one for every list of drafters
 * @param kvBytesPerToken stated for the keys and values of a token
 */
record MemoryFigures(@Nullable Long peakResidentBytes, long weightBytes, long kvBytesPerToken) {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String PEAK = "VmHWM:";

    static MemoryFigures of(@Nullable Path model) {
        try (GgufFile file = ModelTitle.open(model)) {
            Optional<ModelMemory> stated = ModelInspection.of(file).memory();
            return new MemoryFigures(
                    peakOfThisProcess().orElse(null),
                    stated.map(ModelMemory::weightBytes).orElse(0L),
                    stated.map(ModelMemory::kvBytesPerToken).orElse(0L));
        }
    }

    private static Optional<Long> peakOfThisProcess() {
        try {
            return Files.isReadable(STATUS)
                    ? peakResidentBytes(Files.readAllLines(STATUS, StandardCharsets.ISO_8859_1))
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** From lines of Linux's {@code /proc/PID/status}, where one is {@code VmHWM: 275068 kB}. */
    static Optional<Long> peakResidentBytes(List<String> status) {
        return status.stream()
                .filter(line -> line.matches(PEAK + "\\s*\\d{1,15} kB"))
                .map(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .findFirst();
    }

    String sentence() {
        String peak = peakResidentBytes == null
                ? ""
                : Figures.format(", at most %,d MiB were resident", peakResidentBytes >> 20);
        return Figures.format(
                "memory stated: %,.1f MiB of weights for each list of drafters, %,.1f KiB per token of context%s",
                weightBytes / 1048576.0, kvBytesPerToken / 1024.0, peak);
    }
}
