package dev.foretoken.drafters;

import dev.foretoken.drafters.model.ModelDrafterFactory;
import dev.foretoken.drafters.ngram.NgramDrafter;
import dev.foretoken.drafters.recycling.RecyclingDrafter;
import dev.foretoken.drafters.recycling.WarmStart;
import dev.foretoken.engine.draft.DraftEnvironment;
import dev.foretoken.engine.draft.Drafter;
import dev.foretoken.engine.draft.DrafterFactory;
import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.gguf.GgufFile;
import dev.foretoken.engine.model.EmbeddedModels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The drafters that come with the engine. An engine with several of them grows one tree from all. Thread-safe: stateless. */
public final class Drafters {
    private static final String KNOWN = "ngram, recycling, model, none, auto";

    private Drafters() {}

    /** Copies what followed the last few tokens earlier in prompt or output; costs next to nothing. */
    public static DrafterFactory ngram() {
        return factory(NgramDrafter.NAME, NgramDrafter::new);
    }

    /** Recycles the runners-up of earlier predictions; costs next to nothing, starts empty in each session. */
    public static DrafterFactory recycling() {
        return recycling(WarmStart.EMPTY);
    }

    /** Recycles the runners-up of earlier predictions, above a frozen table that all sessions share. */
    public static DrafterFactory recycling(WarmStart warmStart) {
        return factory(RecyclingDrafter.NAME, () -> new RecyclingDrafter(warmStart));
    }

    /** A small model of the target's vocabulary, from a GGUF file; loaded when the engine is built. */
    public static DrafterFactory model(Path file) {
        return new ModelDrafterFactory(() -> GgufFile.open(file));
    }

    /** The draft model that travels with the engine; it fits the embedded target only. */
    public static DrafterFactory embeddedModel() {
        return new ModelDrafterFactory(Drafters::embeddedDraft);
    }

    private static GgufFile embeddedDraft() {
        EmbeddedModels.EmbeddedModel model = EmbeddedModels.draft();
        return GgufFile.of(model.data(), model.name());
    }

    /**
     * Reads a list of drafters as the command line takes it: names separated by commas, {@code none}, or {@code auto} for
     * ngram, recycling, and the draft model if there is one.
     *
     * @param model makes the drafter called {@code model}; null if there is no draft model
     * @throws InvalidInputException if a name is unknown or given twice, or {@code model} is named and there is none
     */
    public static List<DrafterFactory> parse(String list, @Nullable DrafterFactory model) {
        String text = list.strip();
        if (text.equals("none")) {
            return List.of();
        }
        List<DrafterFactory> drafters = new ArrayList<>();
        if (text.equals("auto")) {
            drafters.add(ngram());
            drafters.add(recycling());
            if (model != null) {
                drafters.add(model);
            }
            return List.copyOf(drafters);
        }
        for (String part : text.split(",", -1)) {
            DrafterFactory drafter = named(part.strip(), model, text);
            if (drafters.stream().anyMatch(other -> other.name().equals(drafter.name()))) {
                throw new InvalidInputException(
                        "drafter \"%s\" is named twice in \"%s\": name each once".formatted(drafter.name(), text));
            }
            drafters.add(drafter);
        }
        return List.copyOf(drafters);
    }

    private static DrafterFactory named(String name, @Nullable DrafterFactory model, String list) {
        return switch (name) {
            case NgramDrafter.NAME -> ngram();
            case RecyclingDrafter.NAME -> recycling();
            case "model" -> {
                if (model == null) {
                    throw new InvalidInputException(
                            "drafter \"model\" needs a draft model: name its GGUF file with --draft-model FILE");
                }
                yield model;
            }
            case "none", "auto" ->
                throw new InvalidInputException(
                        "drafters are \"%s\": \"%s\" stands alone and cannot be combined with others"
                                .formatted(list, name));
            default ->
                throw new InvalidInputException(
                        "drafter \"%s\" is unknown, expected a comma-separated list of: %s".formatted(name, KNOWN));
        };
    }

    private static DrafterFactory factory(String name, Supplier<Drafter> drafter) {
        return new DrafterFactory() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public Drafter create(DraftEnvironment environment) {
                return drafter.get();
            }
        };
    }
}
