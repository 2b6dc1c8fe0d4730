package dev.foretoken.benchmarks.bench;

import dev.foretoken.drafters.Drafters;
import dev.foretoken.drafters.recycling.RecyclingDrafter;
import dev.foretoken.engine.draft.DrafterFactory;
import dev.foretoken.engine.model.LoadProgress;
import dev.foretoken.transport.Foretoken;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One loaded engine for each list of drafters; configurations that differ in the tree size alone share one. */
final class Engines implements AutoCloseable {
    private final BenchOptions options;
    private final int sessions;
    private final LoadProgress progress;
    private final Map<String, Foretoken> byDrafters = new LinkedHashMap<>();
    private final Map<String, ExchangeableRecycling> recyclingByDrafters = new HashMap<>();

    /** @param sessions most sessions at once */
    Engines(BenchOptions options, int sessions, LoadProgress progress) {
        this.options = options;
        this.sessions = sessions;
        this.progress = progress;
    }

    /** Loads the engine if no configuration before has. */
    Foretoken engine(Configuration configuration) {
        return byDrafters.computeIfAbsent(configuration.drafters(), this::load);
    }

    private Foretoken load(String drafters) {
        Foretoken.Builder builder = Foretoken.builder()
                .drafters(factories(drafters))
                .threads(options.threads())
                .sessions(2 * sessions + 1) // a stream ends a moment before its session's place is free
                .withoutCostMemory() // every measurement starts alike, and so does every run
                .prefixCache(false) // every run reads its prompt
                .progress(progress);
        if (options.model() != null) {
            builder.model(options.model());
        }
        return builder.build();
    }

    private List<DrafterFactory> factories(String drafters) {
        List<DrafterFactory> factories = new ArrayList<>(Drafters.parse(drafters, draftModel()));
        factories.replaceAll(factory -> {
            if (!options.warm() || !factory.name().equals(RecyclingDrafter.NAME)) {
                return factory;
            }
            ExchangeableRecycling recycling = new ExchangeableRecycling();
            recyclingByDrafters.put(drafters, recycling);
            return recycling;
        });
        return factories;
    }

    /** The recycling drafter of a configuration's engine, if warm runs are wanted and it has one. */
    Optional<ExchangeableRecycling> recycling(Configuration configuration) {
        return Optional.ofNullable(recyclingByDrafters.get(configuration.drafters()));
    }

    private @Nullable DrafterFactory draftModel() {
        if (options.draftModel() != null) {
            return Drafters.model(options.draftModel());
        }
        return options.model() == null ? Drafters.embeddedModel() : null;
    }

    @Override
    public void close() {
        byDrafters.values().forEach(Foretoken::close);
        byDrafters.clear();
    }
}
