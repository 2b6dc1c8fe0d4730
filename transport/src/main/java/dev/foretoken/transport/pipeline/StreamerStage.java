package dev.foretoken.transport.pipeline;

import com.lmax.disruptor.SequenceBarrier;
import dev.foretoken.engine.error.ForetokenException;
import dev.foretoken.engine.error.SessionFailedException;
import dev.foretoken.engine.error.TraceFailedException;
import dev.foretoken.engine.session.FinishReason;
import java.util.Objects;
import java.util.function.Consumer;

/** Moves verified (and journaled) tokens into their readers' queues; never waits for a reader. */
final class StreamerStage extends RingStage {
    private final VerdictRing ring;
    private final DraftInbox inbox;
    private final Consumer<Session> onLeft;
    private final StageClock clock;

    StreamerStage(
            VerdictRing ring,
            SequenceBarrier barrier,
            Parker parker,
            DraftInbox inbox,
            Consumer<Session> onLeft,
            StageClock clock) {
        super(barrier, parker);
        this.ring = ring;
        this.inbox = inbox;
        this.onLeft = onLeft;
        this.clock = clock;
    }

    @Override
    void onEvent(long sequenceNumber) {
        VerdictEvent event = ring.get(sequenceNumber);
        if (event.kind == VerdictEvent.Kind.STOPPED) {
            halt();
            return;
        }
        Session session = event.session();
        try {
            take(event, session);
        } catch (RuntimeException | Error e) { // a defect: its session is lost, the stage is not
            session.fail(new SessionFailedException("the stream could not be fed: " + e, e));
            inbox.cancel(session, FinishReason.INTERNAL_ERROR);
        }
        if (event.kind == VerdictEvent.Kind.ENDED && session.leave()) {
            onLeft.accept(session);
        }
        session.outbox().signal();
    }

    private void take(VerdictEvent event, Session session) {
        Throwable traceFailure = event.traceFailure;
        if (traceFailure != null) {
            session.fail(new TraceFailedException(
                    "the trace could not be written, so nothing more is shown: " + traceFailure.getMessage(),
                    traceFailure));
        }
        switch (event.kind) {
            case READY -> {
                session.outbox().cached(event.cachedTokens);
                session.outbox().prefilled(clock.nowNs());
            }
            case VERDICT -> show(session, event);
            case ENDED -> {
                ForetokenException failure = event.failure;
                if (failure != null) {
                    session.fail(failure);
                }
                // a failed trace record hides the end as well: what the reader saw must be in the trace
                session.endsWith(
                        traceFailure == null ? Objects.requireNonNull(event.finish) : FinishReason.TRACE_FAILED);
            }
            case ADMITTED, STOPPED -> {}
        }
    }

    private void show(Session session, VerdictEvent event) {
        if (session.failure() == null) {
            session.outbox().append(event, clock.nowNs());
        }
        session.countShown();
        if (session.wins()) {
            inbox.wake(session);
        }
    }
}
