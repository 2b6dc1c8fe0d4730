package dev.foretoken.benchmarks.bench;

import dev.foretoken.engine.session.GenerationRequest;
import dev.foretoken.engine.session.Prompt;
import dev.foretoken.transport.Foretoken;
import dev.foretoken.transport.stream.GeneratedToken;
import java.util.List;
import java.util.Objects;

/**
 * One configuration of ours. Every run is a session of its own: learned tables start empty. The engine belongs to
 * {@link Engines}.
 */
final class ForetokenContender implements Contender {
    private final String name;
    private final Configuration configuration;
    private final Foretoken engine;
    private final BenchOptions options;

    ForetokenContender(String name, Configuration configuration, Foretoken engine, BenchOptions options) {
        this.name = name;
        this.configuration = configuration;
        this.engine = engine;
        this.options = options;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return configuration.description();
    }

    @Override
    public boolean isOurs() {
        return true;
    }

    Configuration configuration() {
        return configuration;
    }

    Foretoken engine() {
        return engine;
    }

    @Override
    public PromptRun run(PromptCase promptCase) {
        return run(new Prompt.Tokens(promptCase.promptIds()));
    }

    PromptRun run(Prompt prompt) {
        var generation = engine.generate(request(prompt));
        RunRecorder recorder = new RunRecorder(System.nanoTime());
        generation.events().doOnNext(recorder::accept).blockLast();
        return recorder.run();
    }

    /** Answers without a clock, each token with the best alternatives to it. */
    List<GeneratedToken> answer(Prompt prompt, int alternatives) {
        List<GeneratedToken> answer = engine.generate(request(prompt).logprobs(alternatives))
                .tokens()
                .collectList()
                .block();
        return Objects.requireNonNull(answer);
    }

    private GenerationRequest request(Prompt prompt) {
        GenerationRequest request = GenerationRequest.of(prompt)
                .maxTokens(options.maxTokens())
                .temperature(options.temperature())
                .penalties(1, 0, 0)
                .seed(options.seed());
        return configuration.treeSize() == null ? request : request.treeSize(configuration.treeSize());
    }

    @Override
    public void close() {
        // the engine is shared
    }
}
