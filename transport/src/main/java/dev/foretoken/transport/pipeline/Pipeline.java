package dev.foretoken.transport.pipeline;

import dev.foretoken.drafters.control.DraftingExperience;
import dev.foretoken.drafters.control.SpeculationController;
import dev.foretoken.drafters.control.VerifyCostModel;
import dev.foretoken.engine.draft.DraftStart;
import dev.foretoken.engine.draft.DraftText;
import dev.foretoken.engine.draft.Drafter;
import dev.foretoken.engine.error.EngineClosedException;
import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.error.SessionFailedException;
import dev.foretoken.engine.kv.HeapSpace;
import dev.foretoken.engine.session.FinishReason;
import dev.foretoken.engine.session.StepCut;
import dev.foretoken.engine.session.StopConditions;
import dev.foretoken.engine.tokenizer.Vocabulary;
import dev.foretoken.engine.trace.SessionStart;
import dev.foretoken.engine.trace.TraceSink;
import dev.foretoken.engine.tree.TokenTree;
import dev.foretoken.engine.verify.StepVerdict;
import dev.foretoken.engine.verify.Verifier;
import dev.foretoken.engine.verify.VerifierShape;
import dev.foretoken.engine.verify.VerifierStart;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The engine's dataflow, assembled and running: one lane, its rings, the stages on them and their threads. It owns verifier,
 * drafters and trace sink and closes them. Thread-safe.
 */
public final class Pipeline implements AutoCloseable {
    private static final long STOP_RETRY_NS = 1_000_000;

    private final VerifierShape shape;
    private final Vocabulary vocabulary;
    private final DrafterSet drafters;
    private final VerifyCostModel costModel;
    private final DraftingExperience experience;
    private final CostMemory costMemory;
    private final PipelineSettings settings;
    private final StageClock clock = StageClock.SYSTEM;
    private final EngineCounters counters = new EngineCounters();
    private final Admission admission;
    private final Set<Session> sessions = ConcurrentHashMap.newKeySet();
    private final DraftInbox inbox;
    private final SessionTimer timer;
    private final int consumers;
    private final ThreadFactory threadFactory;
    private final List<Thread> stageThreads = new ArrayList<>();
    private final List<Thread> slowDrafterThreads = new ArrayList<>();
    /** Read side: whoever is letting a session in; write side: closing, so that no ADMIT follows STOP. */
    private final ReentrantReadWriteLock gate = new ReentrantReadWriteLock();

    private final CompletableFuture<Void> warmedUp = new CompletableFuture<>();
    private volatile @Nullable Thread costsThread;
    private volatile boolean closed;
    private volatile @Nullable Throwable defect;

    /**
     * Starts the stages.
     *
     * @param sink where verdicts are journaled before they are shown; null: nowhere
     * @throws InvalidInputException as {@link #checkHeap}
     */
    public Pipeline(
            Verifier verifier,
            Vocabulary vocabulary,
            List<Drafter> drafterList,
            @Nullable TraceSink sink,
            PipelineSettings settings) {
        this(verifier, vocabulary, drafterList, sink, settings, CostMemory.NONE);
    }

    /** As above, with verify costs that an earlier engine measured, and kept for the next. */
    public Pipeline(
            Verifier verifier,
            Vocabulary vocabulary,
            List<Drafter> drafterList,
            @Nullable TraceSink sink,
            PipelineSettings settings,
            CostMemory costMemory) {
        this(
                verifier,
                vocabulary,
                drafterList,
                sink,
                settings,
                costMemory,
                Thread.ofPlatform().daemon(true).factory());
    }

    Pipeline(
            Verifier verifier,
            Vocabulary vocabulary,
            List<Drafter> drafterList,
            @Nullable TraceSink sink,
            PipelineSettings settings,
            CostMemory costMemory,
            ThreadFactory threadFactory) {
        this.threadFactory = threadFactory;
        this.shape = verifier.shape();
        checkHeap(shape.slots());
        this.vocabulary = vocabulary;
        this.settings = settings;
        this.drafters = new DrafterSet(drafterList, shape.slots(), counters);
        this.costModel = new VerifyCostModel();
        this.experience = new DraftingExperience(drafters.count());
        this.costMemory = costMemory;
        costMemory.recall().ifPresent(costModel::recall);
        this.admission = new Admission(shape.slots(), shape.pagesTotal());
        this.consumers = settings.drafterThreads() + 1;

        Parker laneParker = new Parker();
        Parker tracerParker = new Parker();
        Parker streamerParker = new Parker();
        Parker[] drafterParkers = new Parker[settings.drafterThreads()];
        List<Parker> ringParkers = new ArrayList<>();
        for (int i = 0; i < drafterParkers.length; i++) {
            drafterParkers[i] = new Parker();
            ringParkers.add(drafterParkers[i]);
        }
        ringParkers.add(sink == null ? streamerParker : tracerParker);

        inbox = new DraftInbox(shape.slots(), laneParker, counters);
        VerdictRing ring = new VerdictRing(shape.slots(), counters, ringParkers.toArray(Parker[]::new));
        VerifierLane lane = new VerifierLane(
                inbox, inbox.newBarrier(), laneParker, ring, verifier, costModel, this::rehearsed, clock, counters);
        inbox.gateOn(lane);
        TracerStage tracer = sink == null
                ? null
                : new TracerStage(ring, ring.newBarrier(), tracerParker, streamerParker, sink, inbox, clock, counters);
        StreamerStage streamer = new StreamerStage(
                ring,
                tracer == null ? ring.newBarrier() : ring.newBarrier(tracer.sequence()),
                streamerParker,
                inbox,
                this::leave,
                clock);
        ring.gateOn(streamer.sequence());
        timer = new SessionTimer(sessions, inbox, tracer, settings, clock);

        try {
            startStage("foretoken-verifier", lane);
            if (tracer != null) {
                startStage("foretoken-tracer", tracer);
            }
            startStage("foretoken-streamer", streamer);
            startDrafters(ring, drafterParkers);
            startStage("foretoken-timer", timer);
        } catch (RuntimeException | Error e) { // too many threads, or no memory for one more
            close();
            throw e;
        }
    }

    /**
     * Asks whether the rings of a pipeline find room, which hold what so many sessions can have on their way.
     *
     * @throws InvalidInputException if the Java heap has too little left
     */
    public static void checkHeap(int sessionsMax) {
        checkHeap(sessionsMax, HeapSpace.leftBytes(ringBytes(sessionsMax)));
    }

    static void checkHeap(int sessionsMax, long leftBytes) {
        long bytes = ringBytes(sessionsMax);
        if (bytes > leftBytes) {
            throw new InvalidInputException(
                    "%d sessions need %d MiB of Java heap for their rings, %d MiB are left: lower the sessions or raise -Xmx"
                            .formatted(sessionsMax, Math.ceilDiv(bytes, 1 << 20), leftBytes >> 20));
        }
    }

    private static long ringBytes(int sessionsMax) {
        return DraftInbox.bytes(sessionsMax) + VerdictRing.bytes(sessionsMax);
    }

    private void startDrafters(VerdictRing ring, Parker[] parkers) {
        for (SlowDrafter slow : drafters.slowOnes()) {
            String name = "foretoken-drafter-" + slow.name();
            start(name, slow.stage(), slowDrafterThreads, e -> slowDrafterDied());
        }
        for (int i = 0; i < parkers.length; i++) {
            Parker parker = parkers[i];
            DrafterStage stage = new DrafterStage(
                    ring,
                    ring.newBarrier(),
                    parker,
                    inbox,
                    i,
                    parkers.length,
                    shape.slots(),
                    session -> draftingOf(session, parker),
                    this::leave,
                    clock,
                    counters);
            ring.gateOn(stage.sequence());
            startStage("foretoken-drafting-" + i, stage);
        }
    }

    private void startStage(String name, Runnable stage) {
        start(name, stage, stageThreads, this::stageDied);
    }

    private void start(String name, Runnable stage, List<Thread> threads, Consumer<Throwable> died) {
        Thread thread = threadFactory.newThread(() -> {
            try {
                stage.run();
            } catch (Throwable e) {
                died.accept(e);
            }
        });
        thread.setName(name);
        thread.start();
        threads.add(thread);
    }

    /** On other threads: the verifier waits for no disk and for nobody who waited for this. */
    private void rehearsed() {
        CompletableFuture.runAsync(() -> warmedUp.complete(null));
        keepCostsAside();
    }

    private void neverWarm(EngineClosedException why) {
        CompletableFuture.runAsync(() -> warmedUp.completeExceptionally(why));
    }

    private void keepCostsAside() {
        if (costModel.curve().isEmpty()) {
            return;
        }
        try {
            Thread thread = threadFactory.newThread(this::keepCosts);
            thread.setName("foretoken-costs");
            thread.start();
            costsThread = thread;
        } catch (RuntimeException | Error e) {
            costsThread = null; // no thread to be had: they are kept at the end
        }
    }

    private void keepCosts() {
        costModel.curve().ifPresent(costMemory::keep);
    }

    /** The last resort, for defects that no stage has foreseen: nobody waits for a stage that is gone. */
    void stageDied(Throwable cause) {
        counters.increment(EngineCounter.STAGES_DIED);
        defect = cause;
        neverWarm(diedException());
        sessions.forEach(this::failForDefect);
    }

    private static EngineClosedException diedException() {
        return new EngineClosedException("a stage of the engine has ended: close the engine and build another");
    }

    /** Its drafts are missed, and that is all. */
    void slowDrafterDied() {
        counters.increment(EngineCounter.STAGES_DIED);
    }

    private void failForDefect(Session session) {
        session.fail(new SessionFailedException("a stage of the engine has ended: " + defect, defect));
    }

    /** Nodes of the largest tree: it must fit into a batch, or it would wait for ever. */
    private int treeNodesMax() {
        return Math.min(TokenTree.NODES_MAX, shape.batchRowsMax());
    }

    private SessionDrafting draftingOf(Session session, Parker owner) {
        VerifierStart verifierStart = session.verifierStart();
        DraftText text = new DraftText(verifierStart.prompt(), verifierStart.tokensMax() + TokenTree.DEPTH_MAX + 1);
        DraftStart start = new DraftStart(
                session.id(),
                text,
                verifierStart.sampling(),
                vocabulary,
                verifierStart.tokensMax(),
                verifierStart.cacheTenant());
        Integer fixed = session.fixedTreeSize();
        int treeSize = fixed == null ? SpeculationController.AUTO : fixed;
        SpeculationController controller = new SpeculationController(experience, costModel, treeSize, treeNodesMax());
        return new SessionDrafting(session, start, shape.vocabularySize(), drafters, controller, owner, counters);
    }

    // ---- sessions

    /** Names of the drafters in the order of their bits. */
    public List<String> drafterNames() {
        return drafters.names();
    }

    /** Fingerprint of the drafters' frozen warm-start tables; 0 if there are none. */
    public long warmStartFingerprint() {
        return drafters.warmStartFingerprint();
    }

    public VerifierShape shape() {
        return shape;
    }

    public EngineCounters counters() {
        return counters;
    }

    /** Completes after the calibration run, or with {@link EngineClosedException} if that will not come; on no stage's thread. */
    public CompletableFuture<Void> warmedUp() {
        return warmedUp.copy();
    }

    /** Sessions that hold a slot now. */
    public int sessionCount() {
        return admission.sessions();
    }

    /** KV pages reserved now. */
    public int reservedPages() {
        return admission.reservedPages();
    }

    /**
     * Asks whether a request could be admitted if it were the only one.
     *
     * @param promptLength in tokens
     * @param maxTokens of the answer
     * @return KV pages that it reserves
     * @throws InvalidInputException if there is never room for it
     */
    public int checkRoom(int promptLength, int maxTokens) {
        StopConditions.checkRoom(promptLength, shape.contextMax());
        int tokensMax = tokensMax(promptLength, maxTokens);
        int pages = shape.pagesFor(tokensMax, TokenTree.NODES_MAX);
        if (pages > shape.pagesTotal()) {
            throw new InvalidInputException(
                    "prompt and answer of %d tokens need %d KV pages, the engine has %d: lower max tokens or allow more KV memory, by a larger heap (-Xmx) or, in a program, kvBytes"
                            .formatted(tokensMax, pages, shape.pagesTotal()));
        }
        return pages;
    }

    private int tokensMax(int promptLength, int maxTokens) {
        return (int) Math.min((long) promptLength + maxTokens, shape.contextMax());
    }

    /**
     * Reserves what the session needs and sends it on its way. It is prefilled once its reader {@link #requested}.
     *
     * @param prompt token ids, shorter than the context
     * @throws dev.foretoken.engine.error.AdmissionRefusedException if there is no room now
     * @throws InvalidInputException if there never is
     * @throws EngineClosedException if the engine is closed
     */
    public Session admit(SessionStart start, int[] prompt) {
        long nowNs = clock.nowNs();
        int pages = checkRoom(prompt.length, start.request().maxTokens());
        int tokensMax = tokensMax(prompt.length, start.request().maxTokens());
        gate.readLock().lock();
        try {
            if (closed) {
                throw new EngineClosedException("the engine is closed");
            }
            if (defect != null) {
                throw diedException();
            }
            // whatever may fail for want of memory comes before the reservation
            Integer logprobs = start.request().logprobs();
            int topCount = Math.max(StepVerdict.TOP_IDS, logprobs == null ? 0 : logprobs);
            StepCut cut = StopConditions.of(start.request(), vocabulary, prompt.length, shape.contextMax());
            VerifierStart verifierStart = new VerifierStart(
                    prompt,
                    start.sampling(),
                    topCount,
                    tokensMax,
                    start.request().cacheTenant());
            Outbox outbox = new Outbox(logprobs == null ? 0 : logprobs, drafters.count());
            int slot = enter(pages);
            Session session = new Session(start, verifierStart, cut, slot, pages, consumers, nowNs, outbox);
            sessions.add(session);
            if (!inbox.admit(session)) {
                leave(session);
                throw new SessionFailedException("the engine could not take the session in");
            }
            counters.increment(EngineCounter.SESSIONS_ADMITTED);
            timer.wake();
            if (defect != null) { // it came in between
                failForDefect(session);
            }
            return session;
        } finally {
            gate.readLock().unlock();
        }
    }

    private int enter(int pages) {
        try {
            return admission.enter(pages);
        } catch (RuntimeException refused) {
            counters.increment(EngineCounter.SESSIONS_REFUSED);
            throw refused;
        }
    }

    /** The last consumer has passed a session's ENDED: nobody touches its slot any more. */
    private void leave(Session session) {
        sessions.remove(session);
        admission.leave(session.slot(), session.reservedPages());
        session.tellEnd(); // only now: a reader that has seen the end finds the slot free
    }

    /** The session's reader asked for tokens, or took some: drafting goes on if it waited for that. Any thread. */
    public void requested(Session session) {
        session.requested();
        wakeIfReady(session);
    }

    /** The reader took tokens from the queue. */
    public void wakeIfReady(Session session) {
        if (session.wins()) {
            inbox.wake(session);
        }
    }

    /** Ends a session early; its KV is free within one step. Any thread, idempotent. */
    public void cancel(Session session, FinishReason cause) {
        inbox.cancel(session, cause);
    }

    // ---- the end

    /** Ends every session with {@link FinishReason#INTERRUPTED} and waits for the stages. Idempotent. */
    @Override
    public void close() {
        gate.writeLock().lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
        } finally {
            gate.writeLock().unlock();
        }
        long deadlineNs = clock.nowNs() + settings.closeTimeoutNs();
        while (!inbox.stop() && clock.nowNs() < deadlineNs) {
            LockSupport.parkNanos(STOP_RETRY_NS);
        }
        timer.halt();
        stageThreads.forEach(thread -> join(thread, deadlineNs));
        drafters.slowOnes().forEach(SlowDrafter::stop);
        slowDrafterThreads.forEach(thread -> join(thread, deadlineNs));
        drafters.closeInline();
        for (Session session : sessions) {
            session.fail(new EngineClosedException("the engine was closed while the stream was running"));
        }
        neverWarm(new EngineClosedException("the engine was closed before it was warm"));
        stageThreads.forEach(Thread::interrupt);
        slowDrafterThreads.forEach(Thread::interrupt);
        Thread keeping = costsThread;
        if (keeping != null) {
            join(keeping, deadlineNs);
        }
        keepCosts();
    }

    /** Waits for a thread until the deadline; an interrupt is kept for later, the stages must end first. */
    private void join(Thread thread, long deadlineNs) {
        if (thread == Thread.currentThread()) {
            return;
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join(Math.max(1, (deadlineNs - clock.nowNs()) / 1_000_000));
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
