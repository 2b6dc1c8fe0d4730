package dev.foretoken.transport.pipeline;

import dev.foretoken.engine.error.ForetokenException;
import dev.foretoken.engine.session.FinishReason;
import dev.foretoken.engine.session.StepCut;
import dev.foretoken.engine.trace.SessionStart;
import dev.foretoken.engine.verify.VerifierStart;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One subscription's way through the engine. It belongs to no thread: each field has one writer (named at the field) or is
 * changed by compare-and-set. The slot it occupies is reused only after every consumer of the verdict ring has passed ENDED;
 * events compare the session object itself, so a slot's old session is never mistaken for its new one.
 */
public final class Session {
    private static final VarHandle OUTSTANDING;

    static {
        try {
            OUTSTANDING = MethodHandles.lookup().findVarHandle(Session.class, "outstanding", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final SessionStart start;
    private final VerifierStart verifierStart;
    private final StepCut cut;
    private final int promptLength;
    private final @Nullable Integer fixedTreeSize;
    private final int slot;
    private final int reservedPages;
    private final long subscribedAtNs;
    private final Outbox outbox;

    /** Event kinds published and not yet taken by the lane, as bits of {@link DraftEvent.Kind}. */
    private volatile int outstanding;
    /** Nobody drafts for this session; whoever turns it off lets drafting go on. */
    private final AtomicBoolean waiting = new AtomicBoolean();
    /** What cannot travel through the rings; the drain reads it. */
    private final AtomicReference<@Nullable ForetokenException> failure = new AtomicReference<>();
    /** Consumers of the verdict ring that have not passed ENDED yet. */
    private final AtomicInteger consumersLeft;

    private volatile boolean requested; // subscriber
    private volatile int verdictCount; // lane
    private volatile int shownCount; // streamer
    private volatile boolean ended; // lane
    private volatile long waitingSinceNs; // whoever sets waiting
    private FinishReason endReason = FinishReason.INTERNAL_ERROR; // streamer
    private boolean traceStarted; // tracer
    private boolean traceBroken; // tracer

    Session(
            SessionStart start,
            VerifierStart verifierStart,
            StepCut cut,
            int slot,
            int reservedPages,
            int consumers,
            long subscribedAtNs,
            Outbox outbox) {
        this.start = start;
        this.verifierStart = verifierStart;
        this.cut = cut;
        this.promptLength = verifierStart.prompt().length;
        this.fixedTreeSize = start.request().treeSize();
        this.slot = slot;
        this.reservedPages = reservedPages;
        this.subscribedAtNs = subscribedAtNs;
        this.outbox = outbox;
        this.consumersLeft = new AtomicInteger(consumers);
    }

    public long id() {
        return start.sessionId();
    }

    public SessionStart start() {
        return start;
    }

    VerifierStart verifierStart() {
        return verifierStart;
    }

    /** Built by the subscriber; from ADMIT on the lane's. */
    StepCut cut() {
        return cut;
    }

    public int promptLength() {
        return promptLength;
    }

    @Nullable
    Integer fixedTreeSize() {
        return fixedTreeSize;
    }

    int slot() {
        return slot;
    }

    int reservedPages() {
        return reservedPages;
    }

    public long subscribedAtNs() {
        return subscribedAtNs;
    }

    public Outbox outbox() {
        return outbox;
    }

    // ---- the right to draft

    /** Requested at least once, at most one verdict not yet shown, and the queue below its threshold. */
    boolean mayDraft() {
        return requested && verdictCount - shownCount <= 1 && outbox.isBelowThreshold() && !ended;
    }

    /** Stops drafting unless {@link #mayDraft} has become true meanwhile: then the caller goes on drafting. */
    boolean waitsUnlessReady(long nowNs) {
        waitingSinceNs = nowNs;
        waiting.set(true);
        return !(mayDraft() && waiting.compareAndSet(true, false));
    }

    /** True if the caller has just won the right (and the duty) to let drafting go on by publishing WAKE. */
    boolean wins() {
        return waiting.get() && mayDraft() && waiting.compareAndSet(true, false);
    }

    boolean isWaiting() {
        return waiting.get();
    }

    /** Nanoseconds since nobody drafts for this session; 0 if somebody does. */
    long waitedNs(long nowNs) {
        return waiting.get() ? nowNs - waitingSinceNs : 0;
    }

    void requested() {
        requested = true;
    }

    void countVerdict() {
        verdictCount++;
    }

    void countShown() {
        shownCount++;
    }

    // ---- events of the draft ring

    /** Marks an event kind as outstanding; false if one already is. */
    boolean mark(DraftEvent.Kind kind) {
        int bit = kind.bit();
        return ((int) OUTSTANDING.getAndBitwiseOr(this, bit) & bit) == 0;
    }

    void unmark(DraftEvent.Kind kind) {
        OUTSTANDING.getAndBitwiseAnd(this, ~kind.bit());
    }

    // ---- the trace

    /** The session's first record is written. Tracer. */
    void traceStarted() {
        traceStarted = true;
    }

    /** Tracer. */
    boolean isTraceStarted() {
        return traceStarted;
    }

    /** A record of this session is missing: no further step of it is journaled, that would be read as damage. Tracer. */
    void breakTrace() {
        traceBroken = true;
    }

    /** Tracer. */
    boolean isTraceBroken() {
        return traceBroken;
    }

    // ---- the end

    void ended() {
        ended = true;
    }

    boolean isEnded() {
        return ended;
    }

    /** Sets the failure the reader will see; the first one wins. */
    void fail(ForetokenException cause) {
        failure.compareAndSet(null, cause);
        outbox.signal();
    }

    public @Nullable ForetokenException failure() {
        return failure.get();
    }

    /** What the reader will be told once the session has left; the streamer's part. */
    void endsWith(FinishReason reason) {
        endReason = reason;
    }

    /** Tells the reader that no token follows; the last consumer, when the session's slot is free again. */
    void tellEnd() {
        outbox.end(endReason);
        outbox.signal();
    }

    /** One consumer has passed ENDED; true for the last one, who frees the slot. */
    boolean leave() {
        return consumersLeft.decrementAndGet() == 0;
    }
}
