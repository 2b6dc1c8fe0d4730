package dev.foretoken.benchmarks.bench;

import dev.foretoken.engine.gguf.GgufFile;
import dev.foretoken.engine.model.EmbeddedModels;
import dev.foretoken.engine.model.ModelInspection;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which model was measured.
 *
 * @param file its name without directories
 * @param weightTypes how the weights are stored, most bytes first
 */
record ModelTitle(String file, String name, long parameters, String weightTypes) {
    static ModelTitle of(@Nullable Path model) {
        try (GgufFile file = open(model)) {
            ModelInspection inspection = ModelInspection.of(file);
            String types = inspection.weightTypes().stream()
                    .map(share -> share.type().toString())
                    .collect(Collectors.joining(", "));
            String fileName = model == null ? inspection.file() : String.valueOf(model.getFileName());
            return new ModelTitle(fileName, inspection.name(), inspection.parameterCount(), types);
        }
    }

    static GgufFile open(@Nullable Path model) {
        if (model != null) {
            return GgufFile.open(model);
        }
        EmbeddedModels.EmbeddedModel embedded = EmbeddedModels.target();
        return GgufFile.of(embedded.data(), embedded.name());
    }

    String sentence() {
        return Figures.format("%s (%s), %,d parameters, %s", file, name, parameters, weightTypes);
    }
}
