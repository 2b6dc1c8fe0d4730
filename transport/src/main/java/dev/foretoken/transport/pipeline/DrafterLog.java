package dev.foretoken.transport.pipeline;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one drafter throws, in the log: the first time, and then at most once in {@link #QUIET_NS} with the number of those
 * that came before. The engine goes on without its drafts, so nobody would see the reason otherwise; the counters have every
 * single failure. Thread-safe; allocates only where it logs.
 */
final class DrafterLog {
    static final long QUIET_NS = TimeUnit.MINUTES.toNanos(10);

    private static final Logger LOG = LoggerFactory.getLogger(DrafterLog.class);
    private static final long NEVER = Long.MIN_VALUE;

    private final String drafter;
    private final LongSupplier clock;
    private final AtomicLong loggedNs = new AtomicLong(NEVER);
    private final AtomicLong unlogged = new AtomicLong();

    DrafterLog(String drafter) {
        this(drafter, System::nanoTime);
    }

    DrafterLog(String drafter, LongSupplier clock) {
        this.drafter = drafter;
        this.clock = clock;
    }

    /**
     * Never throws, whatever the host's logging does.
     *
     * @param action what the drafter was asked to do, one word
     */
    void threw(String action, Throwable thrown) {
        long nowNs = clock.getAsLong();
        long last = loggedNs.get();
        if (last != NEVER && nowNs - last < QUIET_NS || !loggedNs.compareAndSet(last, nowNs)) {
            unlogged.incrementAndGet();
            return;
        }
        try {
            LOG.warn(
                    "event=drafter_failed drafter={} action={} failuresNotLogged={}",
                    drafter,
                    action,
                    unlogged.getAndSet(0),
                    thrown);
        } catch (Throwable e) { // the drafter's failure must stay without consequences
            unlogged.incrementAndGet();
        }
    }
}
