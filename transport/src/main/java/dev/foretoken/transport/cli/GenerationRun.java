package dev.foretoken.transport.cli;

import dev.foretoken.engine.session.GenerationRequest;
import dev.foretoken.transport.stream.GenerationEvent;
import dev.foretoken.transport.stream.GenerationSummary;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Sinks;

/**
 * One generation from the first event to the last, ended in good order when the process is told to stop: a shutdown hook
 * cancels the stream and waits until the engine is closed, so that the trace is complete.
 */
final class GenerationRun implements AutoCloseable {
    private static final Duration CLOSING_MAX = Duration.ofSeconds(15);

    private final GenerationWriter writer;
    private final Progress progress;
    private final Sinks.Empty<Void> stop = Sinks.empty();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread hook = new Thread(this::stopAndAwaitClose, "stop-generation");
    private @Nullable GenerationEngine engine;

    GenerationRun(GenerationWriter writer, Progress progress) {
        this.writer = writer;
        this.progress = progress;
    }

    /** Closes the engine with this run, on a signal too. */
    GenerationEngine own(GenerationEngine opened) {
        engine = opened;
        try {
            Runtime.getRuntime().addShutdownHook(hook);
        } catch (IllegalStateException e) {
            stop.tryEmitEmpty(); // told to stop while loading
        }
        return opened;
    }

    /** Shows the generation as it happens; empty if it was stopped. */
    Optional<GenerationSummary> generate(GenerationEngine on, GenerationRequest request) {
        AtomicReference<GenerationSummary> summary = new AtomicReference<>();
        progress.begin("reading the prompt");
        try {
            on.generate(request)
                    .takeUntilOther(stop.asMono())
                    .doOnNext(event -> show(event, summary))
                    .blockLast();
        } catch (OutputClosedException e) {
            throw e;
        } catch (RuntimeException e) {
            abort();
            throw e;
        }
        if (summary.get() == null) {
            abort();
        }
        return Optional.ofNullable(summary.get());
    }

    private void show(GenerationEvent event, AtomicReference<GenerationSummary> summary) {
        progress.done();
        switch (event) {
            case GenerationEvent.Started started -> {}
            case GenerationEvent.Token(var token) -> writer.token(token);
            case GenerationEvent.Finished(var finished) -> {
                writer.finished(finished);
                summary.set(finished);
            }
        }
    }

    private void abort() {
        progress.done();
        try {
            writer.aborted();
        } catch (OutputClosedException e) {
            // nobody is left to see a tidy end
        }
    }

    private void stopAndAwaitClose() {
        stop.tryEmitEmpty();
        try {
            closed.await(CLOSING_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        try {
            if (engine != null) {
                engine.close();
            }
        } finally {
            closed.countDown();
            forgetHook();
        }
    }

    private void forgetHook() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // the hook is running: it was waiting for this close
        }
    }
}
