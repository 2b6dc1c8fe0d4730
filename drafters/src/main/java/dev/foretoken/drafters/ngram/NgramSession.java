package dev.foretoken.drafters.ngram;

import dev.foretoken.drafters.echo.RunnersUp;
import dev.foretoken.engine.draft.DraftLesson;
import dev.foretoken.engine.draft.DraftSession;
import dev.foretoken.engine.draft.DraftStart;
import dev.foretoken.engine.draft.DraftText;
import dev.foretoken.engine.tokenizer.Vocabulary;
import dev.foretoken.engine.tree.TokenTree;

/**
 * One session's n-grams. It learns from the text, whose positions are indexed once a token has followed them,
 * and from the runners-up of the pending token. A tree grows
 * from the votes of {@link EarlierPlaces}: the children of a node are what its voters say next, a child's voters are those
 * who said it, and the likeliest path is taken first.
 */
final class NgramSession implements DraftSession {
    private final Vocabulary vocabulary;
    private final NgramIndex[] indexes;
    private final EarlierPlaces places;
    private final RunnersUp runnersUp = new RunnersUp();
    private int indexedEnd;

    // Offers: children that may be added next, by the first of their voters; every place votes in one at most.
    private long offered; // bit p: there is an offer at p
    private final long[] voters = new long[EarlierPlaces.PLACES_MAX];
    private final double[] pathScore = new double[EarlierPlaces.PLACES_MAX];
    private final int[] parent = new int[EarlierPlaces.PLACES_MAX];
    private final int[] token = new int[EarlierPlaces.PLACES_MAX];

    NgramSession(DraftStart start, int gramMax) {
        vocabulary = start.vocabulary();
        int tokensMax = Math.max(start.tokensMax(), start.text().length());
        indexes = new NgramIndex[gramMax];
        for (int i = 0; i < gramMax; i++) {
            indexes[i] = new NgramIndex(i + 1, tokensMax);
        }
        places = new EarlierPlaces(indexes);
        index(start.text());
    }

    @Override
    public void propose(DraftText text, int depthMax, TokenTree draftOut) {
        index(text);
        if (vocabulary.isEnd(text.pendingToken())) {
            return;
        }
        places.find(text);
        offered = 0;
        offerChildren(text, 0, 1, 1, places.count() == EarlierPlaces.PLACES_MAX ? -1L : (1L << places.count()) - 1);
        while (offered != 0 && !draftOut.isFull()) {
            int best = takeBest();
            int node = draftOut.add(parent[best], token[best], (float) pathScore[best], 0);
            int depth = draftOut.depth(node);
            if (depth < depthMax && !vocabulary.isEnd(token[best])) {
                offerChildren(text, node, depth + 1, pathScore[best], voters[best]);
            }
        }
    }

    /** Counts the votes of some places for what follows a node and offers each of the tokens named. */
    private void offerChildren(DraftText text, int node, int depth, double nodeScore, long nodeVoters) {
        long children = 0;
        double votes = EarlierPlaces.UNSEEN;
        for (long rest = nodeVoters; rest != 0; rest &= rest - 1) {
            int place = Long.numberOfTrailingZeros(rest);
            int follower = places.follower(text, place, depth);
            double weight = places.weight(place, depth);
            votes += weight;
            int child = childWith(children, follower);
            if (child < 0) {
                child = place;
                children |= 1L << place;
                voters[child] = 0;
                pathScore[child] = 0;
                parent[child] = node;
                token[child] = follower;
            }
            voters[child] |= 1L << place;
            pathScore[child] += weight;
        }
        for (long rest = children; rest != 0; rest &= rest - 1) {
            int child = Long.numberOfTrailingZeros(rest);
            double chance = pathScore[child] / votes;
            pathScore[child] =
                    nodeScore * (node == 0 ? RunnersUp.raise(chance, runnersUp.oddsFactor(token[child])) : chance);
        }
        offered |= children;
    }

    private int childWith(long children, int follower) {
        for (long rest = children; rest != 0; rest &= rest - 1) {
            int child = Long.numberOfTrailingZeros(rest);
            if (token[child] == follower) {
                return child;
            }
        }
        return -1;
    }

    /** Takes the likeliest offer away; among equals that of the place found first. */
    private int takeBest() {
        int best = Long.numberOfTrailingZeros(offered);
        for (long rest = offered; rest != 0; rest &= rest - 1) {
            int offer = Long.numberOfTrailingZeros(rest);
            best = pathScore[offer] > pathScore[best] ? offer : best;
        }
        offered &= ~(1L << best);
        return best;
    }

    @Override
    public void observe(DraftLesson lesson) {
        runnersUp.observe(lesson);
    }

    private void index(DraftText text) {
        // The pending token is left out until something has followed it.
        for (; indexedEnd < text.length() - 1; indexedEnd++) {
            for (NgramIndex index : indexes) {
                index.add(text, indexedEnd);
            }
        }
    }
}
