package dev.foretoken.transport.pipeline;

import com.lmax.disruptor.InsufficientCapacityException;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.SequenceBarrier;
import dev.foretoken.engine.draft.DraftReport;
import dev.foretoken.engine.error.SessionFailedException;
import dev.foretoken.engine.session.FinishReason;
import dev.foretoken.engine.tree.TokenTree;
import org.jspecify.annotations.Nullable;

/**
 * The publishing side of the draft ring. At most one event of each kind is outstanding per session, and the ring has room for
 * all of them, so a refusal is a defect: it fails the session (the timer then ends it) and never waits. Any thread.
 */
final class DraftInbox {
    /** ADMIT, TREE, WAKE and CANCEL of every session, twice over. */
    private static final int EVENTS_PER_SESSION = 8;

    /** What one slot takes, the arrays of its tree and report included. */
    static final int EVENT_BYTES = 3 << 10;

    private final RingBuffer<DraftEvent> ring;
    private final EngineCounters counters;

    DraftInbox(int sessionsMax, Parker laneParker, EngineCounters counters) {
        this.ring = RingBuffer.createMultiProducer(
                DraftEvent::new, capacity(sessionsMax), new StageWaitStrategy(laneParker));
        this.counters = counters;
    }

    private static int capacity(int sessionsMax) {
        return Integer.highestOneBit(Math.max(64, EVENTS_PER_SESSION * sessionsMax)) << 1;
    }

    /** Bytes of the ring for so many sessions. */
    static long bytes(int sessionsMax) {
        return (long) capacity(sessionsMax) * EVENT_BYTES;
    }

    /** False if the ring refused it: the session does not exist for the lane. */
    boolean admit(Session session) {
        session.mark(DraftEvent.Kind.ADMIT);
        return offer(DraftEvent.Kind.ADMIT, session, null, null, 0, null);
    }

    void wake(Session session) {
        publish(DraftEvent.Kind.WAKE, session, null, null, 0, null);
    }

    /** @param completedNs by the clock of the stages */
    void tree(Session session, TokenTree tree, DraftReport report, long completedNs) {
        publish(DraftEvent.Kind.TREE, session, tree, report, completedNs, null);
    }

    /** Ends a session; the first cause wins. */
    void cancel(Session session, FinishReason cause) {
        if (session.isEnded()) {
            return;
        }
        if (session.mark(DraftEvent.Kind.CANCEL)) {
            offer(DraftEvent.Kind.CANCEL, session, null, null, 0, cause);
        }
    }

    /** False if the ring refused it: try again. */
    boolean stop() {
        return offer(DraftEvent.Kind.STOP, null, null, null, 0, null);
    }

    private void publish(
            DraftEvent.Kind kind,
            Session session,
            @Nullable TokenTree tree,
            @Nullable DraftReport report,
            long completedNs,
            @Nullable FinishReason cause) {
        if (session.mark(kind)) {
            offer(kind, session, tree, report, completedNs, cause);
        } else if (!session.isEnded()) {
            counters.increment(EngineCounter.DUPLICATE_EVENTS);
            session.fail(new SessionFailedException("a second " + kind + " was published before the first was taken"));
            cancel(session, FinishReason.INTERNAL_ERROR);
        }
    }

    private boolean offer(
            DraftEvent.Kind kind,
            @Nullable Session session,
            @Nullable TokenTree tree,
            @Nullable DraftReport report,
            long completedNs,
            @Nullable FinishReason cause) {
        long sequence;
        try {
            sequence = ring.tryNext();
        } catch (InsufficientCapacityException full) {
            counters.increment(EngineCounter.DRAFT_RING_REFUSALS);
            if (session != null) {
                session.unmark(kind);
                session.fail(new SessionFailedException("the draft ring refused a " + kind));
            }
            return false;
        }
        try {
            DraftEvent event = ring.get(sequence);
            event.kind = kind;
            event.session = session;
            event.cause = cause;
            if (tree != null && report != null) {
                event.tree.copyFrom(tree);
                event.report.copyFrom(report);
                event.completedNs = completedNs;
            }
        } finally {
            ring.publish(sequence);
        }
        return true;
    }

    DraftEvent get(long sequence) {
        return ring.get(sequence);
    }

    SequenceBarrier newBarrier() {
        return ring.newBarrier();
    }

    void gateOn(VerifierLane lane) {
        ring.addGatingSequences(lane.sequence());
    }
}
