package dev.foretoken.benchmarks.bench;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Closes a response's body that is not read in time, so that whoever waits for it comes back: the time limit of a request ends
 * with the headers. For one reader.
 */
final class ReadLimit {
    private final CompletableFuture<Void> read = new CompletableFuture<>();

    /** The time runs from now on. */
    ReadLimit(InputStream body, Duration limit) {
        var _ = read.orTimeout(limit.toNanos(), TimeUnit.NANOSECONDS).whenComplete((_, late) -> {
            if (late != null) {
                close(body);
            }
        });
    }

    private static void close(InputStream body) {
        try {
            body.close();
        } catch (IOException e) {
            // its reader hears of it
        }
    }

    /** Ends the limit; false if the body was closed before, so that what was read may be a part. Idempotent. */
    boolean wasKept() {
        read.complete(null);
        return !read.isCompletedExceptionally();
    }
}
