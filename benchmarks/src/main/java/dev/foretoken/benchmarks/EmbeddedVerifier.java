package dev.foretoken.benchmarks;

import dev.foretoken.engine.gguf.GgufFile;
import dev.foretoken.engine.model.EmbeddedModels;
import dev.foretoken.engine.model.LanguageModel;
import dev.foretoken.engine.model.LoadProgress;
import dev.foretoken.engine.model.ModelConfig;
import dev.foretoken.verifiers.cpu.CpuVerifier;
import dev.foretoken.verifiers.cpu.CpuVerifierOptions;

/** The embedded model behind the CPU verifier with one slot and two threads, ready to be timed. */
final class EmbeddedVerifier {
    static final CpuVerifierOptions OPTIONS =
            CpuVerifierOptions.STANDARD.slots(1).threads(2);

    private EmbeddedVerifier() {}

    /** Loads it and waits for its kernels, which a thread of their own gets compiled. */
    static CpuVerifier load(CpuVerifierOptions options) throws InterruptedException {
        EmbeddedModels.EmbeddedModel target = EmbeddedModels.target();
        try (GgufFile file = GgufFile.of(target.data(), target.name())) {
            LanguageModel model =
                    LanguageModel.load(file, ModelConfig.read(file), options.threads(), LoadProgress.NONE);
            CpuVerifier verifier = new CpuVerifier(model, options);
            while (!verifier.isWarm()) {
                Thread.sleep(10);
            }
            return verifier;
        }
    }
}
