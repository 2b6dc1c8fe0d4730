package dev.foretoken.engine.tree;

/**
 * Candidate continuations of one session, filled in place. Node 0 is the session's pending token; every other node is one
 * guessed token whose prefix is the path from the root. Children of one node carry different tokens, and a parent always
 * comes before its children ({@code parent(i) < i}), so one pass from 0 sees parents first.
 * <p>Not thread-safe: owned by whoever owns the ring slot or draft that holds it.
 */
public final class TokenTree {
    /** Most nodes of one tree, root included: an ancestor set is one {@code long}. */
    public static final int NODES_MAX = 64;
    /** Deepest node below the root; an accepted path emits at most this many tokens plus the bonus token. */
    public static final int DEPTH_MAX = 32;
    /** Answer of {@link #add}: no room left (nodes or depth); the drafter stops, nothing is thrown. */
    public static final int FULL = -1;

    public static final int NONE = -1;

    private final int[] token;
    private final int[] parent;
    private final int[] depth;
    private final float[] score;
    private final int[] proposers;
    private final int[] firstChild;
    private final int[] lastChild;
    private final int[] nextSibling;
    private final long[] ancestors;
    private int nodeLimit;
    private int nodeCount;

    /** @param nodesMax capacity in nodes, root included, 1 to {@link #NODES_MAX} */
    public TokenTree(int nodesMax) {
        if (nodesMax < 1 || nodesMax > NODES_MAX) {
            throw new IllegalArgumentException(
                    "a token tree holds 1 to %d nodes, root included, not %d".formatted(NODES_MAX, nodesMax));
        }
        token = new int[nodesMax];
        parent = new int[nodesMax];
        depth = new int[nodesMax];
        score = new float[nodesMax];
        proposers = new int[nodesMax];
        firstChild = new int[nodesMax];
        lastChild = new int[nodesMax];
        nextSibling = new int[nodesMax];
        ancestors = new long[nodesMax];
        nodeLimit = nodesMax;
    }

    /** Empties the tree and puts the pending token at its root; it may grow to its capacity. */
    public void restart(int pendingToken) {
        restart(pendingToken, token.length);
    }

    /**
     * Empties the tree and puts the pending token at its root.
     *
     * @param limit node budget of this step, root included, at least 1; capped at the capacity
     */
    public void restart(int pendingToken, int limit) {
        nodeLimit = Math.clamp(limit, 1, token.length);
        nodeCount = 0;
        append(pendingToken, NONE, 0, 1f, 0, 1L);
    }

    /**
     * Adds one guess below a parent, or finds the child that already carries the token and adds the proposer to it.
     *
     * @param pathScore estimated probability that the target accepts the whole path to this node; at most the parent's
     * @param proposerBit one bit, the proposing drafter's index in the engine's drafter list
     * @return the node, or {@link #FULL}
     */
    public int add(int parentNode, int tokenId, float pathScore, int proposerBit) {
        assert parentNode >= 0 && parentNode < nodeCount : "parentNode=" + parentNode + " nodeCount=" + nodeCount;
        int existing = childOf(parentNode, tokenId);
        if (existing != NONE) {
            proposers[existing] |= proposerBit;
            return existing;
        }
        if (nodeCount == nodeLimit || depth[parentNode] == DEPTH_MAX) {
            return FULL;
        }
        int node = nodeCount;
        append(tokenId, parentNode, depth[parentNode] + 1, pathScore, proposerBit, ancestors[parentNode] | 1L << node);
        if (firstChild[parentNode] == NONE) {
            firstChild[parentNode] = node;
        } else {
            nextSibling[lastChild[parentNode]] = node;
        }
        lastChild[parentNode] = node;
        return node;
    }

    private void append(
            int tokenId, int parentNode, int nodeDepth, float pathScore, int proposerBits, long ancestorSet) {
        int node = nodeCount++;
        token[node] = tokenId;
        parent[node] = parentNode;
        depth[node] = nodeDepth;
        score[node] = pathScore;
        proposers[node] = proposerBits;
        ancestors[node] = ancestorSet;
        firstChild[node] = NONE;
        lastChild[node] = NONE;
        nextSibling[node] = NONE;
    }

    /** Returns the child of a node that carries the token, or {@link #NONE}. */
    public int childOf(int node, int tokenId) {
        for (int child = firstChild[node]; child != NONE; child = nextSibling[child]) {
            if (token[child] == tokenId) {
                return child;
            }
        }
        return NONE;
    }

    /** Makes this tree equal to another one of at most this capacity. */
    public void copyFrom(TokenTree other) {
        int count = other.nodeCount;
        if (count > token.length) {
            throw new IllegalArgumentException(
                    "a tree of %d nodes does not fit into one for %d".formatted(count, token.length));
        }
        System.arraycopy(other.token, 0, token, 0, count);
        System.arraycopy(other.parent, 0, parent, 0, count);
        System.arraycopy(other.depth, 0, depth, 0, count);
        System.arraycopy(other.score, 0, score, 0, count);
        System.arraycopy(other.proposers, 0, proposers, 0, count);
        System.arraycopy(other.firstChild, 0, firstChild, 0, count);
        System.arraycopy(other.lastChild, 0, lastChild, 0, count);
        System.arraycopy(other.nextSibling, 0, nextSibling, 0, count);
        System.arraycopy(other.ancestors, 0, ancestors, 0, count);
        nodeCount = count;
        nodeLimit = Math.clamp(other.nodeLimit, count, token.length);
    }

    /** The node budget in force, root included. */
    public int nodesMax() {
        return nodeLimit;
    }

    public int nodeCount() {
        return nodeCount;
    }

    public boolean isFull() {
        return nodeCount == nodeLimit;
    }

    public int token(int node) {
        return token[node];
    }

    /** The parent's index, {@link #NONE} for the root. */
    public int parent(int node) {
        return parent[node];
    }

    public int depth(int node) {
        return depth[node];
    }

    /** Estimated probability, 0 to 1, that the whole path to this node is accepted. */
    public float score(int node) {
        return score[node];
    }

    public void score(int node, float pathScore) {
        score[node] = pathScore;
    }

    /** Bit i set: drafter i proposed this node. */
    public int proposers(int node) {
        return proposers[node];
    }

    public void addProposers(int node, int proposerBits) {
        proposers[node] |= proposerBits;
    }

    /** Bit t set: node t lies on the path from the root to this node, both included. */
    public long ancestors(int node) {
        return ancestors[node];
    }

    /** First child in the order of proposal, or {@link #NONE}. */
    public int firstChild(int node) {
        return firstChild[node];
    }

    public int nextSibling(int node) {
        return nextSibling[node];
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("TokenTree[");
        for (int node = 0; node < nodeCount; node++) {
            text.append(node == 0 ? "" : " ").append(parent[node]).append('>').append(token[node]);
        }
        return text.append(']').toString();
    }
}
