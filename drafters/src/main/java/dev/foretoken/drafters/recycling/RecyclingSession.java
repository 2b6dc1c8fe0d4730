package dev.foretoken.drafters.recycling;

import dev.foretoken.drafters.echo.RunnersUp;
import dev.foretoken.engine.draft.DraftLesson;
import dev.foretoken.engine.draft.DraftSession;
import dev.foretoken.engine.draft.DraftStart;
import dev.foretoken.engine.draft.DraftText;
import dev.foretoken.engine.tokenizer.Vocabulary;
import dev.foretoken.engine.tree.TokenTree;

/**
 * One session's recycled tokens. The tree grows in the order of node weight, the product of the rank rates along the path:
 * a heap holds, for every node with known successors, the next of them; taking one offers its next sibling and its own
 * first child.
 */
final class RecyclingSession implements DraftSession {
    private static final double WEIGHT_MIN = 1e-4;
    private static final int OFFERS_MAX = TokenTree.NODES_MAX + 1;

    private static final int NO_TOKEN = -1;

    private final Vocabulary vocabulary;
    private final SuccessorTable table;
    private final SuccessorRates rates = new SuccessorRates();

    // The heap of offers: [OFFERS_MAX], largest weight at 0; among equals the lowest node, then the best rank.
    private final double[] offerWeight = new double[OFFERS_MAX];
    private final int[] offerNode = new int[OFFERS_MAX];
    private final int[] offerRank = new int[OFFERS_MAX];
    private int offerCount;
    // [NODES_MAX] row of each node's token, what kind of row that is there, and the node's weight.
    private final int[] rowOfNode = new int[TokenTree.NODES_MAX];
    private final int[] kindOfNode = new int[TokenTree.NODES_MAX];
    private final double[] weightOfNode = new double[TokenTree.NODES_MAX];
    private final RunnersUp runnersUp = new RunnersUp();
    // The two tokens before the pending one.
    private int before1;
    private int before2;
    // The root's successors, best first: their ranks in its row and their chances. Other nodes keep their row's order.
    private final int[] rootRank = new int[SuccessorTable.SUCCESSORS];
    private final double[] rootChance = new double[SuccessorTable.SUCCESSORS];

    RecyclingSession(DraftStart start, WarmStart warmStart) {
        vocabulary = start.vocabulary();
        table = new SuccessorTable(warmStart);
        DraftText text = start.text();
        before1 = text.length() > 1 ? text.token(text.length() - 2) : NO_TOKEN;
        before2 = text.length() > 2 ? text.token(text.length() - 3) : NO_TOKEN;
    }

    @Override
    public void propose(DraftText text, int depthMax, TokenTree draftOut) {
        offerCount = 0;
        offerChildren(0, draftOut, text, 1);
        while (offerCount > 0 && !draftOut.isFull()) {
            double weight = offerWeight[0];
            int parent = offerNode[0];
            int rank = offerRank[0];
            if (rank + 1 < SuccessorTable.SUCCESSORS) {
                replaceTop(weightOfNode[parent] * chanceOf(parent, rank + 1), parent, rank + 1);
            } else {
                removeTop();
            }
            int token = table.successor(rowOfNode[parent], parent == 0 ? rootRank[rank] : rank);
            if (token < 0 || draftOut.childOf(parent, token) != TokenTree.NONE) {
                continue;
            }
            int node = draftOut.add(parent, token, (float) weight, 0);
            if (node != TokenTree.FULL && draftOut.depth(node) < depthMax) {
                offerChildren(node, draftOut, text, weight);
            }
        }
    }

    private void offerChildren(int node, TokenTree draft, DraftText text, double weight) {
        int token = draft.token(node);
        int row = vocabulary.isEnd(token) ? SuccessorTable.UNKNOWN : table.rowOf(token);
        if (row != SuccessorTable.UNKNOWN) {
            rowOfNode[node] = row;
            kindOfNode[node] = table.kindOf(row, tokenBefore(node, 1, draft, text), tokenBefore(node, 2, draft, text));
            weightOfNode[node] = weight;
            if (node == 0) {
                orderRoot(row);
            }
            offer(weight * chanceOf(node, 0), node, 0);
        }
    }

    /** The token so many before a node's, in the tree or in the text before it; negative before the text's beginning. */
    private static int tokenBefore(int node, int back, TokenTree draft, DraftText text) {
        int above = node;
        int left = back;
        while (above != 0 && left > 0) {
            above = draft.parent(above);
            left--;
        }
        int index = text.length() - 1 - left;
        return above != 0 || left == 0 ? draft.token(above) : index >= 0 ? text.token(index) : NO_TOKEN;
    }

    /** The chance of a node's next-best successor, given the node. */
    private double chanceOf(int node, int place) {
        return node == 0 ? rootChance[place] : rates.of(kindOfNode[node], place);
    }

    private void orderRoot(int row) {
        for (int rank = 0; rank < SuccessorTable.SUCCESSORS; rank++) {
            double rate = rates.of(kindOfNode[0], rank);
            double chance = RunnersUp.raise(rate, runnersUp.oddsFactor(table.successor(row, rank)));
            int place = rank;
            for (; place > 0 && rootChance[place - 1] < chance; place--) {
                rootChance[place] = rootChance[place - 1];
                rootRank[place] = rootRank[place - 1];
            }
            rootChance[place] = chance;
            rootRank[place] = rank;
        }
    }

    @Override
    public void observe(DraftLesson lesson) {
        for (int index = 0; index < lesson.emittedCount(); index++) {
            int token = lesson.inputToken(index);
            int row = table.rowOf(token);
            if (row != SuccessorTable.UNKNOWN) {
                rates.observe(table.kindOf(row, before1, before2), rankOf(row, lesson.emittedToken(index)));
            }
            table.learn(lesson, index, before1, before2);
            before2 = before1;
            before1 = token;
        }
        runnersUp.observe(lesson);
    }

    private int rankOf(int row, int token) {
        for (int rank = 0; rank < SuccessorTable.SUCCESSORS; rank++) {
            if (table.successor(row, rank) == token) {
                return rank;
            }
        }
        return -1;
    }

    private void offer(double weight, int node, int rank) {
        if (weight < WEIGHT_MIN) {
            return;
        }
        int place = offerCount++;
        while (place > 0 && before(weight, node, rank, (place - 1) >>> 1)) {
            move((place - 1) >>> 1, place);
            place = (place - 1) >>> 1;
        }
        set(place, weight, node, rank);
    }

    private void replaceTop(double weight, int node, int rank) {
        if (weight < WEIGHT_MIN) {
            removeTop();
        } else {
            sink(weight, node, rank);
        }
    }

    private void removeTop() {
        offerCount--;
        if (offerCount > 0) {
            sink(offerWeight[offerCount], offerNode[offerCount], offerRank[offerCount]);
        }
    }

    private void sink(double weight, int node, int rank) {
        int place = 0;
        for (int child = 1; child < offerCount; child = 2 * place + 1) {
            if (child + 1 < offerCount
                    && before(offerWeight[child + 1], offerNode[child + 1], offerRank[child + 1], child)) {
                child++;
            }
            if (before(weight, node, rank, child)) {
                break;
            }
            move(child, place);
            place = child;
        }
        set(place, weight, node, rank);
    }

    private boolean before(double weight, int node, int rank, int place) {
        if (weight != offerWeight[place]) {
            return weight > offerWeight[place];
        }
        return node != offerNode[place] ? node < offerNode[place] : rank < offerRank[place];
    }

    private void move(int from, int to) {
        set(to, offerWeight[from], offerNode[from], offerRank[from]);
    }

    private void set(int place, double weight, int node, int rank) {
        offerWeight[place] = weight;
        offerNode[place] = node;
        offerRank[place] = rank;
    }
}
