package dev.foretoken.transport.stream;

import dev.foretoken.engine.tokenizer.Vocabulary;
import dev.foretoken.engine.trace.SessionStart;
import dev.foretoken.transport.pipeline.Pipeline;
import java.util.function.Supplier;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * One request, ready to run. Every flux is cold: each subscription is a session of its own, with the same tokens if the
 * request has a seed.
 *
 * <p>Demand is real: a reader that does not request parks its session, whose KV stays but which takes no part in batches, and
 * a session parked longer than the engine's parked timeout ends with {@code ParkedTooLongException}. A subscriber that never
 * requests is admitted but not prefilled. Note that operators such as {@code publishOn} prefetch 256 items. Cancelling frees
 * the session within one step. Signals arrive on a virtual thread of the subscription: user code blocks only its own stream.
 *
 * <p>Streams end with {@code onComplete}, or with a {@link dev.foretoken.engine.error.ForetokenException}:
 * {@code AdmissionRefusedException} (no room now), {@code EngineClosedException}, {@code ParkedTooLongException},
 * {@code TraceFailedException}, {@code SessionFailedException}. Everything emitted before is valid. Thread-safe.
 */
public final class Generation {
    private final Pipeline pipeline;
    private final Vocabulary vocabulary;
    private final Supplier<SessionStart> starts;
    private final int[] prompt;

    /**
     * @param starts makes the start of each subscription's session, seed drawn
     * @param prompt token ids
     */
    public Generation(Pipeline pipeline, Vocabulary vocabulary, Supplier<SessionStart> starts, int[] prompt) {
        this.pipeline = pipeline;
        this.vocabulary = vocabulary;
        this.starts = starts;
        this.prompt = prompt.clone();
    }

    /** Non-empty pieces of the answer's text, complete characters only. */
    public Flux<String> text() {
        return Flux.from(publisher(StreamView.TEXT));
    }

    /** Every emitted token, the end token included, in bursts of accepted blocks. */
    public Flux<GeneratedToken> tokens() {
        return Flux.from(publisher(StreamView.TOKENS));
    }

    /** The start, every token, and the summary at the end. */
    public Flux<GenerationEvent> events() {
        return Flux.from(publisher(StreamView.EVENTS));
    }

    /** Runs the request to its end and gives the whole answer. */
    public Mono<GenerationSummary> summary() {
        return events().ofType(GenerationEvent.Finished.class)
                .map(GenerationEvent.Finished::summary)
                .single();
    }

    /** Token ids of the prompt, the begin token included. */
    public int[] promptTokens() {
        return prompt.clone();
    }

    private <T> Publisher<T> publisher(StreamView<T> view) {
        return new GenerationPublisher<>(pipeline, vocabulary, starts, prompt, view);
    }
}
