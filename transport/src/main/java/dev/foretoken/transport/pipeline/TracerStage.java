package dev.foretoken.transport.pipeline;

import com.lmax.disruptor.SequenceBarrier;
import dev.foretoken.engine.session.FinishReason;
import dev.foretoken.engine.trace.SessionEnd;
import dev.foretoken.engine.trace.TraceSink;
import java.util.Objects;

/** Journals every verdict before the streamer behind it shows anything. */
final class TracerStage extends RingStage {
    private final VerdictRing ring;
    private final TraceSink sink;
    private final DraftInbox inbox;
    private final Parker streamerParker;
    private final StageClock clock;
    private final EngineCounters counters;
    private volatile long writingSinceNs;

    TracerStage(
            VerdictRing ring,
            SequenceBarrier barrier,
            Parker parker,
            Parker streamerParker,
            TraceSink sink,
            DraftInbox inbox,
            StageClock clock,
            EngineCounters counters) {
        super(barrier, parker);
        this.ring = ring;
        this.sink = sink;
        this.inbox = inbox;
        this.streamerParker = streamerParker;
        this.clock = clock;
        this.counters = counters;
    }

    @Override
    void onEvent(long sequenceNumber) {
        VerdictEvent event = ring.get(sequenceNumber);
        if (event.kind == VerdictEvent.Kind.STOPPED) {
            halt();
            return;
        }
        Session session = event.session();
        boolean saysHowItEnded = event.kind == VerdictEvent.Kind.ENDED && session.isTraceStarted();
        if (session.isTraceBroken() && !saysHowItEnded) {
            return; // nothing behind a lost record but the end, which names the loss
        }
        writingSinceNs = clock.nowNs();
        try {
            write(event, session);
        } catch (Throwable e) { // whatever a sink throws, an InternalError for a fault in a mapped store among it
            counters.increment(EngineCounter.TRACE_FAILURES);
            event.traceFailure = e;
            session.breakTrace();
            inbox.cancel(session, FinishReason.TRACE_FAILED);
        } finally {
            writingSinceNs = 0;
        }
    }

    private void write(VerdictEvent event, Session session) {
        switch (event.kind) {
            case ADMITTED -> {
                sink.sessionStarted(session.start());
                session.traceStarted();
            }
            case VERDICT -> sink.stepVerified(event);
            case ENDED -> {
                FinishReason reason =
                        session.isTraceBroken() ? FinishReason.TRACE_FAILED : Objects.requireNonNull(event.finish);
                long durationNs = clock.nowNs() - session.subscribedAtNs();
                sink.sessionEnded(new SessionEnd(session.id(), reason, event.step, event.emittedTokens, durationNs));
            }
            case READY, STOPPED -> {}
        }
    }

    @Override
    void afterEvent() {
        streamerParker.signal();
    }

    /** How long the write in hand has taken; 0 when none is. Any thread. */
    long stuckNs(long nowNs) {
        long since = writingSinceNs;
        return since == 0 ? 0 : nowNs - since;
    }

    @Override
    void onHalt() {
        streamerParker.signal();
        try {
            sink.close();
        } catch (Throwable e) {
            counters.increment(EngineCounter.CLOSE_FAILURES);
        }
    }
}
