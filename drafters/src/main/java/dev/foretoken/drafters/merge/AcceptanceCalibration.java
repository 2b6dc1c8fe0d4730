package dev.foretoken.drafters.merge;

import dev.foretoken.engine.draft.DraftLesson;
import dev.foretoken.engine.tree.TokenTree;

/**
 * What a drafter's scores turned out to be worth in one session: for each drafter, depth class (first token or later) and
 * twentieth of the score, a moving average of how often such a node was the target's token, given that its parent was.
 * The verdict judges every draft whose nodes it reaches, verified or not, so a drafter that is left out of trees is still
 * judged. A score that was never tried counts as it stands. Not thread-safe.
 */
public final class AcceptanceCalibration {
    private static final int BINS = 20;
    private static final int DEPTH_CLASSES = 2;
    private static final double LEARNING_RATE_MIN = 0.03;
    /** After a run of hits or misses less likely than this, the past no longer counts. */
    private static final double LOG_UNLIKELY = StrictMath.log(1e-4);

    private static final double RATE_MIN = 0.02;
    /** The drafter's own score counts as much as so many observations. */
    private static final int PRIOR_OBSERVATIONS = 6;

    private final double[] rate;
    private final int[] run; // length of the present run of hits, negative for misses
    private final int[] observations;

    /** @param drafters how many drafters the engine has */
    public AcceptanceCalibration(int drafters) {
        rate = new double[drafters * DEPTH_CLASSES * BINS];
        run = new int[rate.length];
        observations = new int[rate.length];
    }

    /**
     * Estimated probability that the target chooses a node, given that it chose the parent.
     *
     * @param depth of the node, at least 1
     * @param conditionalScore what the drafter said, 0 to 1
     */
    public double of(int drafter, int depth, double conditionalScore) {
        int bin = binOf(drafter, depth, conditionalScore);
        return observations[bin] == 0 ? conditionalScore : rate[bin];
    }

    /**
     * Learns from the step that a draft was made for.
     *
     * @return how many of the emitted tokens the draft foretold, from the first one on
     */
    public int observe(int drafter, TokenTree draft, DraftLesson lesson) {
        int node = 0;
        for (int index = 0; index < lesson.emittedCount(); index++) {
            int right = TokenTree.NONE;
            for (int child = draft.firstChild(node); child != TokenTree.NONE; child = draft.nextSibling(child)) {
                boolean hit = draft.token(child) == lesson.emittedToken(index);
                observe(drafter, draft.depth(child), conditionalScore(draft, child), hit);
                right = hit ? child : right;
            }
            if (right == TokenTree.NONE) {
                return index;
            }
            node = right;
        }
        return lesson.emittedCount();
    }

    private void observe(int drafter, int depth, double conditionalScore, boolean hit) {
        int bin = binOf(drafter, depth, conditionalScore);
        if (observations[bin] == 0) {
            rate[bin] = conditionalScore;
            run[bin] = 0;
        }
        observations[bin]++;
        double learningRate = Math.max(LEARNING_RATE_MIN, 1.0 / (observations[bin] + PRIOR_OBSERVATIONS));
        rate[bin] += learningRate * ((hit ? 1 : 0) - rate[bin]);
        run[bin] = hit ? Math.max(0, run[bin]) + 1 : Math.min(0, run[bin]) - 1;
        startOverIfUnlikely(bin);
    }

    private void startOverIfUnlikely(int bin) {
        int length = Math.abs(run[bin]);
        if (length < 3) {
            return;
        }
        double hitRate = Math.clamp(rate[bin], RATE_MIN, 1 - RATE_MIN);
        double chance = run[bin] > 0 ? hitRate : 1 - hitRate;
        if (length * StrictMath.log(chance) < LOG_UNLIKELY) {
            rate[bin] = (run[bin] > 0 ? length + 1.0 : 1.0) / (length + 2);
            observations[bin] = length;
            run[bin] = 0;
        }
    }

    /** A node's score relative to its parent's, 0 to 1. */
    static double conditionalScore(TokenTree draft, int node) {
        double parentScore = draft.score(draft.parent(node));
        double score = parentScore > 0 ? draft.score(node) / parentScore : 0;
        return score >= 0 ? Math.min(1, score) : 0; // NaN becomes 0
    }

    private static int binOf(int drafter, int depth, double conditionalScore) {
        int bin = Math.min(BINS - 1, (int) (conditionalScore * BINS));
        return (drafter * DEPTH_CLASSES + (depth > 1 ? 1 : 0)) * BINS + bin;
    }
}
