package dev.foretoken.transport.pipeline;

import com.lmax.disruptor.SequenceBarrier;
import dev.foretoken.drafters.control.VerifyCostModel;
import dev.foretoken.engine.error.SessionFailedException;
import dev.foretoken.engine.session.FinishReason;
import dev.foretoken.engine.session.StepCut;
import dev.foretoken.engine.tree.TokenTree;
import dev.foretoken.engine.verify.StepVerdict;
import dev.foretoken.engine.verify.TreeBatch;
import dev.foretoken.engine.verify.VerdictsOut;
import dev.foretoken.engine.verify.Verifier;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The lane of one target model: takes every tree that waits, adds prompt rows of prefilling sessions, runs one forward, cuts
 * each verdict at its session's stop conditions and publishes it. Its thread is the only one that touches the verifier.
 */
final class VerifierLane extends RingStage {
    /** Share of a single-tree step that the lane waits for trees of sessions it has just served. */
    private static final double COHORT_SHARE = 0.10;

    /**
     * The same while there is nothing but a prompt to read: a forward of prompt rows that a tree has just missed is longer than
     * that, and the stream's reader waits for all of it.
     */
    private static final double COHORT_SHARE_OF_PROMPT = 0.25;

    /** A timed park takes about this long at least: a shorter wait looks at the clock instead, for a part of a step. */
    private static final long PARK_MIN_NS = 50_000;

    /** Between two looks whether the rehearsal may begin. */
    private static final long REHEARSAL_WAIT_NS = 10_000_000;

    private static final double EWMA = 0.1;

    private final DraftInbox inbox;
    private final VerdictRing verdictRing;
    private final Verifier verifier;
    private final VerifyCostModel costModel;
    private final Rehearsal rehearsal;
    private final Runnable rehearsed;
    private final StageClock clock;
    private final EngineCounters counters;
    private final LaneSession[] lanes;
    private final int[] openSlots;
    private int openCount;

    private final LaneBatch next;
    private final TreeBatch batch;
    private final VerdictsOut verdicts;

    private boolean stopping;
    private long cohortUntilNs;
    /** From the end of a forward to a tree for the next one: sessions are drafted one after another. */
    private double meanDraftNs;

    private double meanStepNs;

    // The last forward: what all its sessions are told.
    private long forwardNs;
    private long positions; // that the sessions of this pass hold, together
    private long rowPositions; // the same, once for each row
    private long treesNs;
    private long forwardEndNs;

    /** @param rehearsed told once when the rehearsal is done; shall neither block nor throw */
    VerifierLane(
            DraftInbox inbox,
            SequenceBarrier barrier,
            Parker parker,
            VerdictRing verdictRing,
            Verifier verifier,
            VerifyCostModel costModel,
            Runnable rehearsed,
            StageClock clock,
            EngineCounters counters) {
        super(barrier, parker);
        this.inbox = inbox;
        this.verdictRing = verdictRing;
        this.verifier = verifier;
        this.costModel = costModel;
        this.rehearsal = new Rehearsal(verifier, costModel);
        this.rehearsed = rehearsed;
        this.clock = clock;
        this.counters = counters;
        int slots = verifier.shape().slots();
        lanes = new LaneSession[slots];
        for (int slot = 0; slot < slots; slot++) {
            lanes[slot] = new LaneSession();
        }
        openSlots = new int[slots];
        next = new LaneBatch(verifier, costModel);
        batch = next.batch();
        verdicts = new VerdictsOut(slots);
    }

    // ---- events

    @Override
    void onEvent(long sequenceNumber) {
        DraftEvent event = inbox.get(sequenceNumber);
        Session session = event.session;
        if (event.kind == DraftEvent.Kind.STOP) {
            stopping = true;
        } else if (session != null) {
            session.unmark(event.kind);
            if (event.kind == DraftEvent.Kind.ADMIT) {
                admit(session);
            } else if (lanes[session.slot()].session == session) { // else an event of an old generation
                take(event, lanes[session.slot()], session);
            }
        }
        event.clear();
    }

    private void take(DraftEvent event, LaneSession lane, Session session) {
        switch (event.kind) {
            case TREE -> {
                lane.tree.copyFrom(event.tree);
                lane.report.copyFrom(event.report);
                lane.treeWaits = true;
                lane.treeExpected = false;
                double draftNs = Math.min(event.completedNs - lane.expectedSinceNs, meanStepNs);
                meanDraftNs += EWMA * (draftNs - meanDraftNs);
            }
            case WAKE -> resume(lane, session);
            case CANCEL -> end(lane, session, event.cause == null ? FinishReason.CANCELLED : event.cause, null);
            case ADMIT, STOP -> throw new IllegalStateException("handled before");
        }
    }

    private void admit(Session session) {
        LaneSession lane = lanes[session.slot()];
        try {
            verifier.open(session.slot(), session.verifierStart());
            lane.open(session, session.cut());
        } catch (RuntimeException | Error e) {
            lane.open(session, StepCut.NEVER);
            openSlots[openCount++] = session.slot();
            publish(VerdictEvent.Kind.ADMITTED, session);
            fail(lane, session, new SessionFailedException("the session could not be opened: " + e.getMessage(), e));
            return;
        }
        openSlots[openCount++] = session.slot();
        takeOver(lane, verifier.committedLength(session.slot()));
        publish(VerdictEvent.Kind.ADMITTED, session);
        if (!session.waitsUnlessReady(clock.nowNs())) {
            resume(lane, session);
        }
    }

    /** The session's reader wants more: go on with the prompt, or let its drafter draft. */
    private void resume(LaneSession lane, Session session) {
        if (lane.promptLeft() > 0) {
            lane.prefilling = true;
        } else {
            publishReady(lane, session);
        }
    }

    private void takeOver(LaneSession lane, int committed) {
        counters.add(EngineCounter.CACHED_PROMPT_TOKENS, lane.takeOver(committed));
    }

    // ---- one turn

    @Override
    boolean otherWork() {
        if (stopping) {
            endAll();
            return true;
        }
        if (openCount > 0 && cohortIsWorthWaiting()) {
            return false;
        }
        cohortUntilNs = 0; // also when everybody waited for has left: the lane would never sleep again
        if (openCount == 0) {
            return rehearse();
        }
        takeOverPrompts();
        next.assemble(lanes, openSlots, openCount, clock.nowNs());
        if (batch.segmentCount() == 0) {
            return false;
        }
        forward();
        return true;
    }

    private boolean rehearse() {
        boolean ran = rehearsal.runOnePass();
        if (ran && rehearsal.isDone()) {
            rehearsed.run();
        }
        return ran;
    }

    @Override
    long parkTimeoutNs() {
        if (cohortUntilNs == 0) {
            return openCount == 0 && !rehearsal.isDone() ? REHEARSAL_WAIT_NS : Long.MAX_VALUE;
        }
        long leftNs = cohortUntilNs - clock.nowNs();
        return leftNs < PARK_MIN_NS ? 0 : leftNs;
    }

    /**
     * Taking whatever waits can split two sessions into alternating halves for ever; so the lane waits a little for the trees
     * of sessions it has just served.
     */
    private boolean cohortIsWorthWaiting() {
        boolean anyTree = false;
        boolean anyPrompt = false;
        boolean anyExpected = false;
        for (int i = 0; i < openCount; i++) {
            LaneSession lane = lanes[openSlots[i]];
            anyTree |= lane.treeWaits;
            anyPrompt |= lane.prefilling;
            anyExpected |=
                    lane.treeExpected && !Objects.requireNonNull(lane.session).isWaiting();
        }
        if (!anyExpected || !(anyTree || anyPrompt)) {
            return false;
        }
        long now = clock.nowNs();
        if (cohortUntilNs == 0) {
            cohortUntilNs = now
                    + (long)
                            (anyTree
                                    ? Math.min(2 * meanDraftNs, COHORT_SHARE * meanStepNs)
                                    : COHORT_SHARE_OF_PROMPT * meanStepNs);
        }
        return now < cohortUntilNs;
    }

    /** Sessions go on behind what others have computed of their prompts; downwards, because a session may end. */
    private void takeOverPrompts() {
        for (int i = openCount - 1; i >= 0; i--) {
            LaneSession lane = lanes[openSlots[i]];
            if (!lane.prefilling) {
                continue;
            }
            Session session = Objects.requireNonNull(lane.session);
            try {
                takeOver(lane, verifier.takeOverPrompt(session.slot()));
                advancePrompt(lane, session, 0);
            } catch (RuntimeException | Error e) {
                fail(lane, session, new SessionFailedException("the prompt could not be read: " + e.getMessage(), e));
            }
        }
    }

    private void forward() {
        measureContext();
        long startNs = clock.nowNs();
        try {
            verifier.submit(batch);
            verdicts.clear();
            while (!verifier.poll(verdicts)) { // a verifier on the CPU is done at the first look
                Thread.onSpinWait();
            }
        } catch (RuntimeException | Error e) {
            failBatch(e);
            return;
        }
        forwardEndNs = clock.nowNs();
        forwardNs = forwardEndNs - startNs;
        counters.increment(EngineCounter.FORWARDS);
        if (batch.treeCount() > 0) {
            meanStepNs += EWMA * (forwardNs - meanStepNs);
            costModel.observe(batch.rowCount(), forwardNs, positions, rowPositions);
            treesNs = withoutPromptsNs();
        }
        takeEvents(); // a session cancelled meanwhile gets no verdict
        int verdictIndex = 0;
        for (int segment = 0; segment < batch.segmentCount(); segment++) {
            Session session = next.takeSession(segment);
            LaneSession lane = lanes[session.slot()];
            StepVerdict verdict = batch.tree(segment) == null ? null : verdicts.verdict(verdictIndex++);
            if (lane.session != session) {
                continue; // ended during the forward; its slot may have a new session already
            }
            try {
                if (verdict == null) {
                    advancePrompt(lane, session, batch.promptCount(segment));
                } else {
                    lane.treeWaits = false;
                    settle(lane, session, verdict);
                }
            } catch (RuntimeException | Error e) { // a defect: its session is lost, the lane is not
                fail(lane, session, new SessionFailedException("the step could not be settled: " + e, e));
            }
        }
    }

    /** What attention of the next pass reads, see {@link VerifyCostModel#observe(int, long, double, double)}. */
    private void measureContext() {
        positions = 0;
        rowPositions = 0;
        for (int segment = 0; segment < batch.segmentCount(); segment++) {
            long before = verifier.committedLength(batch.slot(segment));
            TokenTree tree = batch.tree(segment);
            positions += before;
            rowPositions += before * (tree == null ? batch.promptCount(segment) : tree.nodeCount());
        }
    }

    private void advancePrompt(LaneSession lane, Session session, int rows) {
        lane.prefilled += rows;
        counters.add(EngineCounter.PROMPT_ROWS, rows);
        if (lane.promptLeft() == 0) {
            lane.prefilling = false;
            publishReady(lane, session);
        }
    }

    private void settle(LaneSession lane, Session session, StepVerdict verdict) {
        String failure = verdict.failure();
        if (failure != null) {
            fail(lane, session, new SessionFailedException(failure));
            return;
        }
        StepCut cut = Objects.requireNonNull(lane.cut);
        FinishReason finish = cut.apply(verdict);
        lane.emittedTokens += verdict.emittedCount();
        session.countVerdict();
        counters.increment(EngineCounter.STEPS);
        counters.add(EngineCounter.TREE_ROWS, lane.tree.nodeCount());
        counters.add(EngineCounter.EMITTED_TOKENS, verdict.emittedCount());
        lane.treeExpected = finish == null;
        lane.expectedSinceNs = forwardEndNs;
        long sequence = verdictRing.claim();
        try {
            VerdictEvent event = verdictRing.get(sequence);
            event.kind = VerdictEvent.Kind.VERDICT;
            event.session = session;
            event.tree.copyFrom(lane.tree);
            event.report.copyFrom(lane.report);
            event.verdict.copyFrom(verdict);
            cut.releasedBytes(event.releasedBytes);
            event.step = lane.steps;
            event.batchRows = batch.rowCount();
            event.batchTrees = batch.treeCount();
            event.forwardNs = forwardNs;
            event.treeRows = next.treeRows();
            event.treesNs = treesNs;
            event.finish = finish;
            event.failure = null;
            event.traceFailure = null;
        } finally {
            verdictRing.publish(sequence);
        }
        lane.steps++;
        if (finish != null) {
            end(lane, session, finish, null);
        }
    }

    /** What the trees alone would have taken: how much is drafted is decided for them, and so does not change beside a prompt. */
    private long withoutPromptsNs() {
        int rows = next.treeRows();
        return rows == batch.rowCount()
                ? forwardNs
                : Math.round(forwardNs * costModel.ns(rows) / costModel.ns(batch.rowCount()));
    }

    // ---- ends

    private void failBatch(Throwable cause) {
        for (int segment = 0; segment < batch.segmentCount(); segment++) {
            Session session = next.takeSession(segment);
            fail(lanes[session.slot()], session, new SessionFailedException("the verifier failed: " + cause, cause));
        }
    }

    private void fail(LaneSession lane, Session session, SessionFailedException failure) {
        counters.increment(EngineCounter.SESSION_FAILURES);
        end(lane, session, FinishReason.INTERNAL_ERROR, failure);
    }

    /** @param failure what the reader sees behind the tokens that were verified before; null if the reason says it */
    private void end(LaneSession lane, Session session, FinishReason reason, @Nullable SessionFailedException failure) {
        session.ended();
        SessionFailedException seen = failure;
        try {
            verifier.release(session.slot(), session.promptLength() + lane.emittedTokens);
        } catch (RuntimeException | Error e) {
            counters.increment(EngineCounter.SESSION_FAILURES);
            if (seen == null) {
                seen = new SessionFailedException("the session's pages could not be released: " + e.getMessage(), e);
            }
        }
        int emitted = lane.emittedTokens;
        int steps = lane.steps;
        lane.close();
        for (int i = 0; i < openCount; i++) {
            if (openSlots[i] == session.slot()) {
                openSlots[i] = openSlots[--openCount];
                break;
            }
        }
        counters.increment(EngineCounter.SESSIONS_ENDED);
        long sequence = verdictRing.claim();
        try {
            VerdictEvent event = fresh(sequence, VerdictEvent.Kind.ENDED, session);
            event.finish = reason;
            event.failure = seen;
            event.step = steps;
            event.emittedTokens = emitted;
        } finally {
            verdictRing.publish(sequence);
        }
    }

    private void endAll() {
        while (openCount > 0) {
            LaneSession lane = lanes[openSlots[openCount - 1]];
            end(lane, Objects.requireNonNull(lane.session), FinishReason.INTERRUPTED, null);
        }
        publish(VerdictEvent.Kind.STOPPED, null);
        halt();
    }

    private void publishReady(LaneSession lane, Session session) {
        lane.treeExpected = true;
        lane.expectedSinceNs = clock.nowNs();
        long sequence = verdictRing.claim();
        fresh(sequence, VerdictEvent.Kind.READY, session).cachedTokens = lane.cached;
        verdictRing.publish(sequence);
    }

    private void publish(VerdictEvent.Kind kind, @Nullable Session session) {
        long sequence = verdictRing.claim();
        fresh(sequence, kind, session);
        verdictRing.publish(sequence);
    }

    private VerdictEvent fresh(long sequence, VerdictEvent.Kind kind, @Nullable Session session) {
        VerdictEvent event = verdictRing.get(sequence);
        event.kind = kind;
        event.session = session;
        event.finish = null;
        event.failure = null;
        event.traceFailure = null;
        event.step = 0;
        event.emittedTokens = 0;
        return event;
    }

    @Override
    void onHalt() {
        try {
            verifier.close();
        } catch (RuntimeException | Error e) {
            counters.increment(EngineCounter.CLOSE_FAILURES);
        }
    }
}
