package dev.foretoken.benchmarks.bench;

import dev.foretoken.drafters.Drafters;
import dev.foretoken.drafters.recycling.RecyclingDrafter;
import dev.foretoken.engine.draft.DrafterFactory;
import dev.foretoken.transport.Foretoken;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One loaded and warm engine for each list of drafters; configurations that differ in the tree size alone share one. Each is
 * warm before the next is loaded: what an engine learns of its costs beside another's loading is wrong.
 */
final class Engines implements AutoCloseable {
    private final BenchOptions options;
    private final int sessions;
    private final ProgressBar progress;
    private final Map<String, Foretoken> byDrafters = new LinkedHashMap<>();
    private final Map<String, ExchangeableRecycling> recyclingByDrafters = new HashMap<>();

    /** @param sessions most sessions at once */
    Engines(BenchOptions options, int sessions, ProgressBar progress) {
        this.options = options;
        this.sessions = sessions;
        this.progress = progress;
    }

    /** A contender for every configuration, plain decoding first. */
    List<ForetokenContender> contenders() {
        List<ForetokenContender> contenders = new ArrayList<>();
        for (Configuration configuration : options.configurations()) {
            Foretoken engine = byDrafters.computeIfAbsent(
                    configuration.drafters(), drafters -> load(configuration.name(), drafters));
            contenders.add(new ForetokenContender(configuration.name(), configuration, engine, options));
        }
        return contenders;
    }

    private Foretoken load(String name, String drafters) {
        progress.begin("loading for " + name, 100);
        Foretoken.Builder builder = Foretoken.builder()
                .drafters(factories(drafters))
                .threads(options.threads())
                .sessions(2 * sessions + 1) // a stream ends a moment before its session's place is free
                .withoutCostMemory() // every measurement starts alike, and so does every run
                .prefixCache(false) // every run reads its prompt
                .progress(progress::loading);
        if (options.model() != null) {
            builder.model(options.model());
        }
        Foretoken engine = builder.build();
        progress.begin("warming up for " + name, 1);
        try {
            engine.warmedUp().block();
        } catch (RuntimeException | Error e) {
            engine.close();
            throw e;
        }
        return engine;
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
