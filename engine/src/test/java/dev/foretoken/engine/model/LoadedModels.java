package dev.foretoken.engine.model;

import dev.foretoken.engine.gguf.GgufFile;
import dev.foretoken.engine.testing.Goldens;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Models that several tests use, loaded once per JVM. */
public final class LoadedModels {
    private static final Map<Path, LanguageModel> LOADED = new ConcurrentHashMap<>();

    private LoadedModels() {}

    /** A small model of random weights among the golden vectors, such as {@code random-llama-f32.gguf}. */
    public static LanguageModel random(String name) {
        return load(Goldens.model(name));
    }

    public static LanguageModel load(Path path) {
        return LOADED.computeIfAbsent(path, LoadedModels::read);
    }

    private static LanguageModel read(Path path) {
        try (GgufFile file = GgufFile.open(path)) {
            return LanguageModel.load(file, ModelConfig.read(file), 2, LoadProgress.NONE);
        }
    }
}
