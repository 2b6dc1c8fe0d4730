package dev.foretoken.drafters.ngram;

import dev.foretoken.engine.draft.DraftText;

/**
 * The earlier places of a text that end like it does, in this order: those that agree over as many tokens as the longest
 * indexed n-gram has or over more, the most recent first however far they agree; then those that agree over one token less,
 * again the most recent first; and so on. {@link #PLACES_MAX} are kept, so what comes later in the order may be missing, and
 * of guesses with equal scores the one goes first whose first place comes earlier. Each place votes for the token that
 * follows it, with a weight that grows with the length of the agreement; a place in the prompt mostly says less than one in
 * the output. Not thread-safe.
 */
final class EarlierPlaces {
    /** A set of places is one {@code long}. */
    static final int PLACES_MAX = 64;
    /** The weight of all that no place votes for: what {@link #weight} is relative to. */
    static final double UNSEEN = 1;

    /** How many occurrences of one n-gram are looked at. */
    private static final int OCCURRENCES_MAX = 64;
    /** By tokens of agreement from 1 on: the fit of next-token shares on greedy answers of a small chat model. */
    private static final double[] IN_OUTPUT = {0.3, 1.3, 2.3, 3.1, 3.8, 4.5, 6, 9, 12, 13, 14, 15, 16, 17, 18, 60};

    private static final double[] IN_PROMPT = {0.11, 0.75, 1.7, 2.8, 4, 4.6, 5.5, 7.5, 8.5, 9.5, 11, 13, 14, 15, 16, 46
    };
    private static final int AGREEMENT_MAX = IN_OUTPUT.length;

    private final NgramIndex[] indexes; // [gramMax] the one for n-grams of n tokens at n - 1
    private final int[] end = new int[PLACES_MAX]; // [count] position that corresponds to the text's last one
    private final int[] agreement = new int[PLACES_MAX]; // [count] tokens up to there that equal the text's last ones
    private int count;
    private int last;
    private int promptLength;

    /** @param indexes of one text, for n-grams of 1, 2, ... tokens */
    EarlierPlaces(NgramIndex[] indexes) {
        this.indexes = indexes;
    }

    /** Finds the places for the text's present end. */
    void find(DraftText text) {
        count = 0;
        last = text.length() - 1;
        promptLength = text.promptLength();
        for (int gram = indexes.length; gram >= 1; gram--) {
            int place = indexes[gram - 1].lastEnd(text, last);
            for (int seen = 0; seen < OCCURRENCES_MAX && place != NgramIndex.NONE; seen++) {
                int tokens = agreement(text, place);
                if (tokens == gram || gram == indexes.length) { // else a longer n-gram has found it
                    if (count == PLACES_MAX) {
                        return;
                    }
                    end[count] = place;
                    agreement[count++] = tokens;
                }
                place = indexes[gram - 1].previousEnd(place);
            }
        }
    }

    int count() {
        return count;
    }

    /** The token that follows a place at a distance, 1 for the next one; a place near the end goes on in its own rhythm. */
    int follower(DraftText text, int place, int distance) {
        int period = last - end[place];
        return text.token(end[place] + 1 + (distance - 1) % period);
    }

    /** What a place's vote for its follower at a distance counts, once all followers before that were right. */
    double weight(int place, int distance) {
        int tokens = Math.min(AGREEMENT_MAX, agreement[place] + distance - 1);
        return (end[place] + distance < promptLength ? IN_PROMPT : IN_OUTPUT)[tokens - 1];
    }

    private int agreement(DraftText text, int place) {
        int tokens = 1;
        while (tokens < AGREEMENT_MAX && tokens <= place && text.token(place - tokens) == text.token(last - tokens)) {
            tokens++;
        }
        return tokens;
    }
}
