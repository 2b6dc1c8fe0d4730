package dev.foretoken.drafters.recycling;

/**
 * How often the r-th stored successor was the token that came: moving averages over a session's verdicts. Starts from what
 * token recycling usually sees. Not thread-safe.
 */
final class RankRates {
    private static final double[] AT_FIRST = {0.45, 0.13, 0.06, 0.04, 0.03, 0.02, 0.015, 0.01};
    private static final double LEARNING_RATE_MIN = 0.02;
    /** The starting values count as much as so many observations. */
    private static final int PRIOR_OBSERVATIONS = 8;

    private final double[] rate = AT_FIRST.clone();
    private final double[] usable = AT_FIRST.clone();
    private int observations = PRIOR_OBSERVATIONS;

    /** Learns that this rank was right, or that none was if it is negative. */
    void observe(int rightRank) {
        double learningRate = Math.max(LEARNING_RATE_MIN, 1.0 / ++observations);
        double atMost = 1;
        for (int rank = 0; rank < rate.length; rank++) {
            rate[rank] += learningRate * ((rank == rightRank ? 1 : 0) - rate[rank]);
            atMost = Math.min(atMost, rate[rank]);
            usable[rank] = atMost;
        }
    }

    /** Estimated probability that the successor of this rank comes next; never more than that of a better rank. */
    double of(int rank) {
        return usable[rank];
    }
}
