package dev.foretoken.transport.pipeline;

import dev.foretoken.engine.error.ParkedTooLongException;
import dev.foretoken.engine.error.TraceFailedException;
import dev.foretoken.engine.session.FinishReason;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Watches what no event announces: readers that ask for nothing for too long, and a tracer stuck in a write. Sleeps while
 * there are no sessions.
 *
 * <p>A process that is stopped (Ctrl-Z, a machine that is paused) does neither read nor write, but its clock goes on. So the
 * timer watches itself: where its own tick comes late by far, what it waits for is measured from that tick on.
 */
final class SessionTimer implements Runnable {
    private static final long TICKS_PER_TIMEOUT = 4;
    private static final long TICK_MIN_NS = 1_000_000;
    /** A busy machine delays ticks too: that must not put off a timeout for ever. */
    private static final long LATE_TICKS = 2;

    private final Set<Session> sessions;
    private final DraftInbox inbox;
    private final @Nullable TracerStage tracer;
    private final long parkedTimeoutNs;
    private final long traceStuckTimeoutNs;
    private final StageClock clock;
    private final long tickNs;
    private long lastTickNs; // timer
    private long measuredFromNs; // timer
    private volatile boolean halted;
    private volatile @Nullable Thread thread;

    SessionTimer(
            Set<Session> sessions,
            DraftInbox inbox,
            @Nullable TracerStage tracer,
            PipelineSettings settings,
            StageClock clock) {
        this.sessions = sessions;
        this.inbox = inbox;
        this.tracer = tracer;
        this.parkedTimeoutNs = settings.parkedTimeoutNs();
        this.traceStuckTimeoutNs = settings.traceStuckTimeoutNs();
        this.clock = clock;
        this.tickNs = Math.max(TICK_MIN_NS, Math.min(parkedTimeoutNs, traceStuckTimeoutNs) / TICKS_PER_TIMEOUT);
        this.lastTickNs = clock.nowNs();
        this.measuredFromNs = lastTickNs;
    }

    @Override
    public void run() {
        thread = Thread.currentThread();
        while (!halted) {
            tick();
            if (sessions.isEmpty()) {
                LockSupport.park(this);
            } else {
                LockSupport.parkNanos(this, tickNs);
            }
        }
    }

    /** Looks at every session once. */
    void tick() {
        long now = clock.nowNs();
        if (now - lastTickNs > LATE_TICKS * tickNs) {
            measuredFromNs = now;
        }
        lastTickNs = now;
        long measuredNs = now - measuredFromNs;
        TracerStage watched = tracer;
        boolean stuck = watched != null && Math.min(measuredNs, watched.stuckNs(now)) > traceStuckTimeoutNs;
        for (Session session : sessions) {
            if (stuck) {
                session.fail(new TraceFailedException(
                        "the trace has not accepted a record for %d ms, so nothing more is shown: check its disk"
                                .formatted(traceStuckTimeoutNs / 1_000_000)));
                inbox.cancel(session, FinishReason.TRACE_FAILED);
            } else if (session.failure() != null) {
                inbox.cancel(session, FinishReason.INTERNAL_ERROR); // failed, but whoever failed it could not end it
            } else if (Math.min(measuredNs, session.waitedNs(now)) > parkedTimeoutNs) {
                session.fail(new ParkedTooLongException(
                        "the reader asked for nothing for %d ms, so its session was ended to free its memory: request"
                                        .formatted(parkedTimeoutNs / 1_000_000)
                                + " tokens, cancel, or raise the parked timeout"));
                inbox.cancel(session, FinishReason.PARKED_TOO_LONG);
            }
        }
    }

    /** A session came in: there is something to watch. */
    void wake() {
        Thread sleeper = thread;
        if (sleeper != null) {
            LockSupport.unpark(sleeper);
        }
    }

    void halt() {
        halted = true;
        wake();
    }
}
