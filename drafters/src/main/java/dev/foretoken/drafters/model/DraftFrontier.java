package dev.foretoken.drafters.model;

import dev.foretoken.engine.tree.TokenTree;

/**
 * The best candidates of a growing tree, best first: score descending, then depth, then order of arrival. A child's score
 * is at most its parent's and its depth is larger, so a parent always comes before its children and cutting the list
 * anywhere leaves a tree. Reused; nothing is allocated.
 */
final class DraftFrontier {
    static final int NOT_EVALUATED = -1;

    private final float[] score = new float[TokenTree.NODES_MAX];
    private final int[] token = new int[TokenTree.NODES_MAX];
    private final int[] depth = new int[TokenTree.NODES_MAX];
    private final int[] parent = new int[TokenTree.NODES_MAX];
    private final int[] node = new int[TokenTree.NODES_MAX];
    private int limit;
    private int count;

    /** Empties the list; it will keep so many candidates. */
    void restart(int candidatesMax) {
        limit = candidatesMax;
        count = 0;
    }

    /** Takes a candidate in if it is among the best; the worst one goes when there is no room. */
    void offer(float candidateScore, int candidateDepth, int parentNode, int tokenId) {
        int place = count;
        if (count == limit) {
            if (limit == 0 || !before(candidateScore, candidateDepth, count - 1)) {
                return;
            }
            place--;
        } else {
            count++;
        }
        while (place > 0 && before(candidateScore, candidateDepth, place - 1)) {
            copy(place - 1, place);
            place--;
        }
        score[place] = candidateScore;
        depth[place] = candidateDepth;
        parent[place] = parentNode;
        token[place] = tokenId;
        node[place] = NOT_EVALUATED;
    }

    private boolean before(float candidateScore, int candidateDepth, int place) {
        return candidateScore > score[place] || (candidateScore == score[place] && candidateDepth < depth[place]);
    }

    private void copy(int from, int to) {
        score[to] = score[from];
        depth[to] = depth[from];
        parent[to] = parent[from];
        token[to] = token[from];
        node[to] = node[from];
    }

    int count() {
        return count;
    }

    float score(int place) {
        return score[place];
    }

    int token(int place) {
        return token[place];
    }

    int depth(int place) {
        return depth[place];
    }

    /** The evaluated node that the candidate hangs below. */
    int parent(int place) {
        return parent[place];
    }

    /** The candidate's own node among the evaluated ones, or {@link #NOT_EVALUATED}. */
    int node(int place) {
        return node[place];
    }

    void node(int place, int evaluatedNode) {
        node[place] = evaluatedNode;
    }
}
