package dev.foretoken.transport.pipeline;

import dev.foretoken.engine.error.InvalidInputException;
import java.time.Duration;

/**
 * The sizes and patience of a pipeline. Durations of more than some decades count as that.
 *
 * @param drafterThreads threads that draft for the sessions, 1 to {@link #DRAFTER_THREADS_MAX}
 * @param parkedTimeout how long a reader may ask for nothing before its session ends
 * @param traceStuckTimeout how long one trace write may take before the streams are ended
 * @param closeTimeout how long {@link Pipeline#close} waits for its stages
 */
public record PipelineSettings(
        int drafterThreads, Duration parkedTimeout, Duration traceStuckTimeout, Duration closeTimeout) {
    public static final int DRAFTER_THREADS_MAX = 256;

    public static final PipelineSettings STANDARD =
            new PipelineSettings(1, Duration.ofMinutes(5), Duration.ofSeconds(10), Duration.ofSeconds(10));

    /** Some 36 years: a clock's time and a timeout can be added without overflow. */
    private static final long TIMEOUT_MAX_NS = 1L << 60;

    /** @throws InvalidInputException if a size or timeout is out of range */
    public PipelineSettings {
        if (drafterThreads < 1 || drafterThreads > DRAFTER_THREADS_MAX) {
            throw new InvalidInputException(
                    "drafter threads is %d, expected 1 to %d".formatted(drafterThreads, DRAFTER_THREADS_MAX));
        }
        checkPositive("parked timeout", parkedTimeout);
        checkPositive("trace stuck timeout", traceStuckTimeout);
        checkPositive("close timeout", closeTimeout);
    }

    private static void checkPositive(String name, Duration timeout) {
        if (!timeout.isPositive()) {
            throw new InvalidInputException("%s is %s, expected more than zero".formatted(name, timeout));
        }
    }

    long parkedTimeoutNs() {
        return saturatedNs(parkedTimeout);
    }

    long traceStuckTimeoutNs() {
        return saturatedNs(traceStuckTimeout);
    }

    long closeTimeoutNs() {
        return saturatedNs(closeTimeout);
    }

    private static long saturatedNs(Duration timeout) {
        return timeout.compareTo(Duration.ofNanos(TIMEOUT_MAX_NS)) < 0 ? timeout.toNanos() : TIMEOUT_MAX_NS;
    }
}
