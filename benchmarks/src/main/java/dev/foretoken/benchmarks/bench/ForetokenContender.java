package dev.foretoken.benchmarks.bench;

import dev.foretoken.engine.session.GenerationRequest;
import dev.foretoken.engine.session.Prompt;
import dev.foretoken.engine.tokenizer.Vocabulary;
import dev.foretoken.transport.Foretoken;
import dev.foretoken.transport.stream.GeneratedToken;
import dev.foretoken.transport.stream.GenerationEvent;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import reactor.core.publisher.Flux;

/**
 * One configuration of ours. Every run is a session of its own: learned tables start empty. The engine belongs to
 * {@link Engines}.
 */
final class ForetokenContender implements Contender {
    /** Added to the logit of a token that shall not come. */
    private static final double BANNED = -1e6;

    private final String name;
    private final Configuration configuration;
    private final Foretoken engine;
    private final BenchOptions options;
    private final Map<Integer, Double> endsBanned;

    ForetokenContender(String name, Configuration configuration, Foretoken engine, BenchOptions options) {
        this.name = name;
        this.configuration = configuration;
        this.engine = engine;
        this.options = options;
        endsBanned = endsBanned(engine.tokenizer().vocabulary());
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

    /** An answer that goes on until it has so many tokens: the model may not end it. */
    Flux<GenerationEvent> withoutEnd(PromptCase promptCase, int maxTokens) {
        GenerationRequest request = request(new Prompt.Tokens(promptCase.promptIds()));
        return engine.generate(request.maxTokens(maxTokens).logitBias(endsBanned))
                .events();
    }

    /** How long a prompt takes from the request to the first token, the only one. */
    long firstTokenNs(List<Integer> promptIds) {
        long startNs = System.nanoTime();
        engine.generate(request(new Prompt.Tokens(promptIds)).maxTokens(1))
                .tokens()
                .blockFirst();
        return System.nanoTime() - startNs;
    }

    private static Map<Integer, Double> endsBanned(Vocabulary vocabulary) {
        Map<Integer, Double> bias = new HashMap<>();
        for (int id = 0; id < vocabulary.size(); id++) {
            if (vocabulary.isEnd(id)) {
                bias.put(id, BANNED);
            }
        }
        return bias;
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
