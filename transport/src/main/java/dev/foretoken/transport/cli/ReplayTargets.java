package dev.foretoken.transport.cli;

import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.gguf.GgufFile;
import dev.foretoken.engine.model.EmbeddedModels;
import dev.foretoken.engine.model.LanguageModel;
import dev.foretoken.engine.model.LoadProgress;
import dev.foretoken.engine.model.ModelConfig;
import dev.foretoken.engine.trace.ModelIdentity;
import dev.foretoken.engine.verify.VerifierShape;
import dev.foretoken.transport.trace.ReplayTarget;
import dev.foretoken.verifiers.cpu.CpuVerifier;
import dev.foretoken.verifiers.cpu.CpuVerifierOptions;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Loads the models that a trace was recorded with, one at a time: the next one, or closing, frees the last. */
final class ReplayTargets implements Function<ModelIdentity, ReplayTarget>, AutoCloseable {
    private final @Nullable Path override;
    private final int threads;
    private final LoadProgress progress;
    private @Nullable CpuVerifier last;

    /** @param override where the model lies now; null: where the trace says */
    ReplayTargets(@Nullable Path override, int threads, LoadProgress progress) {
        this.override = override;
        this.threads = threads;
        this.progress = progress;
    }

    @Override
    public ReplayTarget apply(ModelIdentity recorded) {
        close();
        try (GgufFile file = open(recorded)) {
            LanguageModel model = LanguageModel.load(file, ModelConfig.read(file), threads, progress);
            CpuVerifier verifier = new CpuVerifier(
                    model,
                    CpuVerifierOptions.STANDARD
                            .slots(1)
                            .threads(threads)
                            .kvBytesMax(Runtime.getRuntime().maxMemory())); // it takes what the heap has left at most
            last = verifier;
            VerifierShape shape = verifier.shape();
            return new ReplayTarget(
                    model.identity(),
                    verifier,
                    model.kvShape(shape.pageTokens(), shape.contextMax()).pageBytes());
        }
    }

    private GgufFile open(ModelIdentity recorded) {
        if (override != null) {
            return GgufFile.open(override);
        }
        if (recorded.path().startsWith(EmbeddedModels.PREFIX)) {
            return EmbeddedModels.named(recorded.path())
                    .map(embedded -> GgufFile.of(embedded.data(), embedded.name()))
                    .orElseThrow(() -> elsewhere(recorded, "is not embedded in this version"));
        }
        Path path = path(recorded);
        if (Files.notExists(path)) {
            throw elsewhere(recorded, "is not there any more");
        }
        return GgufFile.open(path);
    }

    private static Path path(ModelIdentity recorded) {
        try {
            return Path.of(recorded.path());
        } catch (InvalidPathException e) { // recorded on another system, or by nobody
            throw elsewhere(recorded, "is no path on this system");
        }
    }

    private static InvalidInputException elsewhere(ModelIdentity recorded, String problem) {
        return new InvalidInputException(
                "the trace was recorded with model %s, which %s: say where it lies now with --model FILE"
                        .formatted(recorded.path(), problem));
    }

    @Override
    public void close() {
        CpuVerifier verifier = last;
        if (verifier != null) {
            last = null;
            verifier.close();
        }
    }
}
