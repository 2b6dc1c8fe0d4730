package dev.foretoken.drafters.model;

import dev.foretoken.engine.draft.DraftEnvironment;
import dev.foretoken.engine.draft.DraftSession;
import dev.foretoken.engine.draft.DraftStart;
import dev.foretoken.engine.draft.Drafter;
import dev.foretoken.engine.kv.CacheTenant;
import dev.foretoken.engine.kv.HeapSpace;
import dev.foretoken.engine.kv.KvCache;
import dev.foretoken.engine.kv.KvShape;
import dev.foretoken.engine.model.LanguageModel;
import dev.foretoken.engine.model.RowBatch;
import dev.foretoken.engine.model.TransformerForward;
import dev.foretoken.engine.sampling.SeededChoice;
import dev.foretoken.engine.tree.TokenTree;

/**
 * Drafts with a small model of the same vocabulary. It has a key-value cache of its own, kept in step with the verified
 * text, and computes with as many threads as the target, which waits meanwhile if there is one session.
 * <p>Source: Leviathan et al. 2023 (a draft model); Xiong et al. 2024, DySpec (the tree); Daliri et al. 2024 (shared noise).
 */
final class ModelDrafter implements Drafter {
    static final String NAME = "model";

    /** Prompt tokens of one forward, and most nodes of one layer of a tree. */
    static final int ROWS_MAX = TokenTree.NODES_MAX;
    /** Nodes that are expanded together: two tiles cost less than twice one. */
    static final int LOGIT_ROWS = 2 * TransformerForward.LOGIT_TILE;

    /** Prompt tokens read at once ahead of the first draft: about the time of one draft, so that no session's is late for it. */
    static final int PREPARED_ROWS = 16;

    /** Of the bytes of keys and values, the share that may be kept for prefixes which no session reads. */
    private static final int KEPT_SHARE = 4;

    final RowBatch rows = new RowBatch(ROWS_MAX);
    final DraftFrontier frontier = new DraftFrontier();
    final KvCache cache;
    final TransformerForward forward;
    final SeededChoice choice;
    private final long fingerprint;
    private final int contextMax;
    private final int[] freeSlot;
    private int freeSlots;
    private int pagesReserved;
    private boolean closed;

    /**
     * @param model of the target's vocabulary
     * @param kvBytesMax most bytes of keys and values of all sessions together, less where the Java heap is short, but one
     *     session's at least; a session that does not fit any more goes without this drafter
     */
    ModelDrafter(LanguageModel model, DraftEnvironment environment, long kvBytesMax) {
        fingerprint = Long.parseUnsignedLong(model.identity().contentHash(), 16);
        contextMax = Math.min(environment.contextMax(), model.config().contextLength());
        KvShape shape = model.kvShape(KvShape.PAGE_TOKENS, contextMax + TokenTree.NODES_MAX);
        long keptPages = environment.prefixCache() ? Math.ceilDiv(kvBytesMax / KEPT_SHARE, shape.pageBytes()) : 0;
        long useful = (long) environment.sessionsMax() * shape.pagesFor(shape.positionsMax()) + keptPages;
        long wanted = Math.min(useful * shape.pageBytes(), kvBytesMax);
        long bytes = Math.min(wanted, HeapSpace.leftBytes(wanted) / 2);
        long pages = Math.max(shape.pagesFor(shape.positionsMax()), bytes / shape.pageBytes());
        int pagesTotal = Math.toIntExact(pages);
        int keptPagesMax = (int) Math.min(pagesTotal, keptPages);
        cache = new KvCache(shape, environment.sessionsMax(), pagesTotal, keptPagesMax);
        choice = new SeededChoice(model.config().vocabularySize());
        freeSlot = new int[environment.sessionsMax()];
        for (int slot = 0; slot < freeSlot.length; slot++) {
            freeSlot[freeSlots++] = freeSlot.length - 1 - slot;
        }
        forward = new TransformerForward(model, environment.threads(), ROWS_MAX, LOGIT_ROWS, shape.positionsMax());
    }

    /** Runs every kernel once; call it before the first session. */
    void warmUp() {
        for (int rows = 1; rows <= ROWS_MAX / 4; rows *= 2) {
            forward.rehearse(cache, rows);
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean needsOwnThread() {
        return true;
    }

    /** What a session has to know is in its text. */
    @Override
    public boolean observes() {
        return false;
    }

    /** The content hash of the draft model's file. */
    @Override
    public long warmStartFingerprint() {
        return fingerprint;
    }

    @Override
    public DraftSession open(DraftStart start) {
        int tokensMax = Math.min(start.tokensMax(), contextMax);
        int pages = cache.shape().pagesFor(tokensMax + TokenTree.NODES_MAX);
        if (freeSlots == 0 || pagesReserved + pages > cache.pagesTotal()) {
            throw new IllegalStateException(
                    "the draft model's KV cache has no room for %d tokens: %d sessions and %d of %d pages are free"
                            .formatted(tokensMax, freeSlots, cache.pagesTotal() - pagesReserved, cache.pagesTotal()));
        }
        pagesReserved += pages;
        int slot = freeSlot[--freeSlots];
        int[] known = openCache(slot, start, tokensMax);
        return new ModelDraftSession(this, start, slot, tokensMax, pages, known);
    }

    /** Returns the text that other sessions may have read; empty if it is too long for this model, and not read at all. */
    private int[] openCache(int slot, DraftStart start, int tokensMax) {
        CacheTenant tenant = start.cacheTenant();
        if (tenant == null || start.text().length() >= tokensMax) {
            cache.open(slot);
            return new int[0];
        }
        int[] known = new int[start.text().length() - 1];
        for (int i = 0; i < known.length; i++) {
            known[i] = start.text().token(i);
        }
        cache.open(slot, tenant, known, known.length);
        return known;
    }

    void release(int slot, int pages) {
        cache.release(slot);
        pagesReserved -= pages;
        freeSlot[freeSlots++] = slot;
    }

    /** Tokens of a session whose keys and values are in the cache. */
    int committed(int slot) {
        return cache.length(slot);
    }

    /** Pages that sessions hold now. */
    int pagesInUse() {
        return cache.pagesInUse();
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            forward.close();
        }
    }
}
