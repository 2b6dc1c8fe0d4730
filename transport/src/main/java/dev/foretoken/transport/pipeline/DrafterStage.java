package dev.foretoken.transport.pipeline;

import com.lmax.disruptor.SequenceBarrier;
import dev.foretoken.engine.error.SessionFailedException;
import dev.foretoken.engine.session.FinishReason;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One drafter thread: owns the drafting of every session whose slot falls to it, sees all verdicts and filters. It never waits
 * for a slow drafter: it keeps the deadlines, serves other sessions meanwhile, and parks until a ring event, a finished slow
 * draft or the earliest deadline.
 */
final class DrafterStage extends RingStage {
    private static final long CLOSE_RETRY_NS = 10_000_000;

    private final VerdictRing ring;
    private final DraftInbox inbox;
    private final int index;
    private final int stages;
    private final Function<Session, SessionDrafting> opener;
    private final Consumer<Session> onLeft;
    private final StageClock clock;
    private final EngineCounters counters;
    private final @Nullable SessionDrafting[] bySlot;
    /** Sessions whose slow drafts are under way. */
    private final SessionDrafting[] pending;

    private int pendingCount;
    private final ArrayDeque<SessionDrafting> closing = new ArrayDeque<>();

    DrafterStage(
            VerdictRing ring,
            SequenceBarrier barrier,
            Parker parker,
            DraftInbox inbox,
            int index,
            int stages,
            int slots,
            Function<Session, SessionDrafting> opener,
            Consumer<Session> onLeft,
            StageClock clock,
            EngineCounters counters) {
        super(barrier, parker);
        this.ring = ring;
        this.inbox = inbox;
        this.index = index;
        this.stages = stages;
        this.opener = opener;
        this.onLeft = onLeft;
        this.clock = clock;
        this.counters = counters;
        bySlot = new SessionDrafting[slots];
        pending = new SessionDrafting[slots];
    }

    @Override
    boolean onEvent(long sequenceNumber) {
        VerdictEvent event = ring.get(sequenceNumber);
        if (event.kind == VerdictEvent.Kind.STOPPED) {
            halt();
            return true;
        }
        Session session = event.session();
        if (session.slot() % stages == index) {
            try {
                take(event, session);
            } catch (RuntimeException | Error e) {
                counters.increment(EngineCounter.SESSION_FAILURES);
                session.fail(new SessionFailedException("drafting failed: " + e, e));
                inbox.cancel(session, FinishReason.INTERNAL_ERROR);
            }
        }
        if (event.kind == VerdictEvent.Kind.ENDED && session.leave()) {
            onLeft.accept(session);
        }
        return true;
    }

    private void take(VerdictEvent event, Session session) {
        if (event.kind == VerdictEvent.Kind.ADMITTED) {
            bySlot[session.slot()] = opener.apply(session);
            return;
        }
        SessionDrafting drafting = bySlot[session.slot()];
        if (drafting == null || drafting.session() != session) {
            return; // it could not be opened and is being cancelled
        }
        switch (event.kind) {
            case READY -> draft(drafting);
            case VERDICT -> {
                drafting.learn(event);
                if (event.finish == null) {
                    draftOrWait(drafting, session);
                }
            }
            case ENDED -> {
                bySlot[session.slot()] = null;
                forget(drafting);
                if (!drafting.close()) {
                    closing.add(drafting);
                }
            }
            case ADMITTED, STOPPED -> {}
        }
    }

    private void draftOrWait(SessionDrafting drafting, Session session) {
        if (!session.mayDraft() && session.waitsUnlessReady(clock.nowNs())) {
            counters.increment(EngineCounter.PARKS);
            return;
        }
        draft(drafting);
    }

    private void draft(SessionDrafting drafting) {
        if (drafting.begin(clock.nowNs())) {
            publish(drafting);
        } else {
            pending[pendingCount++] = drafting;
        }
    }

    private void publish(SessionDrafting drafting) {
        inbox.tree(drafting.session(), drafting.complete(clock.nowNs()), drafting.report());
    }

    private void forget(SessionDrafting drafting) {
        for (int i = 0; i < pendingCount; i++) {
            if (pending[i] == drafting) {
                pending[i] = pending[--pendingCount];
                return;
            }
        }
    }

    // ---- slow drafts

    @Override
    boolean otherWork() {
        boolean worked = false;
        long now = clock.nowNs();
        for (int i = pendingCount - 1; i >= 0; i--) {
            SessionDrafting drafting = pending[i];
            if ((now >= drafting.deadlineNs() || drafting.hasArrivals()) && drafting.collect(now)) {
                pending[i] = pending[--pendingCount];
                publish(drafting);
                worked = true;
            }
        }
        while (!closing.isEmpty() && closing.peek().close()) {
            closing.poll();
            worked = true;
        }
        return worked;
    }

    @Override
    boolean hasOtherWork() {
        for (int i = 0; i < pendingCount; i++) {
            if (pending[i].hasArrivals()) {
                return true;
            }
        }
        return false;
    }

    @Override
    long parkTimeoutNs() {
        long earliest = Long.MAX_VALUE;
        for (int i = 0; i < pendingCount; i++) {
            earliest = Math.min(earliest, pending[i].deadlineNs());
        }
        if (!closing.isEmpty()) {
            return CLOSE_RETRY_NS;
        }
        return earliest == Long.MAX_VALUE ? earliest : Math.max(1, earliest - clock.nowNs());
    }
}
