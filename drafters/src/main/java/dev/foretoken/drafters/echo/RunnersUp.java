package dev.foretoken.drafters.echo;

import dev.foretoken.engine.draft.DraftLesson;

/**
 * The ids that nearly became the pending token. A model that weighed two words often says the other one next, so a guess
 * that is among them is likelier than it would be otherwise. The factors are those seen on greedy answers of a small chat
 * model. Not thread-safe.
 */
public final class RunnersUp {
    private static final double[] ODDS_BY_RANK = {6, 6, 3.5, 3.5, 2.5, 2.5, 2.5, 2.5};

    private final int[] ids = new int[DraftLesson.TOP_IDS]; // [count]
    private final double[] odds = new double[DraftLesson.TOP_IDS]; // [count]
    private int count;

    /** Takes in the row that chose the last token of a step. */
    public void observe(DraftLesson lesson) {
        int last = lesson.emittedCount() - 1;
        count = 0;
        for (int rank = 0; rank < ids.length; rank++) {
            int id = lesson.topId(last, rank);
            if (id >= 0 && id != lesson.emittedToken(last)) { // a small vocabulary has fewer than there are ranks
                ids[count] = id;
                odds[count++] = ODDS_BY_RANK[rank];
            }
        }
    }

    /** By how much the odds rise that a token follows the pending one: 1 for most tokens, and for what is no token. */
    public double oddsFactor(int token) {
        for (int i = 0; i < count; i++) {
            if (ids[i] == token) {
                return odds[i];
            }
        }
        return 1;
    }

    /** A probability after its odds were multiplied by a factor. */
    public static double raise(double probability, double oddsFactor) {
        return oddsFactor * probability / (1 + (oddsFactor - 1) * probability);
    }
}
