package dev.foretoken.transport.cli;

import dev.foretoken.engine.model.LoadProgress;
import dev.foretoken.engine.session.FinishReason;
import dev.foretoken.engine.session.GenerationRequest;
import dev.foretoken.transport.stream.GeneratedToken;
import dev.foretoken.transport.stream.GenerationEvent;
import dev.foretoken.transport.stream.GenerationSummary;
import dev.foretoken.transport.stream.GenerationSummary.DrafterCounts;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/** Emits the events it was given and remembers what it was asked. */
final class ScriptedEngine implements GenerationEngine, GenerationEngine.Opener {
    /** Two steps: a drafted and a bonus token, then a bonus token that ends the answer. */
    static final List<GeneratedToken> TOKENS = List.of(
            new GeneratedToken(11, "return", 0, "ngram", List.of("ngram", "recycling"), null, List.of()),
            new GeneratedToken(12, " ä;", 0, null, List.of(), null, List.of()),
            new GeneratedToken(0, "", 1, null, List.of(), null, List.of()));

    @Nullable
    EngineOptions options;

    @Nullable
    GenerationRequest request;

    int closed;
    private final Flux<GenerationEvent> events;

    ScriptedEngine(Flux<GenerationEvent> events) {
        this.events = events;
    }

    static ScriptedEngine emitting(List<GeneratedToken> tokens) {
        return new ScriptedEngine(Flux.concat(
                Flux.just(new GenerationEvent.Started(1, -1, 5)),
                Flux.fromIterable(tokens).map(GenerationEvent.Token::new),
                Flux.just(new GenerationEvent.Finished(summary(tokens)))));
    }

    static GenerationSummary summary(List<GeneratedToken> tokens) {
        Map<String, DrafterCounts> drafters = new LinkedHashMap<>();
        drafters.put("ngram", new DrafterCounts(4, 1, 0, 0));
        drafters.put("recycling", new DrafterCounts(0, 0, 2, 1));
        return new GenerationSummary(
                1,
                tokens.stream().map(GeneratedToken::id).toList(),
                String.join("", tokens.stream().map(GeneratedToken::text).toList()),
                5,
                3,
                2,
                FinishReason.STOP,
                -1,
                40,
                50.25,
                100,
                drafters);
    }

    @Override
    public GenerationEngine open(EngineOptions asked, LoadProgress progress) {
        options = asked;
        return this;
    }

    @Override
    public Flux<GenerationEvent> generate(GenerationRequest asked) {
        request = asked;
        return events;
    }

    @Override
    public Optional<Path> traceDirectory() {
        return Optional.ofNullable(options == null ? null : options.trace).map(trace -> trace.resolve("run-1"));
    }

    @Override
    public void close() {
        closed++;
    }
}
