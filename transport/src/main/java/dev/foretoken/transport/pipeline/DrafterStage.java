package dev.foretoken.transport.pipeline;

import com.lmax.disruptor.SequenceBarrier;
import dev.foretoken.engine.error.SessionFailedException;
import dev.foretoken.engine.session.FinishReason;
import dev.foretoken.engine.tree.TokenTree;
import java.util.ArrayDeque;
import java.util.Objects;
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
    private final @Nullable SessionDrafting[] pending;

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
    void onEvent(long sequenceNumber) {
        VerdictEvent event = ring.get(sequenceNumber);
        if (event.kind == VerdictEvent.Kind.STOPPED) {
            halt();
            return;
        }
        Session session = event.session();
        if (session.slot() % stages == index) {
            try {
                take(event, session);
            } catch (RuntimeException | Error e) {
                fail(session, e);
            }
        }
        if (event.kind == VerdictEvent.Kind.ENDED && session.leave()) {
            onLeft.accept(session);
        }
    }

    /** A defect: its session is lost, the stage is not. */
    private void fail(Session session, Throwable cause) {
        counters.increment(EngineCounter.SESSION_FAILURES);
        session.fail(new SessionFailedException("drafting failed: " + cause, cause));
        inbox.cancel(session, FinishReason.INTERNAL_ERROR);
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
                drafting.ended();
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
        TokenTree tree = drafting.complete(clock.nowNs());
        inbox.tree(drafting.session(), tree, drafting.report(), clock.nowNs());
    }

    private void forget(SessionDrafting drafting) {
        for (int i = 0; i < pendingCount; i++) {
            if (pending[i] == drafting) {
                removePending(i);
                return;
            }
        }
    }

    private void removePending(int index) {
        pending[index] = pending[--pendingCount];
        pending[pendingCount] = null;
    }

    // ---- slow drafts

    @Override
    boolean otherWork() {
        boolean worked = false;
        long now = clock.nowNs();
        for (int i = pendingCount - 1; i >= 0; i--) {
            SessionDrafting drafting = Objects.requireNonNull(pending[i]);
            if (now >= drafting.deadlineNs() || drafting.hasArrivals()) {
                worked |= collect(i, drafting, now);
            }
        }
        while (!closing.isEmpty() && closing.peek().close()) {
            closing.poll();
            worked = true;
        }
        return worked;
    }

    private boolean collect(int index, SessionDrafting drafting, long nowNs) {
        try {
            if (!drafting.collect(nowNs)) {
                return false;
            }
            removePending(index);
            publish(drafting);
        } catch (RuntimeException | Error e) {
            forget(drafting);
            fail(drafting.session(), e);
        }
        return true;
    }

    @Override
    boolean hasOtherWork() {
        for (int i = 0; i < pendingCount; i++) {
            if (Objects.requireNonNull(pending[i]).hasArrivals()) {
                return true;
            }
        }
        return false;
    }

    @Override
    long parkTimeoutNs() {
        long limitNs = closing.isEmpty() ? Long.MAX_VALUE : CLOSE_RETRY_NS;
        long now = pendingCount == 0 ? 0 : clock.nowNs();
        for (int i = 0; i < pendingCount; i++) {
            limitNs = Math.min(
                    limitNs, Math.max(1, Objects.requireNonNull(pending[i]).deadlineNs() - now));
        }
        return limitNs;
    }
}
