package dev.foretoken.transport.pipeline;

import com.lmax.disruptor.InsufficientCapacityException;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.SequenceBarrier;
import dev.foretoken.engine.draft.DraftSession;
import dev.foretoken.engine.draft.DraftStart;
import dev.foretoken.engine.draft.Drafter;
import dev.foretoken.engine.verify.StepVerdict;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A drafter that needs a thread of its own (a draft model, user code): its thread, and the inbox in which the sessions' owners
 * leave questions and lessons. Between those it prepares sessions that are new, a piece at a time. It may be late or broken;
 * nobody waits for it beyond a deadline.
 */
final class SlowDrafter {
    /** Questions and lessons a session may have waiting; without room, sessions go without the drafter until there is some. */
    private static final int EVENTS_PER_SESSION = 16;

    enum Kind {
        OPEN("open"),
        PROPOSE("propose"),
        OBSERVE("observe"),
        CLOSE("close"),
        STOP("stop");

        /** For the log. */
        final String action;

        Kind(String action) {
            this.action = action;
        }
    }

    /** A slot of the inbox. */
    private static final class Event {
        Kind kind = Kind.STOP;

        @Nullable
        Session session;

        @Nullable
        DraftStart start;

        @Nullable
        SlowDraft draft;

        @Nullable
        Parker owner;

        final StepVerdict lesson = new StepVerdict();

        void clear() {
            session = null;
            start = null;
            draft = null;
            owner = null;
        }
    }

    private final Drafter drafter;
    private final RingBuffer<Event> ring;
    private final Stage stage;
    private final EngineCounters counters;
    private final DrafterLog log;
    /** Drafts that were given up and are not finished with yet, of all sessions. */
    private final AtomicInteger abandoned = new AtomicInteger();

    SlowDrafter(Drafter drafter, int sessionsMax, EngineCounters counters, DrafterLog log) {
        this.drafter = drafter;
        this.counters = counters;
        this.log = log;
        Parker parker = new Parker();
        int capacity = Integer.highestOneBit(EVENTS_PER_SESSION * sessionsMax) << 1;
        this.ring = RingBuffer.createMultiProducer(Event::new, capacity, new StageWaitStrategy(parker));
        this.stage = new Stage(ring.newBarrier(), parker);
        ring.addGatingSequences(stage.sequence());
    }

    Runnable stage() {
        return stage;
    }

    String name() {
        return drafter.name();
    }

    /** True if its sessions want lessons. */
    boolean observes() {
        return drafter.observes();
    }

    // ---- owners; false = there is no room now

    /** A hint: another owner may take the last place. */
    boolean hasRoom() {
        return ring.hasAvailableCapacity(1);
    }

    boolean open(Session session, DraftStart start, SlowDraft draft) {
        return offer(Kind.OPEN, session, start, draft, null, null);
    }

    boolean propose(Session session, SlowDraft draft, Parker owner) {
        return offer(Kind.PROPOSE, session, null, draft, owner, null);
    }

    /** The owner has given a draft up that the drafter's thread has not finished with. */
    void gaveUp() {
        abandoned.incrementAndGet();
    }

    /** It had come in that moment after all. */
    void tookBack() {
        abandoned.decrementAndGet();
    }

    /** True while the drafter works on what nobody wants any more: asking it now means waiting for that first. */
    boolean isBehind() {
        return abandoned.get() > 0;
    }

    boolean observe(Session session, StepVerdict lesson) {
        return offer(Kind.OBSERVE, session, null, null, null, lesson);
    }

    boolean close(Session session) {
        return offer(Kind.CLOSE, session, null, null, null, null);
    }

    void stop() {
        if (!offer(Kind.STOP, null, null, null, null, null)) {
            stage.halt();
        }
    }

    private boolean offer(
            Kind kind,
            @Nullable Session session,
            @Nullable DraftStart start,
            @Nullable SlowDraft draft,
            @Nullable Parker owner,
            @Nullable StepVerdict lesson) {
        long sequence;
        try {
            sequence = ring.tryNext();
        } catch (InsufficientCapacityException full) {
            return false;
        }
        try {
            Event event = ring.get(sequence);
            event.kind = kind;
            event.session = session;
            event.start = start;
            event.draft = draft;
            event.owner = owner;
            if (lesson != null) {
                event.lesson.copyFrom(lesson);
            }
        } finally {
            ring.publish(sequence);
        }
        return true;
    }

    /** A session on the drafter's thread. */
    private record Opened(DraftSession drafting, SlowDraft draft) {}

    /** The drafter's thread. */
    private final class Stage extends RingStage {
        private final Map<Session, Opened> open = new HashMap<>();
        /** Sessions with work left before they can be asked; each in turn gets a piece done. */
        private final ArrayDeque<Opened> preparing = new ArrayDeque<>();

        Stage(SequenceBarrier barrier, Parker parker) {
            super(barrier, parker);
        }

        @Override
        void onEvent(long sequenceNumber) {
            Event event = ring.get(sequenceNumber);
            try {
                handle(event);
            } catch (Throwable e) { // user code: nothing of it may end the thread
                counters.increment(EngineCounter.DRAFTS_FAILED);
                log.threw(event.kind.action, e);
            } finally {
                event.clear();
            }
        }

        private void handle(Event event) {
            Session session = event.session;
            if (session == null) {
                halt();
                return;
            }
            switch (event.kind) {
                case OPEN -> open(session, Objects.requireNonNull(event.start), Objects.requireNonNull(event.draft));
                case PROPOSE -> {
                    propose(open.get(session), Objects.requireNonNull(event.draft));
                    Objects.requireNonNull(event.owner).signal();
                }
                case OBSERVE -> {
                    Opened opened = open.get(session);
                    if (opened != null) {
                        opened.drafting.observe(event.lesson);
                    }
                }
                case CLOSE -> {
                    Opened opened = open.remove(session);
                    if (opened != null) {
                        preparing.remove(opened);
                        opened.drafting.close();
                    }
                }
                case STOP -> halt();
            }
        }

        private void open(Session session, DraftStart start, SlowDraft draft) {
            try {
                Opened opened = new Opened(drafter.open(start), draft);
                open.put(session, opened);
                prepare(opened);
            } catch (Throwable e) {
                counters.increment(EngineCounter.DRAFTS_FAILED);
                log.threw("open", e);
                draft.refuseSession();
            }
        }

        /** Does one piece; the session may be asked once there is none left. */
        private void prepare(Opened opened) {
            opened.draft.followText();
            if (opened.drafting.prepare()) {
                opened.draft.preparing();
                preparing.add(opened);
            } else {
                opened.draft.ready();
            }
        }

        @Override
        boolean otherWork() {
            Opened next = preparing.poll();
            if (next == null) {
                return false;
            }
            try {
                prepare(next);
            } catch (Throwable e) {
                counters.increment(EngineCounter.DRAFTS_FAILED);
                log.threw("prepare", e);
                next.draft.refuseSession();
            }
            return true;
        }

        @Override
        boolean hasOtherWork() {
            return !preparing.isEmpty();
        }

        /** Answers in any case: the owner counts a failure, and must not wait for it until the deadline. */
        private void propose(@Nullable Opened opened, SlowDraft draft) {
            if (opened != null && draft.isPreparing()) { // asked before anybody could know
                if (!draft.settleUnprepared()) {
                    abandoned.decrementAndGet();
                }
                return;
            }
            long startNs = System.nanoTime();
            boolean succeeded = false;
            try {
                if (opened != null && draft.isWanted()) {
                    opened.drafting.propose(draft.text(), draft.depthMax(), draft.restartedTree());
                    succeeded = true;
                }
            } catch (Throwable e) {
                log.threw("propose", e);
            }
            if (!draft.settle(succeeded, System.nanoTime() - startNs)) {
                abandoned.decrementAndGet();
            }
        }

        @Override
        void onHalt() {
            open.values().forEach(opened -> close(opened.drafting));
            open.clear();
            preparing.clear();
            close(drafter);
        }

        private void close(AutoCloseable part) {
            try {
                part.close();
            } catch (Throwable e) {
                counters.increment(EngineCounter.CLOSE_FAILURES);
                log.threw("close", e);
            }
        }
    }
}
