package dev.foretoken.verifiers.cpu;

import dev.foretoken.engine.kv.KvCache;
import dev.foretoken.engine.model.TransformerForward;
import dev.foretoken.engine.sampling.SeededChoice;
import dev.foretoken.engine.sampling.TopIds;
import dev.foretoken.engine.tree.TokenTree;
import dev.foretoken.engine.verify.StepVerdict;

/**
 * Walks the trees of one batch from their roots along the tokens that the target chooses. Logits are the dearest part of a
 * walk and most nodes are never visited, so they are evaluated in tiles of {@link TransformerForward#LOGIT_TILE} rows: the
 * nodes that walks stand on, and where there is room the most probable nodes below them. More walks share a larger tile: the
 * output matrix is read once for each. Which rows share a tile does not change a bit of them.
 * <p>Reused; owned by the lane's verifier thread.
 */
final class TreeWalks {
    private static final int TILE = TransformerForward.LOGIT_TILE;
    private static final int PAIR = 2 * TILE;

    private final TransformerForward forward;
    private final SeededChoice choice;
    private final int vocabularySize;
    private final CpuSession[] session;
    private final TokenTree[] tree;
    private final StepVerdict[] verdict;
    private final int[] firstRow;
    private final int[] rootPosition;
    private final int[] node;
    private final int[] active;
    private int walkCount;
    private int activeCount;

    private final int[] tileRow;
    private final int[] tileWalk;
    private final int[] tileNode;
    private int tileCount;

    private final int[] top = new int[StepVerdict.TOP_MAX];
    private final int[] path = new int[TokenTree.DEPTH_MAX];

    TreeWalks(TransformerForward forward, int vocabularySize, int walksMax) {
        this.forward = forward;
        this.vocabularySize = vocabularySize;
        choice = new SeededChoice(vocabularySize);
        tileRow = new int[forward.logitRowsMax()];
        tileWalk = new int[forward.logitRowsMax()];
        tileNode = new int[forward.logitRowsMax()];
        session = new CpuSession[walksMax];
        tree = new TokenTree[walksMax];
        verdict = new StepVerdict[walksMax];
        firstRow = new int[walksMax];
        rootPosition = new int[walksMax];
        node = new int[walksMax];
        active = new int[walksMax];
    }

    void clear() {
        for (int walk = 0; walk < walkCount; walk++) {
            session[walk] = null;
            tree[walk] = null;
            verdict[walk] = null;
        }
        walkCount = 0;
        activeCount = 0;
    }

    /** Adds a tree whose nodes are consecutive rows of the forward; the verdict is restarted already. */
    void add(CpuSession walkSession, TokenTree walkTree, StepVerdict verdictOut, int row, int committed) {
        session[walkCount] = walkSession;
        tree[walkCount] = walkTree;
        verdict[walkCount] = verdictOut;
        firstRow[walkCount] = row;
        rootPosition[walkCount] = committed;
        node[walkCount] = 0;
        active[activeCount++] = walkCount;
        walkCount++;
    }

    /** Walks all trees to their ends. */
    void run() {
        while (activeCount > 0) {
            chooseTile();
            float[] logits = forward.logits(tileRow, tileCount);
            for (int i = 0; i < tileCount; i++) {
                // A tile lists a walk's nodes from the one it stands on downwards.
                if (tileNode[i] == node[tileWalk[i]]) {
                    step(tileWalk[i], logits, i * forward.logitStride());
                }
            }
            keepUnfinished();
        }
    }

    private void chooseTile() {
        tileCount = 0;
        int room = activeCount <= TILE ? TILE : Math.min(Math.ceilDiv(activeCount, PAIR) * PAIR, tileRow.length);
        for (int i = 0; i < activeCount && tileCount < room; i++) {
            put(active[i], node[active[i]]);
        }
        while (tileCount < room && putMostProbableBelow()) {
            continue;
        }
    }

    private void put(int walk, int walkNode) {
        tileWalk[tileCount] = walk;
        tileNode[tileCount] = walkNode;
        tileRow[tileCount++] = firstRow[walk] + walkNode;
    }

    /** Adds the child with the best score among all children of the tile's nodes; false if there is none. */
    private boolean putMostProbableBelow() {
        int bestWalk = -1;
        int bestNode = -1;
        float bestScore = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < tileCount; i++) {
            TokenTree candidates = tree[tileWalk[i]];
            for (int child = candidates.firstChild(tileNode[i]);
                    child != TokenTree.NONE;
                    child = candidates.nextSibling(child)) {
                if (candidates.score(child) > bestScore && !isInTile(tileWalk[i], child)) {
                    bestWalk = tileWalk[i];
                    bestNode = child;
                    bestScore = candidates.score(child);
                }
            }
        }
        if (bestNode < 0) {
            return false;
        }
        put(bestWalk, bestNode);
        return true;
    }

    private boolean isInTile(int walk, int walkNode) {
        for (int i = 0; i < tileCount; i++) {
            if (tileWalk[i] == walk && tileNode[i] == walkNode) {
                return true;
            }
        }
        return false;
    }

    /** Chooses the token at the node a walk stands on and moves to the child that carries it, if there is one. */
    private void step(int walk, float[] logits, int at) {
        CpuSession who = session[walk];
        StepVerdict out = verdict[walk];
        int position = rootPosition[walk] + tree[walk].depth(node[walk]) + 1;
        int token = choice.choose(logits, at, who.sampling, who.counts, position);
        if (token < 0) {
            out.fail(
                    token == SeededChoice.NOT_A_NUMBER
                            ? "the model gave a logit that is not a number at position %d: its file is damaged"
                                    .formatted(position)
                            : "no token is possible at position %d: every logit is minus infinity".formatted(position));
            node[walk] = TokenTree.NONE;
            return;
        }
        report(out, logits, at, token);
        who.addOutput(token);
        node[walk] = tree[walk].childOf(node[walk], token);
        if (node[walk] != TokenTree.NONE) {
            out.acceptNode(node[walk]);
        }
    }

    private void report(StepVerdict out, float[] logits, int at, int token) {
        int index = out.emittedCount();
        out.emit(token, logits[at + token], forward.logSumExp(at));
        TopIds.largest(logits, at, vocabularySize, out.topCount(), top);
        for (int rank = 0; rank < out.topCount(); rank++) {
            out.top(index, rank, top[rank], top[rank] < 0 ? Float.NEGATIVE_INFINITY : logits[at + top[rank]]);
        }
    }

    private void keepUnfinished() {
        int kept = 0;
        for (int i = 0; i < activeCount; i++) {
            if (node[active[i]] != TokenTree.NONE) {
                active[kept++] = active[i];
            }
        }
        activeCount = kept;
    }

    /** Commits every walk's root and accepted path. */
    void commit(KvCache cache) {
        for (int walk = 0; walk < walkCount; walk++) {
            StepVerdict judged = verdict[walk];
            for (int i = 0; i < judged.pathLength(); i++) {
                path[i] = judged.pathNode(i);
            }
            cache.commitPath(judged.slot(), path, judged.pathLength());
        }
    }
}
