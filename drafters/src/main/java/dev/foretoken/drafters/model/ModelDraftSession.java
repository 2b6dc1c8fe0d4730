package dev.foretoken.drafters.model;

import dev.foretoken.engine.draft.DraftSession;
import dev.foretoken.engine.draft.DraftStart;
import dev.foretoken.engine.draft.DraftText;
import dev.foretoken.engine.kv.KvCache;
import dev.foretoken.engine.sampling.SamplingParameters;
import dev.foretoken.engine.sampling.TokenCounts;
import dev.foretoken.engine.tokenizer.Vocabulary;
import dev.foretoken.engine.tree.TokenTree;

/**
 * One session of the draft model.
 *
 * <p><b>The tree.</b> Below every evaluated node hang the tokens that the target's own rule would choose there first,
 * second, ... from the draft model's logits: same parameters, same penalties along the path, same noise. A candidate's score
 * is the product of conditional scores along its path: its share of exp(key) among the best candidates, key = l + g (with
 * shared noise a clear win for the drafter is likely one for the target), or the logit at temperature 0. Layer by layer, one forward each, the nodes that still belong to the best {@code budget} and
 * score at least 1/budget are evaluated; the best ones make the draft.
 *
 * <p><b>The cache.</b> It holds the verified text up to some length, and behind it the nodes evaluated last. When the text has
 * grown, evaluated nodes that were accepted are committed and the missing tokens are fed, so the next tree is that of a
 * session that had read the text from the start, bit for bit.
 */
final class ModelDraftSession implements DraftSession {
    private static final int CHILDREN_MAX = 8;
    /**
     * At temperature 0 the target takes its best token whatever the odds, so the best candidates deserve more than their
     * share. With this factor on the keys, scores and acceptance agreed on the embedded pair (0.2 to 0.9 within 0.1).
     */
    private static final double GREEDY_SHARPNESS = 1.4;

    private final ModelDrafter drafter;
    private final KvCache cache;
    private final DraftFrontier frontier;
    private final int slot;
    private final int tokensMax;
    private final int pagesReserved;
    /** The text at the beginning, but for its pending token; other sessions may be reading it too. */
    private final int[] known;

    private final DraftText start;
    private final Vocabulary vocabulary;
    private final SamplingParameters sampling;
    private final TokenCounts counts;
    private int counted;

    /** Nodes whose keys and values are stored behind the committed text, node i at length + i; empty before the first. */
    private final TokenTree evaluated = new TokenTree(TokenTree.NODES_MAX);

    private boolean hasEvaluated;
    private boolean closed;

    private final int[] path = new int[TokenTree.DEPTH_MAX];
    private final int[] rows = new int[ModelDrafter.LOGIT_ROWS];
    private final int[] layer = new int[TokenTree.NODES_MAX];
    private final int[] draftNode = new int[TokenTree.NODES_MAX];
    private final int[] childId = new int[CHILDREN_MAX];
    private final double[] childKey = new double[CHILDREN_MAX];

    ModelDraftSession(ModelDrafter drafter, DraftStart start, int slot, int tokensMax, int pagesReserved, int[] known) {
        this.drafter = drafter;
        this.slot = slot;
        this.tokensMax = tokensMax;
        this.pagesReserved = pagesReserved;
        this.known = known;
        cache = drafter.cache;
        frontier = drafter.frontier;
        this.start = start.text();
        vocabulary = start.vocabulary();
        sampling = start.sampling();
        counts = sampling.hasPenalties()
                ? new TokenCounts(start.tokensMax(), TokenTree.DEPTH_MAX)
                : new TokenCounts(0, 0);
    }

    /** Reads the text that is verified so far, except for the pending token, a few tokens at a time. */
    @Override
    public boolean prepare() {
        int root = start.length() - 1;
        if (!hasEvaluated) {
            cache.takeOver(slot, known, known.length);
        }
        int left = Math.min(root - cache.length(slot), ModelDrafter.PREPARED_ROWS);
        if (hasEvaluated || start.length() >= tokensMax || left < ModelDrafter.PREPARED_ROWS) {
            return false;
        }
        cache.reserve(slot, cache.length(slot) + left);
        feed(start, left);
        return root - cache.length(slot) >= ModelDrafter.PREPARED_ROWS;
    }

    @Override
    public void propose(DraftText text, int depthMax, TokenTree draftOut) {
        int depthLimit = Math.min(Math.min(depthMax, TokenTree.DEPTH_MAX), tokensMax - text.length());
        if (depthLimit < 1 || draftOut.isFull()) {
            return;
        }
        catchUp(text);
        grow(text.length(), depthLimit, draftOut.nodesMax());
        drafter.forward.idle(); // the target's pass comes next
        write(draftOut);
    }

    // ---- the cache ----

    /** Commits the text up to the pending token, and evaluates that one as the root. */
    private void catchUp(DraftText text) {
        count(text);
        int root = text.length() - 1;
        keepAccepted(text, root);
        cache.reserve(slot, root + TokenTree.NODES_MAX);
        while (root - cache.length(slot) >= ModelDrafter.ROWS_MAX) {
            feed(text, ModelDrafter.ROWS_MAX);
        }
        int left = root - cache.length(slot);
        addRows(text, left + 1);
        drafter.forward.run(drafter.rows, cache);
        cache.commit(slot, left);
        evaluated.restart(text.pendingToken());
        hasEvaluated = true;
    }

    private void count(DraftText text) {
        if (!sampling.hasPenalties()) {
            return;
        }
        for (; counted < text.length(); counted++) {
            if (counted < text.promptLength()) {
                counts.addPrompt(text.token(counted));
            } else {
                counts.addOutput(text.token(counted));
            }
        }
    }

    /** Evaluated nodes that the text went through stay: their keys and values are those of the text. */
    private void keepAccepted(DraftText text, int root) {
        int length = cache.length(slot);
        assert length <= root : "length=" + length + " root=" + root;
        if (!hasEvaluated || length == root || evaluated.token(0) != text.token(length)) {
            return;
        }
        int depth = 0;
        int node = 0;
        while (length + 1 + depth < root) {
            node = evaluated.childOf(node, text.token(length + 1 + depth));
            if (node == TokenTree.NONE) {
                break;
            }
            path[depth++] = node;
        }
        cache.commitPath(slot, path, depth);
    }

    private void feed(DraftText text, int count) {
        addRows(text, count);
        drafter.forward.run(drafter.rows, cache);
        cache.commit(slot, count);
    }

    private void addRows(DraftText text, int count) {
        int from = cache.length(slot);
        drafter.rows.clear();
        for (int position = from; position < from + count; position++) {
            drafter.rows.addToken(slot, position, text.token(position));
        }
    }

    // ---- the tree ----

    private void grow(int textLength, int depthMax, int nodesMax) {
        frontier.restart(nodesMax - 1);
        rows[0] = drafter.rows.rowCount() - 1;
        expand(0, drafter.forward.logits(rows, 1), 0, textLength);
        float scoreMin = 1f / nodesMax;
        int layerCount = 1;
        for (int depth = 1; depth < depthMax && layerCount > 0; depth++) {
            layerCount = evaluateLayer(depth, scoreMin);
            expandLayer(layerCount, textLength);
        }
    }

    /** Evaluates the candidates at one depth that deserve it; returns how many there were. */
    private int evaluateLayer(int depth, float scoreMin) {
        int count = 0;
        drafter.rows.clear();
        for (int place = 0; place < frontier.count() && !evaluated.isFull(); place++) {
            if (frontier.depth(place) == depth
                    && frontier.score(place) >= scoreMin
                    && !vocabulary.isEnd(frontier.token(place))) {
                int node = evaluated.add(frontier.parent(place), frontier.token(place), frontier.score(place), 0);
                frontier.node(place, node);
                drafter.rows.addNode(slot, cache.length(slot), evaluated, node);
                layer[count++] = node;
            }
        }
        if (count > 0) {
            drafter.forward.run(drafter.rows, cache);
        }
        return count;
    }

    private void expandLayer(int count, int textLength) {
        for (int first = 0; first < count; first += rows.length) {
            int tile = Math.min(rows.length, count - first);
            for (int i = 0; i < tile; i++) {
                rows[i] = first + i;
            }
            float[] logits = drafter.forward.logits(rows, tile);
            for (int i = 0; i < tile; i++) {
                expand(layer[first + i], logits, i * drafter.forward.logitStride(), textLength);
            }
        }
    }

    /** Offers the children of an evaluated node; they stand at position textLength + the node's depth. */
    private void expand(int node, float[] logits, int at, int textLength) {
        if (sampling.hasPenalties()) {
            pushPath(node);
        }
        int depth = evaluated.depth(node);
        int found = drafter.choice.chooseTop(logits, at, sampling, counts, textLength + depth, childId, childKey);
        counts.clearPath();
        double sharpness = sampling.isGreedy() ? GREEDY_SHARPNESS : 1;
        double largest = found > 0 ? childKey[0] : 0;
        double sum = 0;
        for (int i = 0; i < found; i++) {
            childKey[i] = StrictMath.exp((childKey[i] - largest) * sharpness);
            sum += childKey[i];
        }
        for (int i = 0; i < found; i++) {
            frontier.offer((float) (evaluated.score(node) * childKey[i] / sum), depth + 1, node, childId[i]);
        }
    }

    private void pushPath(int node) {
        int depth = evaluated.depth(node);
        for (int ancestor = node; ancestor != 0; ancestor = evaluated.parent(ancestor)) {
            path[evaluated.depth(ancestor) - 1] = evaluated.token(ancestor);
        }
        for (int i = 0; i < depth; i++) {
            counts.pushPath(path[i]);
        }
    }

    private void write(TokenTree draftOut) {
        draftNode[0] = 0;
        for (int place = 0; place < frontier.count(); place++) {
            int node = draftOut.add(draftNode[frontier.parent(place)], frontier.token(place), frontier.score(place), 0);
            if (frontier.node(place) != DraftFrontier.NOT_EVALUATED) {
                draftNode[frontier.node(place)] = node;
            }
        }
    }

    int slot() {
        return slot;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            drafter.release(slot, pagesReserved);
        }
    }
}
