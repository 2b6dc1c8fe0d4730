package dev.foretoken.drafters.merge;

import dev.foretoken.engine.tree.TokenTree;

/**
 * Merges several drafters' trees into one. Equal prefixes become one node that remembers all its proposers. A node's
 * conditional score is the largest of its proposers' calibrated scores, capped at 0.98: they read the same text, so that
 * they agree says little more than the surest of them alone. Siblings together get at most 0.98 too. The best nodes by path score are taken, ties by the parent's place in that order, then by token id, so the
 * result does not depend on which draft arrived first. The tree is written depth-first, best child first: an accepted path
 * of best children is then a leading chain, whose KV needs no copying.
 * <p>Two calls: {@link #gather} ranks the candidates, {@link #write} makes a tree of the first few of them. Nothing is
 * allocated after construction. Not thread-safe.
 */
public final class TreeMerger {
    private static final double CERTAINTY_MAX = 0.98;
    private static final int NONE = -1;

    private final AcceptanceCalibration calibration;
    // The union of all drafts, a trie in structure of arrays; node 0 is the root, parents come before children.
    private final int[] token;
    private final int[] parent;
    private final int[] proposers;
    private final int[] firstChild;
    private final int[] nextSibling;
    private final double[] conditional;
    private final double[] pathScore;
    private final int[] placeOf; // place in the ranking, NONE until ranked
    private int nodeCount;
    private final int[] nodeOfDraft = new int[TokenTree.NODES_MAX];
    // Ranked nodes, the root first; and those whose parent is ranked while they are not yet.
    private final int[] ranked = new int[TokenTree.NODES_MAX];
    private final int[] written = new int[TokenTree.NODES_MAX];
    private int rankedCount;
    private final int[] heap;
    private int heapSize;

    /** @param drafters how many drafters the engine has */
    public TreeMerger(int drafters, AcceptanceCalibration calibration) {
        this.calibration = calibration;
        int nodesMax = 1 + drafters * (TokenTree.NODES_MAX - 1);
        token = new int[nodesMax];
        parent = new int[nodesMax];
        proposers = new int[nodesMax];
        firstChild = new int[nodesMax];
        nextSibling = new int[nodesMax];
        conditional = new double[nodesMax];
        pathScore = new double[nodesMax];
        placeOf = new int[nodesMax];
        heap = new int[nodesMax];
    }

    /** Ranks and writes in one call. */
    public void merge(TokenTree[] drafts, int draftMask, int nodesMax, TokenTree treeOut) {
        gather(drafts, draftMask, nodesMax);
        write(Math.min(nodesMax, rankedCount), treeOut);
    }

    /**
     * Ranks the nodes of all drafts.
     *
     * @param drafts by drafter index; all of those in the mask have the same root token
     * @param draftMask bit i: draft i takes part
     * @param nodesMax how many nodes to rank at most, root included
     */
    public void gather(TokenTree[] drafts, int draftMask, int nodesMax) {
        restart();
        for (int drafter = 0; drafter < drafts.length; drafter++) {
            if ((draftMask & 1 << drafter) != 0) {
                addDraft(drafter, drafts[drafter]);
            }
        }
        score();
        rank(Math.min(nodesMax, TokenTree.NODES_MAX));
    }

    /** Ranked nodes, root included: at least 1. */
    public int rankedCount() {
        return rankedCount;
    }

    /** Estimated probability that the node at a place is accepted, descending; 1 for place 0, the root. */
    public double rankedScore(int place) {
        return pathScore[ranked[place]];
    }

    /**
     * Writes the first ranked nodes as a tree.
     *
     * @param nodes how many, root included, at most {@link #rankedCount}
     * @param treeOut already restarted with the pending token, with room for so many nodes
     */
    public void write(int nodes, TokenTree treeOut) {
        written[0] = 0;
        int node = nextWithin(firstChild[0], nodes);
        while (node != NONE) {
            int place = placeOf[node];
            int parentWritten = written[placeOf[parent[node]]];
            written[place] = treeOut.add(parentWritten, token[node], (float) pathScore[node], 0);
            treeOut.addProposers(written[place], proposers[node]);
            int child = nextWithin(firstChild[node], nodes);
            node = child != NONE ? child : climb(node, nodes);
        }
    }

    /** The next node in depth-first order once everything below this one is written, or NONE. */
    private int climb(int start, int nodes) {
        for (int node = start; node != 0; node = parent[node]) {
            int sibling = nextWithin(nextSibling[node], nodes);
            if (sibling != NONE) {
                return sibling;
            }
        }
        return NONE;
    }

    private int nextWithin(int start, int nodes) {
        int node = start;
        while (node != NONE && (placeOf[node] == NONE || placeOf[node] >= nodes)) {
            node = nextSibling[node];
        }
        return node;
    }

    private void restart() {
        nodeCount = 1;
        parent[0] = NONE;
        firstChild[0] = NONE;
        nextSibling[0] = NONE;
        pathScore[0] = 1;
        placeOf[0] = NONE;
    }

    private void addDraft(int drafter, TokenTree draft) {
        nodeOfDraft[0] = 0;
        for (int node = 1; node < draft.nodeCount(); node++) {
            int merged = childWith(nodeOfDraft[draft.parent(node)], draft.token(node));
            double score = AcceptanceCalibration.conditionalScore(draft, node);
            double chance = Math.min(CERTAINTY_MAX, calibration.of(drafter, draft.depth(node), score));
            conditional[merged] = Math.max(conditional[merged], chance);
            proposers[merged] |= 1 << drafter;
            nodeOfDraft[node] = merged;
        }
    }

    private int childWith(int parentNode, int tokenId) {
        for (int child = firstChild[parentNode]; child != NONE; child = nextSibling[child]) {
            if (token[child] == tokenId) {
                return child;
            }
        }
        int node = nodeCount++;
        token[node] = tokenId;
        parent[node] = parentNode;
        proposers[node] = 0;
        firstChild[node] = NONE;
        nextSibling[node] = firstChild[parentNode];
        firstChild[parentNode] = node;
        conditional[node] = 0;
        placeOf[node] = NONE;
        return node;
    }

    private void score() {
        for (int node = 0; node < nodeCount; node++) {
            double sum = 0;
            for (int child = firstChild[node]; child != NONE; child = nextSibling[child]) {
                sum += conditional[child];
            }
            double share = sum > CERTAINTY_MAX ? CERTAINTY_MAX / sum : 1;
            for (int child = firstChild[node]; child != NONE; child = nextSibling[child]) {
                pathScore[child] = pathScore[node] * conditional[child] * share;
            }
        }
    }

    private void rank(int nodesMax) {
        rankedCount = 0;
        heapSize = 0;
        heap[heapSize++] = 0;
        while (heapSize > 0 && rankedCount < nodesMax) {
            int node = removeBest();
            placeOf[node] = rankedCount;
            ranked[rankedCount++] = node;
            for (int child = firstChild[node]; child != NONE; child = nextSibling[child]) {
                push(child);
            }
        }
        orderChildren();
    }

    /** Relinks the children of ranked nodes in the order of their places, so that writing finds the best child first. */
    private void orderChildren() {
        for (int place = 0; place < rankedCount; place++) {
            firstChild[ranked[place]] = NONE;
        }
        for (int place = rankedCount - 1; place > 0; place--) {
            int node = ranked[place];
            nextSibling[node] = firstChild[parent[node]];
            firstChild[parent[node]] = node;
        }
    }

    private boolean before(int node1, int node2) {
        if (pathScore[node1] != pathScore[node2]) {
            return pathScore[node1] > pathScore[node2];
        }
        int parentPlace1 = placeOf[parent[node1]];
        int parentPlace2 = placeOf[parent[node2]];
        return parentPlace1 != parentPlace2 ? parentPlace1 < parentPlace2 : token[node1] < token[node2];
    }

    private void push(int node) {
        int place = heapSize++;
        while (place > 0 && before(node, heap[(place - 1) >>> 1])) {
            heap[place] = heap[(place - 1) >>> 1];
            place = (place - 1) >>> 1;
        }
        heap[place] = node;
    }

    private int removeBest() {
        int best = heap[0];
        int moved = heap[--heapSize];
        int place = 0;
        for (int child = 1; child < heapSize; child = 2 * place + 1) {
            if (child + 1 < heapSize && before(heap[child + 1], heap[child])) {
                child++;
            }
            if (before(moved, heap[child])) {
                break;
            }
            heap[place] = heap[child];
            place = child;
        }
        heap[place] = moved;
        return best;
    }
}
