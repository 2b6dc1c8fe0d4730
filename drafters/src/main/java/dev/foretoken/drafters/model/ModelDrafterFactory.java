package dev.foretoken.drafters.model;

import dev.foretoken.engine.draft.DraftEnvironment;
import dev.foretoken.engine.draft.Drafter;
import dev.foretoken.engine.draft.DrafterFactory;
import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.gguf.GgufFile;
import dev.foretoken.engine.model.LanguageModel;
import dev.foretoken.engine.model.ModelConfig;
import dev.foretoken.engine.tokenizer.Tokenizer;
import dev.foretoken.engine.tokenizer.Tokenizers;
import dev.foretoken.engine.tokenizer.Vocabulary;
import java.util.function.Supplier;

/** Loads a draft model once the target is known, and refuses one that speaks another vocabulary. */
public final class ModelDrafterFactory implements DrafterFactory {
    /** Most bytes of the draft model's keys and values when nothing else is asked for. */
    public static final long KV_BYTES_MAX = 1L << 28;

    private final Supplier<GgufFile> file;

    /** @param file opens the draft model; called once per engine */
    public ModelDrafterFactory(Supplier<GgufFile> file) {
        this.file = file;
    }

    @Override
    public String name() {
        return ModelDrafter.NAME;
    }

    /** @throws InvalidInputException if the file is no sound model, or not one of the target's vocabulary */
    @Override
    public Drafter create(DraftEnvironment environment) {
        try (GgufFile opened = file.get()) {
            ModelConfig config = ModelConfig.read(opened);
            Tokenizer tokenizer = Tokenizers.of(opened);
            requireSame(opened.name(), tokenizer.vocabulary(), environment.vocabulary());
            LanguageModel model = LanguageModel.load(
                    opened,
                    config,
                    tokenizer,
                    environment.threads(),
                    (fraction, stage) -> environment.progress().accept("draft model, " + stage, fraction));
            ModelDrafter drafter = new ModelDrafter(model, environment, KV_BYTES_MAX);
            drafter.warmUp();
            return drafter;
        }
    }

    private static void requireSame(String name, Vocabulary draft, Vocabulary target) {
        if (draft.size() != target.size()) {
            throw new InvalidInputException(
                    "draft model %s has a vocabulary of %d tokens, the target one of %d: use a draft model of the target's family"
                            .formatted(name, draft.size(), target.size()));
        }
        if (draft.fingerprint() != target.fingerprint()) {
            throw new InvalidInputException(
                    "draft model %s has other tokens than the target (both %d, first difference at token %d): use a draft model of the target's family"
                            .formatted(name, draft.size(), firstDifference(draft, target)));
        }
    }

    private static int firstDifference(Vocabulary draft, Vocabulary target) {
        int token = 0;
        while (token < draft.size() - 1 && draft.piece(token).equals(target.piece(token))) {
            token++;
        }
        return token;
    }
}
