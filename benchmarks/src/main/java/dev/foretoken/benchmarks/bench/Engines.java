package dev.foretoken.benchmarks.bench;

import dev.foretoken.drafters.Drafters;
import dev.foretoken.engine.draft.DrafterFactory;
import dev.foretoken.engine.model.LoadProgress;
import dev.foretoken.transport.Foretoken;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One loaded engine for each list of drafters; configurations that differ in the tree size alone share one. */
final class Engines implements AutoCloseable {
    private final BenchOptions options;
    private final int sessions;
    private final LoadProgress progress;
    private final Map<String, Foretoken> byDrafters = new LinkedHashMap<>();

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
                .drafters(Drafters.parse(drafters, draftModel()))
                .threads(options.threads())
                .sessions(2 * sessions + 1) // a stream ends a moment before its session's place is free
                .withoutCache() // every measurement starts alike
                .prefixCache(false) // every run reads its prompt
                .progress(progress);
        if (options.model() != null) {
            builder.model(options.model());
        }
        return builder.build();
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
