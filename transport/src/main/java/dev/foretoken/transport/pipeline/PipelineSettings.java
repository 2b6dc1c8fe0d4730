package dev.foretoken.transport.pipeline;

import java.time.Duration;

/**
 * The sizes and patience of a pipeline.
 *
 * @param drafterThreads threads that draft for the sessions, at least 1
 * @param parkedTimeout how long a reader may ask for nothing before its session ends
 * @param traceStuckTimeout how long one trace write may take before the streams are ended
 * @param closeTimeout how long {@link Pipeline#close} waits for its stages
 */
public record PipelineSettings(
        int drafterThreads, Duration parkedTimeout, Duration traceStuckTimeout, Duration closeTimeout) {
    public static final PipelineSettings STANDARD =
            new PipelineSettings(1, Duration.ofMinutes(5), Duration.ofSeconds(10), Duration.ofSeconds(10));

    public PipelineSettings {
        if (drafterThreads < 1) {
            throw new IllegalArgumentException("drafterThreads is %d, expected 1 or more".formatted(drafterThreads));
        }
    }
}
