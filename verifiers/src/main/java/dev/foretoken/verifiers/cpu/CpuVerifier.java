package dev.foretoken.verifiers.cpu;

import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.kv.CacheTenant;
import dev.foretoken.engine.kv.HeapSpace;
import dev.foretoken.engine.kv.KvCache;
import dev.foretoken.engine.kv.KvShape;
import dev.foretoken.engine.model.LanguageModel;
import dev.foretoken.engine.model.ModelConfig;
import dev.foretoken.engine.model.RowBatch;
import dev.foretoken.engine.model.TransformerForward;
import dev.foretoken.engine.sampling.SamplingParameters;
import dev.foretoken.engine.tree.TokenTree;
import dev.foretoken.engine.verify.StepVerdict;
import dev.foretoken.engine.verify.TreeBatch;
import dev.foretoken.engine.verify.VerdictsOut;
import dev.foretoken.engine.verify.Verifier;
import dev.foretoken.engine.verify.VerifierShape;
import dev.foretoken.engine.verify.VerifierStart;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The target model on the CPU behind the {@link Verifier} port: {@link #submit} runs the forward, {@link #poll} walks the
 * trees and commits what was accepted. Nothing is allocated per step; a session allocates when it opens, a KV page when it
 * is used for the first time.
 * <p>One thread, the lane's, calls everything but {@link #shape()}; it works in its own team of compute threads.
 */
public final class CpuVerifier implements Verifier {
    /** Backend name and version of the numeric contract: equal names give equal bits. */
    public static final String BACKEND = "cpu-3";

    /** Most rows whose logits are evaluated together. */
    public static final int LOGIT_ROWS_MAX = 64;

    private static final int PROMPT_ROWS_MAX = 64;

    private final VerifierShape shape;
    private final KvCache cache;
    private final TransformerForward forward;
    private final RowBatch rows;
    private final TreeWalks walks;
    private final @Nullable CpuSession[] sessions;
    private @Nullable TreeBatch submitted;
    private boolean closed;

    /**
     * @param model its weights are shared and stay untouched
     * @throws InvalidInputException if the KV cache is too small for one session's smallest step
     */
    public CpuVerifier(LanguageModel model, CpuVerifierOptions options) {
        ModelConfig config = model.config();
        int contextMax = Math.min(options.contextMax(), config.contextLength());
        KvShape kvShape = model.kvShape(options.pageTokens(), contextMax + TokenTree.NODES_MAX);
        int pagesTotal = pagesTotal(kvShape, options);
        int batchRowsMax = batchRowsMax(options);
        shape = new VerifierShape(
                BACKEND,
                options.slots(),
                batchRowsMax,
                Math.min(PROMPT_ROWS_MAX, batchRowsMax),
                contextMax,
                config.vocabularySize(),
                options.pageTokens(),
                pagesTotal);
        cache = new KvCache(kvShape, options.slots(), pagesTotal, prefixPagesMax(kvShape, options, pagesTotal));
        rows = new RowBatch(batchRowsMax);
        sessions = new CpuSession[options.slots()];
        forward = new TransformerForward(
                model, options.threads(), batchRowsMax, logitRowsMax(options.slots()), kvShape.positionsMax());
        try {
            walks = new TreeWalks(forward, config.vocabularySize(), options.slots());
        } catch (RuntimeException | Error failed) {
            forward.close(); // it has threads
            throw failed;
        }
    }

    /** No more than all sessions together can bring, each a tree or a piece of its prompt: every row takes work space. */
    private static int batchRowsMax(CpuVerifierOptions options) {
        long useful = (long) options.slots() * Math.max(TokenTree.NODES_MAX, PROMPT_ROWS_MAX);
        return (int) Math.min(options.batchRowsMax(), useful);
    }

    /** A row for every session's walk, but two tiles at least: those cost less than twice one. */
    private static int logitRowsMax(int slots) {
        return Math.clamp(slots, 2 * TransformerForward.LOGIT_TILE, LOGIT_ROWS_MAX);
    }

    /** What the options allow, all sessions can use and the heap has room for, whichever is least. */
    private static int pagesTotal(KvShape kvShape, CpuVerifierOptions options) {
        long useful = (long) options.slots() * kvShape.pagesFor(kvShape.positionsMax())
                + Math.ceilDiv(options.prefixBytesMax(), kvShape.pageBytes());
        long allowed = Math.min(useful, options.kvBytesMax() / kvShape.pageBytes());
        long heapBytes = HeapSpace.leftBytes(allowed * kvShape.pageBytes()) / 5 * 4;
        long pages = Math.min(allowed, heapBytes / kvShape.pageBytes());
        int least = kvShape.pagesFor(TokenTree.NODES_MAX + 1);
        if (pages < least) {
            throw new InvalidInputException(
                    "the KV cache may take %,d bytes and the Java heap has room for %,d, which is less than the %,d of the smallest session: allow it more, or raise -Xmx"
                            .formatted(options.kvBytesMax(), heapBytes, kvShape.sizeBytes(least)));
        }
        return Math.toIntExact(pages);
    }

    /** Less than a page, but something, still lets sessions share while they run. */
    private static int prefixPagesMax(KvShape kvShape, CpuVerifierOptions options, int pagesTotal) {
        return Math.toIntExact(Math.min(pagesTotal, Math.ceilDiv(options.prefixBytesMax(), kvShape.pageBytes())));
    }

    @Override
    public VerifierShape shape() {
        return shape;
    }

    @Override
    public boolean isWarm() {
        return forward.isWarm();
    }

    @Override
    public long rehearse(int nodes, int positions) {
        VerifierStart start = new VerifierStart(
                new int[positions + 1], SamplingParameters.GREEDY, StepVerdict.TOP_IDS, positions + 1 + nodes);
        TreeBatch batch = new TreeBatch(1);
        batch.addTree(0, twoBranches(nodes));
        VerdictsOut verdicts = new VerdictsOut(1);
        cache.open(0);
        sessions[0] = new CpuSession(start);
        try {
            cache.reserve(0, positions + nodes);
            cache.commit(0, positions); // what lies there is whatever the pages hold
            long startNs = System.nanoTime();
            submit(batch);
            poll(verdicts);
            return System.nanoTime() - startNs;
        } finally {
            submitted = null;
            release(0);
        }
    }

    private TokenTree twoBranches(int nodes) {
        TokenTree tree = new TokenTree(nodes);
        tree.restart(0);
        for (int node = 1; node < nodes; node++) {
            tree.add(Math.max(0, node - 2), node % shape.vocabularySize(), 1f / node, 0);
        }
        return tree;
    }

    @Override
    public void open(int slot, VerifierStart start) {
        check(start);
        CacheTenant tenant = start.cacheTenant();
        if (tenant == null) {
            cache.open(slot);
        } else {
            cache.open(slot, tenant, start.prompt(), start.prompt().length - 1);
        }
        sessions[slot] = new CpuSession(start);
    }

    private void check(VerifierStart start) {
        int length = start.prompt().length;
        if (length == 0) {
            throw new InvalidInputException("the prompt is empty, expected at least one token");
        }
        if (start.tokensMax() > shape.contextMax() || length > start.tokensMax()) {
            throw new InvalidInputException(
                    "the session has %d prompt tokens of at most %d, the context holds %d: shorten the prompt"
                            .formatted(length, start.tokensMax(), shape.contextMax()));
        }
        for (int token : start.prompt()) {
            if (token < 0 || token >= shape.vocabularySize()) {
                throw new InvalidInputException("prompt token %d is outside the vocabulary, expected 0 to %d"
                        .formatted(token, shape.vocabularySize() - 1));
            }
        }
    }

    private CpuSession session(int slot) {
        CpuSession session = sessions[slot];
        if (session == null) {
            throw new IllegalStateException("slot %d has no session".formatted(slot));
        }
        return session;
    }

    @Override
    public int takeOverPrompt(int slot) {
        int[] prompt = session(slot).prompt;
        return cache.takeOver(slot, prompt, prompt.length - 1);
    }

    /** A page is shared when it is full: it must belong to both prompts, and not yet be there. */
    @Override
    public boolean followsPrompt(int slot, int leader) {
        CpuSession own = session(slot);
        CpuSession other = session(leader);
        CacheTenant tenant = own.cacheTenant;
        if (!cache.sharesPrefixes() || tenant == null || !tenant.equals(other.cacheTenant)) {
            return false;
        }
        int committed = cache.length(slot);
        int ahead = cache.length(leader);
        int pageEnd = (committed / shape.pageTokens() + 1) * shape.pageTokens();
        return committed <= ahead
                && ahead < pageEnd
                && pageEnd < Math.min(own.prompt.length, other.prompt.length)
                && Arrays.mismatch(own.prompt, 0, pageEnd, other.prompt, 0, pageEnd) < 0;
    }

    @Override
    public void submit(TreeBatch batch) {
        if (submitted != null) {
            throw new IllegalStateException("a batch is in flight: poll it first");
        }
        if (batch.rowCount() > shape.batchRowsMax()) {
            throw new IllegalArgumentException("the batch has %d rows, the CPU verifier takes at most %d: split it"
                    .formatted(batch.rowCount(), shape.batchRowsMax()));
        }
        rows.clear();
        for (int segment = 0; segment < batch.segmentCount(); segment++) {
            TokenTree tree = batch.tree(segment);
            if (tree == null) {
                addPrompt(batch.slot(segment), batch.promptFrom(segment), batch.promptCount(segment));
            } else {
                addTree(batch.slot(segment), tree);
            }
        }
        forward.run(rows, cache);
        submitted = batch;
    }

    private void addPrompt(int slot, int from, int count) {
        CpuSession session = session(slot);
        assert from == cache.length(slot) && from + count < session.prompt.length
                : "from=%d count=%d committed=%d prompt=%d"
                        .formatted(from, count, cache.length(slot), session.prompt.length);
        cache.reserve(slot, from + count);
        rows.addChain(slot, from, session.prompt, from, count);
    }

    private void addTree(int slot, TokenTree tree) {
        int committed = cache.length(slot);
        assert committed >= session(slot).prompt.length - 1 : "slot %d is not prefilled".formatted(slot);
        cache.reserve(slot, committed + tree.nodeCount());
        rows.addTree(slot, committed, tree);
    }

    @Override
    public boolean poll(VerdictsOut verdictsOut) {
        TreeBatch batch = submitted;
        verdictsOut.clear();
        if (batch == null) {
            return false;
        }
        submitted = null; // also when a walk fails: the sessions are lost, the verifier is not
        walks.clear();
        int row = 0;
        for (int segment = 0; segment < batch.segmentCount(); segment++) {
            TokenTree tree = batch.tree(segment);
            int slot = batch.slot(segment);
            if (tree == null) {
                cache.commit(slot, batch.promptCount(segment));
                row += batch.promptCount(segment);
            } else {
                CpuSession session = session(slot);
                StepVerdict verdict = verdictsOut.next();
                verdict.restart(slot, tree.token(0), session.topCount);
                walks.add(session, tree, verdict, row, cache.length(slot));
                row += tree.nodeCount();
            }
        }
        walks.run();
        walks.commit(cache);
        walks.clear();
        return true;
    }

    @Override
    public int committedLength(int slot) {
        return cache.length(slot);
    }

    @Override
    public void release(int slot) {
        cache.release(slot);
        sessions[slot] = null;
    }

    @Override
    public void release(int slot, int textTokens) {
        cache.release(slot, textTokens);
        sessions[slot] = null;
    }

    @Override
    public int pagesInUse() {
        return cache.pagesInUse();
    }

    /** KV pages of prompt prefixes that are kept although no session reads them. */
    int pagesKept() {
        return cache.pagesKept();
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            forward.close();
        }
    }
}
