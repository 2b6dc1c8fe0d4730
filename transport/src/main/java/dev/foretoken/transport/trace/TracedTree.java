package dev.foretoken.transport.trace;

import dev.foretoken.engine.tree.TokenTree;
import java.util.List;

/**
 * A recorded token tree; entry i of every list is node i, node 0 the root.
 *
 * @param parents index of each node's parent, below the node's own; {@link TokenTree#NONE} for the root
 * @param proposers bit d: drafter d proposed the node; 0 for the root
 */
public record TracedTree(List<Integer> tokens, List<Integer> parents, List<Integer> proposers) {
    /** @throws IllegalArgumentException if the lists describe no token tree; the message says why */
    public TracedTree {
        tokens = List.copyOf(tokens);
        parents = List.copyOf(parents);
        proposers = List.copyOf(proposers);
        int count = tokens.size();
        check(count >= 1 && count <= TokenTree.NODES_MAX, "a tree of " + count + " nodes");
        check(parents.size() == count && proposers.size() == count, "a tree with lists of different lengths");
        check(parents.getFirst() == TokenTree.NONE, "a tree whose root has a parent");
        for (int node = 1; node < count; node++) {
            check(parents.get(node) >= 0 && parents.get(node) < node, "a tree node before its parent");
        }
    }

    private static void check(boolean valid, String message) {
        if (!valid) {
            throw new IllegalArgumentException(message);
        }
    }

    /** A copy of the nodes; of the scores, which are not recorded, every one is 0. */
    static TracedTree of(TokenTree tree) {
        Integer[] tokens = new Integer[tree.nodeCount()];
        Integer[] parents = new Integer[tree.nodeCount()];
        Integer[] proposers = new Integer[tree.nodeCount()];
        for (int node = 0; node < tree.nodeCount(); node++) {
            tokens[node] = tree.token(node);
            parents[node] = tree.parent(node);
            proposers[node] = tree.proposers(node);
        }
        return new TracedTree(List.of(tokens), List.of(parents), List.of(proposers));
    }

    public int nodeCount() {
        return tokens.size();
    }

    /**
     * Builds the tree again, node by node and with the same indices; path scores, which no verifier reads, are 0.
     *
     * @throws IllegalArgumentException if it is too deep or two children of one node carry the same token
     */
    public void copyTo(TokenTree treeOut) {
        treeOut.restart(tokens.getFirst());
        for (int node = 1; node < nodeCount(); node++) {
            int added = treeOut.add(parents.get(node), tokens.get(node), 0f, 0);
            check(added == node, "a tree that is too deep or repeats a child");
            treeOut.addProposers(node, proposers.get(node));
        }
    }
}
