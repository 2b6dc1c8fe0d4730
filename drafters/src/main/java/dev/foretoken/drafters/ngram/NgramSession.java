package dev.foretoken.drafters.ngram;

import dev.foretoken.engine.draft.DraftSession;
import dev.foretoken.engine.draft.DraftStart;
import dev.foretoken.engine.draft.DraftText;
import dev.foretoken.engine.tokenizer.Vocabulary;
import dev.foretoken.engine.tree.TokenTree;

/** One session's n-grams. The text is all it learns from; positions are indexed once a token has followed them. */
final class NgramSession implements DraftSession {
    /** How many earlier places are looked at for one proposal. */
    private static final int PLACES_MAX = 8;
    /** How many of them may contribute a branch. */
    private static final int BRANCHES_MAX = 4;
    /** Agreement is measured this far back at most. */
    private static final int AGREEMENT_MAX = 16;
    /** Each further token of a continuation follows with this probability, until calibrated. */
    private static final float STAYS_ON_TRACK = 0.9f;
    /** What a place further back keeps of the probability that the more recent ones leave. */
    private static final float OLDER_PLACE = 0.5f;

    private final Vocabulary vocabulary;
    private final NgramIndex[] indexes; // [gramMax] the one for n-grams of n tokens at n - 1
    private int indexedEnd;

    NgramSession(DraftStart start, int gramMax) {
        vocabulary = start.vocabulary();
        int tokensMax = Math.max(start.tokensMax(), start.text().length());
        indexes = new NgramIndex[gramMax];
        for (int i = 0; i < gramMax; i++) {
            indexes[i] = new NgramIndex(i + 1, tokensMax);
        }
        index(start.text());
    }

    @Override
    public void propose(DraftText text, int depthMax, TokenTree draftOut) {
        index(text);
        if (vocabulary.isEnd(text.pendingToken())) {
            return;
        }
        int branches = 0;
        float left = 1;
        for (int gram = indexes.length; gram >= 1 && !draftOut.isFull(); gram--) {
            if (gram == 1 && branches > 0) {
                return; // one equal token says little: only when there is nothing else
            }
            int end = indexes[gram - 1].lastEnd(text, text.length() - 1);
            for (int place = 0; place < PLACES_MAX && end != NgramIndex.NONE && branches < BRANCHES_MAX; place++) {
                if (draftOut.childOf(0, text.token(end + 1)) == TokenTree.NONE) {
                    float chance = left * chanceOf(gram, agreement(text, end));
                    copy(text, end, depthMax, chance, draftOut);
                    left = (left - chance) * OLDER_PLACE;
                    branches++;
                }
                end = indexes[gram - 1].previousEnd(end);
            }
        }
    }

    /** Copies what followed the place; a place that overlaps the text's end goes on in its own rhythm. */
    private void copy(DraftText text, int end, int depthMax, float chance, TokenTree draftOut) {
        int period = text.length() - 1 - end;
        float score = chance;
        int node = 0;
        for (int depth = 1; depth <= depthMax; depth++) {
            int token = text.token(end + 1 + (depth - 1) % period);
            node = draftOut.add(node, token, score, 0);
            if (node == TokenTree.FULL || vocabulary.isEnd(token)) {
                return;
            }
            score *= STAYS_ON_TRACK;
        }
    }

    /** Tokens before the place that equal those before the text's end, that n-gram included. */
    private static int agreement(DraftText text, int end) {
        int last = text.length() - 1;
        int length = 0;
        while (length < AGREEMENT_MAX && length <= end && text.token(end - length) == text.token(last - length)) {
            length++;
        }
        return length;
    }

    /** A first guess at the first token's acceptance; calibration replaces it by what is observed. */
    private static float chanceOf(int gram, int agreement) {
        if (agreement >= AGREEMENT_MAX) {
            return 0.94f;
        }
        if (agreement >= 6) {
            return 0.87f;
        }
        return switch (gram) {
            case 1 -> 0.3f;
            case 2 -> 0.6f;
            default -> 0.8f;
        };
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
