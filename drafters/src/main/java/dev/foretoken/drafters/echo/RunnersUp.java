package dev.foretoken.drafters.echo;

import dev.foretoken.engine.draft.DraftLesson;
import java.util.Arrays;

/**
 * The ids that nearly became the pending token. A model that weighed two words often says the other one next, so a guess
 * that is among them is likelier than it would be otherwise. The factors are those seen on greedy answers of a small chat
 * model. Not thread-safe.
 */
public final class RunnersUp {
    private static final double[] ODDS_BY_RANK = {6, 6, 3.5, 3.5, 2.5, 2.5, 2.5, 2.5};

    private final int[] ids = new int[DraftLesson.TOP_IDS];

    public RunnersUp() {
        Arrays.fill(ids, -1);
    }

    /** Takes in the row that chose the last token of a step. */
    public void observe(DraftLesson lesson) {
        int last = lesson.emittedCount() - 1;
        for (int rank = 0; rank < ids.length; rank++) {
            int id = lesson.topId(last, rank);
            ids[rank] = id == lesson.emittedToken(last) ? -1 : id;
        }
    }

    /** By how much the odds rise that a token follows the pending one: 1 for most tokens. */
    public double oddsFactor(int token) {
        for (int rank = 0; rank < ids.length; rank++) {
            if (ids[rank] == token) {
                return ODDS_BY_RANK[rank];
            }
        }
        return 1;
    }

    /** A probability after its odds were multiplied by a factor. */
    public static double raise(double probability, double oddsFactor) {
        return oddsFactor * probability / (1 + (oddsFactor - 1) * probability);
    }
}
