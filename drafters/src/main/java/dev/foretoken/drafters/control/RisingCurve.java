package dev.foretoken.drafters.control;

/**
 * A curve through some knots that never falls: neighbours that fall are averaged, straight lines run between, and beyond the
 * outermost ones it is guessed. Not thread-safe.
 * <p>Source: pool adjacent violators, the weighted least squares fit that rises (Ayer et al. 1955).
 */
final class RisingCurve {
    /** Time of a further row in plain steps where nothing is known. */
    static final double GUESSED_SLOPE = 0.3;

    private final double[] value = new double[CostKnots.COUNT];
    private final double[] poolSum = new double[CostKnots.COUNT];
    private final double[] poolWeight = new double[CostKnots.COUNT];
    private final int[] poolEnd = new int[CostKnots.COUNT];
    private int poolCount;
    private int first;
    private int last;

    /** Guesses everything from one value. */
    void guessFrom(int rows, double valueThere) {
        double plain = valueThere / guessed(rows);
        for (int knot = 0; knot < CostKnots.COUNT; knot++) {
            value[knot] = plain * guessed(CostKnots.rows(knot));
        }
    }

    /** What so many rows cost as a guess, in plain steps. */
    static double guessed(int rows) {
        return 1 + GUESSED_SLOPE * (rows - 1);
    }

    double at(int knot) {
        return value[knot];
    }

    double read(int rows) {
        int right = CostKnots.atOrAbove(rows);
        int left = CostKnots.atOrBelow(rows, right);
        return left == right ? value[right] : CostKnots.onLine(rows, left, value[left], right, value[right]);
    }

    /** Begins to draw anew: {@link #add} for every known knot, upwards, at least one, then {@link #finish}. */
    void begin() {
        poolCount = 0;
    }

    void add(int knot, double knotValue, double weight) {
        first = poolCount == 0 ? knot : first;
        last = knot;
        value[knot] = Double.NaN; // known: to be filled in from its pool
        poolSum[poolCount] = knotValue * weight;
        poolWeight[poolCount] = weight;
        poolEnd[poolCount++] = knot;
        while (poolCount > 1 && lastPoolFalls()) {
            poolCount--;
            poolSum[poolCount - 1] += poolSum[poolCount];
            poolWeight[poolCount - 1] += poolWeight[poolCount];
            poolEnd[poolCount - 1] = poolEnd[poolCount];
        }
    }

    private boolean lastPoolFalls() {
        int lower = poolCount - 2;
        int upper = poolCount - 1;
        return poolSum[lower] * poolWeight[upper] > poolSum[upper] * poolWeight[lower];
    }

    void finish() {
        int pool = 0;
        int before = first;
        for (int knot = first; knot <= last; knot++) {
            if (Double.isNaN(value[knot])) {
                while (poolEnd[pool] < knot) {
                    pool++;
                }
                value[knot] = poolSum[pool] / poolWeight[pool];
                drawLine(before, knot);
                before = knot;
            }
        }
        assert pool == poolCount - 1 : "pool=" + pool + " pools=" + poolCount;
        double guessedPlain = value[first] / guessed(CostKnots.rows(first));
        for (int knot = 0; knot < first; knot++) {
            value[knot] = guessedPlain * guessed(CostKnots.rows(knot));
        }
        double slope = slopeBeyond(guessedPlain);
        for (int knot = last + 1; knot < CostKnots.COUNT; knot++) {
            value[knot] = value[last] + slope * (CostKnots.rows(knot) - CostKnots.rows(last));
        }
    }

    private void drawLine(int from, int to) {
        for (int knot = from + 1; knot < to; knot++) {
            value[knot] = CostKnots.onLine(CostKnots.rows(knot), from, value[from], to, value[to]);
        }
    }

    private double slopeBeyond(double guessedPlain) {
        double guessed = GUESSED_SLOPE * guessedPlain;
        if (first == last) {
            return guessed;
        }
        // Never free: beyond what was measured another regime may begin.
        double seen = (value[last] - value[first]) / (CostKnots.rows(last) - CostKnots.rows(first));
        return Math.max(seen, guessed / 16);
    }
}
