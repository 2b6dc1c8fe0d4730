package dev.foretoken.drafters.recycling;

/**
 * How often the r-th stored successor of a row was the token that came, by two things about the row: its record, and how far
 * the text before it agrees with what stood there when the row was learned. Moving averages over a session's verdicts that
 * start from what greedy answers of a small chat model showed. Not thread-safe.
 */
final class SuccessorRates {
    /** A row's record: so many right (or, negative, wrong) predictions by its best successor in a row, at most. */
    static final int STREAK_MAX = 3;
    /** Tokens that are compared: the row's own, which always agrees, and those before it. */
    static final int AGREEMENT_MAX = 3;

    private static final int STREAKS = 2 * STREAK_MAX + 1;
    private static final double[][] AT_FIRST = { // [agreement - 1, streak + STREAK_MAX][rank]
        {0.11, 0.11, 0.065, 0.04, 0.035, 0.03, 0.02, 0.015},
        {0.14, 0.11, 0.07, 0.055, 0.035, 0.02, 0.02, 0.02},
        {0.14, 0.14, 0.08, 0.05, 0.045, 0.03, 0.025, 0.02},
        {0.25, 0.1, 0.06, 0.04, 0.02, 0.018, 0.015, 0.012},
        {0.47, 0.09, 0.065, 0.045, 0.02, 0.02, 0.015, 0.01},
        {0.72, 0.06, 0.03, 0.02, 0.01, 0.008, 0.006, 0.004},
        {0.85, 0.06, 0.02, 0.015, 0.005, 0.004, 0.003, 0.002},
        {0.25, 0.25, 0.11, 0.07, 0.04, 0.03, 0.015, 0.015},
        {0.3, 0.24, 0.08, 0.05, 0.03, 0.03, 0.015, 0.01},
        {0.32, 0.22, 0.08, 0.055, 0.03, 0.03, 0.02, 0.01},
        {0.59, 0.115, 0.06, 0.03, 0.012, 0.008, 0.006, 0.005},
        {0.7, 0.15, 0.04, 0.015, 0.012, 0.006, 0.005, 0.004},
        {0.86, 0.06, 0.015, 0.008, 0.006, 0.004, 0.003, 0.002},
        {0.93, 0.02, 0.01, 0.008, 0.004, 0.003, 0.002, 0.001},
        {0.37, 0.2, 0.07, 0.065, 0.04, 0.02, 0.015, 0.01},
        {0.49, 0.19, 0.08, 0.06, 0.02, 0.02, 0.01, 0.01},
        {0.5, 0.18, 0.06, 0.055, 0.04, 0.02, 0.015, 0.01},
        {0.8, 0.05, 0.035, 0.015, 0.008, 0.007, 0.005, 0.004},
        {0.9, 0.033, 0.018, 0.005, 0.004, 0.003, 0.002, 0.001},
        {0.96, 0.02, 0.004, 0.002, 0.001, 0.001, 0.001, 0.001},
        {0.99, 0.004, 0.002, 0.001, 0.001, 0.001, 0.001, 0.001},
    };
    private static final double LEARNING_RATE_MIN = 0.02;
    /** The starting values count as much as so many observations. */
    private static final int PRIOR_OBSERVATIONS = 30;

    private final double[][] rate = new double[AT_FIRST.length][];
    private final double[][] usable = new double[AT_FIRST.length][];
    private final int[] observations = new int[AT_FIRST.length];

    SuccessorRates() {
        for (int kind = 0; kind < AT_FIRST.length; kind++) {
            rate[kind] = AT_FIRST[kind].clone();
            usable[kind] = AT_FIRST[kind].clone();
            observations[kind] = PRIOR_OBSERVATIONS;
        }
    }

    /** The streak of a row after its best successor was right, or was not. */
    static int streakAfter(int streak, boolean right) {
        return right ? Math.clamp(streak + 1, 1, STREAK_MAX) : Math.clamp(streak - 1, -STREAK_MAX, -1);
    }

    /** What is known of a row, as one number. */
    static int kindOf(int agreement, int streak) {
        return (agreement - 1) * STREAKS + streak + STREAK_MAX;
    }

    /** Learns that this rank of a row was right, or that none was if it is negative. */
    void observe(int kind, int rightRank) {
        double[] rates = rate[kind];
        double learningRate = Math.max(LEARNING_RATE_MIN, 1.0 / ++observations[kind]);
        double atMost = 1;
        for (int rank = 0; rank < rates.length; rank++) {
            rates[rank] += learningRate * ((rank == rightRank ? 1 : 0) - rates[rank]);
            atMost = Math.min(atMost, rates[rank]);
            usable[kind][rank] = atMost;
        }
    }

    /** Estimated probability that the successor of this rank comes next; never more than that of a better rank. */
    double of(int kind, int rank) {
        return usable[kind][rank];
    }
}
