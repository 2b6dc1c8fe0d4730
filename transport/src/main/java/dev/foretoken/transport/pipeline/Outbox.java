package dev.foretoken.transport.pipeline;

import dev.foretoken.engine.session.FinishReason;
import dev.foretoken.engine.tree.TokenTree;
import dev.foretoken.engine.verify.StepVerdict;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A stream's bounded queue: the streamer writes verified tokens, the subscriber's drain reads them. Plain arrays, no object
 * per token. It holds the threshold plus two whole steps, so a verified token is never refused: above the threshold its
 * session does not draft, and at most two steps are on their way.
 */
public final class Outbox {
    /** Tokens a reader may lag behind before its session parks. */
    public static final int THRESHOLD = 64;

    private static final int CAPACITY = Integer.highestOneBit(THRESHOLD + 2 * (TokenTree.DEPTH_MAX + 1) - 1) << 1;
    private static final int MASK = CAPACITY - 1;
    private static final VarHandle HEAD;
    private static final VarHandle TAIL;

    static {
        try {
            HEAD = MethodHandles.lookup().findVarHandle(Outbox.class, "head", long.class);
            TAIL = MethodHandles.lookup().findVarHandle(Outbox.class, "tail", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final int topCount;
    private final int[] tokenId = new int[CAPACITY];
    private final int[] step = new int[CAPACITY];
    private final int[] proposers = new int[CAPACITY];
    private final int[] releasedBytes = new int[CAPACITY];
    private final float[] logit = new float[CAPACITY];
    private final double[] logSumExp = new double[CAPACITY];
    private final int[] topId;
    private final float[] topLogit;

    // written by the streamer
    private long tail;
    private volatile long prefilledAtNs;
    private volatile long firstTokenAtNs;
    private volatile long lastTokenAtNs;
    private volatile @Nullable FinishReason end;
    private int cachedTokens;
    private int steps;
    private final long[] proposed;
    private final long[] accepted;
    private final long[] missed;
    private final long[] failed;

    // written by the drain
    private long head;
    private volatile @Nullable Thread reader;

    Outbox(int topCount, int drafterCount) {
        this.topCount = topCount;
        topId = new int[CAPACITY * topCount];
        topLogit = new float[CAPACITY * topCount];
        proposed = new long[drafterCount];
        accepted = new long[drafterCount];
        missed = new long[drafterCount];
        failed = new long[drafterCount];
    }

    // ---- streamer's side

    /** So many prompt tokens came from the prefix cache. */
    void cached(int tokens) {
        cachedTokens = tokens;
    }

    void prefilled(long nowNs) {
        if (prefilledAtNs == 0) {
            prefilledAtNs = nowNs;
        }
    }

    /** Appends one step's tokens; there is always room. */
    void append(VerdictEvent event, long nowNs) {
        StepVerdict verdict = event.verdict();
        long at = tail;
        int count = verdict.emittedCount();
        assert at + count - (long) HEAD.getAcquire(this) <= CAPACITY : "outbox overrun";
        for (int i = 0; i < count; i++) {
            int cell = (int) (at + i) & MASK;
            tokenId[cell] = verdict.emittedToken(i);
            step[cell] = event.step();
            proposers[cell] = i < verdict.pathLength() ? event.tree().proposers(verdict.pathNode(i)) : 0;
            releasedBytes[cell] = event.releasedBytes[i];
            logit[cell] = verdict.chosenLogit(i);
            logSumExp[cell] = verdict.logSumExp(i);
            for (int rank = 0; rank < topCount; rank++) {
                topId[cell * topCount + rank] = verdict.topId(i, rank);
                topLogit[cell * topCount + rank] = verdict.topLogit(i, rank);
            }
        }
        countDrafts(event);
        steps++;
        if (firstTokenAtNs == 0) {
            firstTokenAtNs = nowNs;
        }
        lastTokenAtNs = nowNs;
        TAIL.setRelease(this, at + count);
    }

    private void countDrafts(VerdictEvent event) {
        TokenTree tree = event.tree();
        for (int node = 1; node < tree.nodeCount(); node++) {
            addBits(proposed, tree.proposers(node));
        }
        for (int i = 0; i < event.verdict().pathLength(); i++) {
            addBits(accepted, tree.proposers(event.verdict().pathNode(i)));
        }
        addBits(missed, event.draft().missedMask);
        addBits(failed, event.draft().failedMask);
    }

    private static void addBits(long[] counts, int bits) {
        for (int rest = bits; rest != 0; rest &= rest - 1) {
            counts[Integer.numberOfTrailingZeros(rest)]++;
        }
    }

    /** No token follows; the reader sees the end after what is queued. */
    void end(FinishReason reason) {
        end = reason;
    }

    /** Wakes the drain if it sleeps. */
    public void signal() {
        Thread thread = reader;
        if (thread != null) {
            LockSupport.unpark(thread);
        }
    }

    boolean isBelowThreshold() {
        return (long) TAIL.getAcquire(this) - (long) HEAD.getAcquire(this) < THRESHOLD;
    }

    // ---- drain's side

    /** Binds the drain's thread, which {@link #signal} unparks. */
    public void reader(Thread thread) {
        reader = thread;
    }

    public boolean isEmpty() {
        return (long) TAIL.getAcquire(this) == head;
    }

    /**
     * The end as soon as it is known. Whoever reads it before looking at the queue sees every token in front of it: an end that
     * was seen has no token behind it.
     */
    public @Nullable FinishReason end() {
        return end;
    }

    /** Index of the oldest token's cell for the accessors below; only valid if not {@link #isEmpty}. */
    public int cell() {
        return (int) head & MASK;
    }

    /**
     * Takes the oldest token off. A volatile write: whoever drains looks for a waiting session next, and that look must not
     * overtake the write, or the drafter (which announces that it waits, then looks at the queue) and the drain miss each other.
     */
    public void advance() {
        HEAD.setVolatile(this, head + 1);
    }

    public int tokenId(int cell) {
        return tokenId[cell];
    }

    public int step(int cell) {
        return step[cell];
    }

    /** Bits of the drafters that proposed the token; 0 for a bonus token. */
    public int proposers(int cell) {
        return proposers[cell];
    }

    /** Bytes of the answer's text that may be shown once this token is. */
    public int releasedBytes(int cell) {
        return releasedBytes[cell];
    }

    public double logprob(int cell) {
        return logit[cell] - logSumExp[cell];
    }

    public int topId(int cell, int rank) {
        return topId[cell * topCount + rank];
    }

    public double topLogprob(int cell, int rank) {
        return topLogit[cell * topCount + rank] - logSumExp[cell];
    }

    /** {@code System.nanoTime} when the prompt was in the cache; 0 before. */
    public long prefilledAtNs() {
        return prefilledAtNs;
    }

    public long firstTokenAtNs() {
        return firstTokenAtNs;
    }

    public long lastTokenAtNs() {
        return lastTokenAtNs;
    }

    /** Totals; valid once {@link #end} was seen. */
    public int steps() {
        return steps;
    }

    /** Prompt tokens that came from the prefix cache. */
    public int cachedTokens() {
        return cachedTokens;
    }

    public long proposed(int drafter) {
        return proposed[drafter];
    }

    public long accepted(int drafter) {
        return accepted[drafter];
    }

    public long missed(int drafter) {
        return missed[drafter];
    }

    public long failed(int drafter) {
        return failed[drafter];
    }
}
