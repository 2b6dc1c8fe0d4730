package dev.foretoken.transport.cli;

import dev.foretoken.engine.model.LoadProgress;
import dev.foretoken.engine.session.GenerationRequest;
import dev.foretoken.transport.stream.GenerationEvent;
import java.nio.file.Path;
import java.util.Optional;
import reactor.core.publisher.Flux;

/** What {@code generate} needs of an engine, so that its output can be tested without one. */
interface GenerationEngine extends AutoCloseable {
    /** Cold: each subscription is one session. */
    Flux<GenerationEvent> generate(GenerationRequest request);

    /** Where this run's trace is being written. */
    Optional<Path> traceDirectory();

    /** Ends what is running; afterwards the trace is complete. */
    @Override
    void close();

    /** Makes an engine from options. */
    interface Opener {
        /**
         * @param progress hears how far loading has come
         * @throws dev.foretoken.engine.error.InvalidInputException if a model, drafter, device or directory cannot be used
         */
        GenerationEngine open(EngineOptions options, LoadProgress progress);
    }
}
