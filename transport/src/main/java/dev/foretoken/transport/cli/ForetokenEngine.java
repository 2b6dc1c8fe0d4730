package dev.foretoken.transport.cli;

import dev.foretoken.engine.model.LoadProgress;
import dev.foretoken.engine.session.GenerationRequest;
import dev.foretoken.transport.Foretoken;
import dev.foretoken.transport.stream.GenerationEvent;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import reactor.core.publisher.Flux;

/** The facade as {@code generate} uses it: one session at a time. */
final class ForetokenEngine implements GenerationEngine {
    /** Whoever stops reading (a pager, Ctrl-S) means to go on: no other session waits for the memory. */
    private static final Duration READER_PATIENCE = Duration.ofDays(3650);

    private final Foretoken foretoken;

    private ForetokenEngine(Foretoken foretoken) {
        this.foretoken = foretoken;
    }

    /** See {@link GenerationEngine.Opener#open}. */
    static ForetokenEngine open(EngineOptions options, LoadProgress progress) {
        Foretoken.Builder builder = Foretoken.builder()
                .device(options.device)
                .drafters(options.drafters)
                .sessions(1)
                .prefixCache(false) // nobody would come after it
                // all that the heap has left, if its context needs that much: there is no other session to leave room
                // for
                .kvBytes(Runtime.getRuntime().maxMemory())
                .parkedTimeout(READER_PATIENCE)
                .traceSync(options.traceSync)
                .progress(progress);
        if (options.model != null) {
            builder.model(options.model);
        }
        if (options.draftModel != null) {
            builder.draftModel(options.draftModel);
        }
        if (options.context != null) {
            builder.context(options.context);
        }
        if (options.threads != null) {
            builder.threads(options.threads);
        }
        if (options.trace != null) {
            builder.traceTo(options.trace);
        }
        return new ForetokenEngine(builder.build());
    }

    @Override
    public Flux<GenerationEvent> generate(GenerationRequest request) {
        return foretoken.generate(request).events();
    }

    @Override
    public Optional<Path> traceDirectory() {
        return foretoken.traceDirectory();
    }

    @Override
    public void close() {
        foretoken.close();
    }
}
