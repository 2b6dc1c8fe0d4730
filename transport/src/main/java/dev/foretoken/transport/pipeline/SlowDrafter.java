package dev.foretoken.transport.pipeline;

import com.lmax.disruptor.InsufficientCapacityException;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.SequenceBarrier;
import dev.foretoken.engine.draft.DraftSession;
import dev.foretoken.engine.draft.DraftStart;
import dev.foretoken.engine.draft.Drafter;
import dev.foretoken.engine.verify.StepVerdict;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A drafter that needs a thread of its own (a draft model, user code): its thread, and the inbox in which the sessions' owners
 * leave questions and lessons. It may be late or broken; nobody waits for it beyond a deadline.
 */
final class SlowDrafter {
    /** Questions and lessons a session may have waiting before its drafter counts as lost. */
    private static final int EVENTS_PER_SESSION = 16;

    enum Kind {
        OPEN,
        PROPOSE,
        OBSERVE,
        CLOSE,
        STOP
    }

    /** A slot of the inbox. */
    private static final class Event {
        Kind kind = Kind.STOP;
        @Nullable Session session;
        @Nullable DraftStart start;
        @Nullable SlowDraft draft;
        @Nullable Parker owner;
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
    /** Drafts that were given up and are not finished with yet, of all sessions. */
    private final AtomicInteger abandoned = new AtomicInteger();

    SlowDrafter(Drafter drafter, int sessionsMax, EngineCounters counters) {
        this.drafter = drafter;
        this.counters = counters;
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

    // ---- owners; false = the drafter is so far behind that it must be given up for this session

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

    /** The drafter's thread. */
    private final class Stage extends RingStage {
        private final Map<Session, DraftSession> open = new HashMap<>();

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
                    DraftSession drafting = open.get(session);
                    if (drafting != null) {
                        drafting.observe(event.lesson);
                    }
                }
                case CLOSE -> {
                    DraftSession drafting = open.remove(session);
                    if (drafting != null) {
                        drafting.close();
                    }
                }
                case STOP -> halt();
            }
        }

        private void open(Session session, DraftStart start, SlowDraft draft) {
            try {
                open.put(session, drafter.open(start));
            } catch (Throwable e) {
                counters.increment(EngineCounter.DRAFTS_FAILED);
                draft.refuseSession();
            }
        }

        /** Answers in any case: the owner counts a failure, and must not wait for it until the deadline. */
        private void propose(@Nullable DraftSession drafting, SlowDraft draft) {
            long startNs = System.nanoTime();
            boolean succeeded = false;
            try {
                if (drafting != null && draft.isWanted()) {
                    drafting.propose(draft.text(), draft.depthMax(), draft.restartedTree());
                    succeeded = true;
                }
            } catch (Throwable e) {
                succeeded = false;
            }
            if (!draft.settle(succeeded, System.nanoTime() - startNs)) {
                abandoned.decrementAndGet();
            }
        }

        @Override
        void onHalt() {
            open.values().forEach(this::close);
            open.clear();
            close(drafter);
        }

        private void close(AutoCloseable part) {
            try {
                part.close();
            } catch (Throwable e) {
                counters.increment(EngineCounter.CLOSE_FAILURES);
            }
        }
    }
}
