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
    boolean onEvent(long sequenceNumber) {
        VerdictEvent event = ring.get(sequenceNumber);
        writingSinceNs = clock.nowNs();
        try {
            write(event);
        } catch (Exception | InternalError e) { // InternalError: a fault in the midst of a mapped store
            counters.increment(EngineCounter.TRACE_FAILURES);
            event.traceFailure = e instanceof Exception exception ? exception : new IllegalStateException(e);
            inbox.cancel(event.session(), FinishReason.TRACE_FAILED);
        } finally {
            writingSinceNs = 0;
        }
        return true;
    }

    private void write(VerdictEvent event) {
        switch (event.kind) {
            case ADMITTED -> sink.sessionStarted(event.session().start());
            case VERDICT -> sink.stepVerified(event);
            case ENDED -> {
                Session session = event.session();
                FinishReason reason = Objects.requireNonNull(event.finish);
                long durationNs = clock.nowNs() - session.subscribedAtNs();
                sink.sessionEnded(new SessionEnd(session.id(), reason, event.step, event.emittedTokens, durationNs));
            }
            case READY -> {}
            case STOPPED -> halt();
        }
    }

    @Override
    void afterEvents() {
        streamerParker.signal();
    }

    /** How long the write in hand has taken; 0 when none is. Any thread. */
    long stuckNs(long nowNs) {
        long since = writingSinceNs;
        return since == 0 ? 0 : nowNs - since;
    }

    @Override
    void onHalt() {
        sink.close();
        streamerParker.signal();
    }
}
