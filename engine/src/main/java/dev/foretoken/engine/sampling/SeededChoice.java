package dev.foretoken.engine.sampling;

/**
 * The engine's choice of a token: a pure function of the logits, the sampling parameters, the tokens before it, the seed
 * and the token's absolute position. It never looks at a draft, so speculation cannot change what is chosen.
 *
 * <pre>
 * raw logits (float32, from here on double) -> + bias -> repetition penalty, presence and frequency penalties
 *   -> temperature 0: argmax, lowest id wins ties
 *   -> / temperature -> top-k -> top-p -> min-p -> argmax of l + g over what is left, lowest id wins ties
 * </pre>
 *
 * g is the Gumbel noise of (seed, position, id), at most 22.9, so tokens too far below the best so far are skipped, and
 * most others are ruled out by a bound on g before its logarithms are taken. The answer is that of the rule without
 * shortcuts, bit for bit.
 * <p>Source: Gumbel-max sampling; shared noise, Daliri, Musco and Suresh (2024). Not thread-safe: scratch for one
 * vocabulary, reused by every session of its owner; nothing is allocated per choice.
 */
public final class SeededChoice {
    /** Answer of {@link #choose}: a logit is NaN or positive infinity; the model's numbers are broken. */
    public static final int NOT_A_NUMBER = -1;
    /** Answer of {@link #choose}: every logit is negative infinity, no token is possible. */
    public static final int NOTHING_POSSIBLE = -2;

    /** More than exp and log can err by in a value within the range that min-p looks at. */
    private static final double ROUNDING = 1e-6;

    private final AdjustedLogits row;
    private final TokenFilter filter;
    private final GumbelNoise noise = new GumbelNoise();
    private final int[] chosenId = new int[1];
    private final double[] chosenKey = new double[1];

    /** @param vocabularySize length of every row of logits */
    public SeededChoice(int vocabularySize) {
        row = new AdjustedLogits(vocabularySize);
        filter = new TokenFilter(vocabularySize);
    }

    /**
     * Chooses the token at a position.
     *
     * @param logits raw logits, natural log, not normalised; the row starts at {@code offset}; read only
     * @param counts prompt, output and path before this token; looked at only if the parameters have penalties
     * @param position absolute position of the chosen token, 0 = first prompt token
     * @return the token id, {@link #NOT_A_NUMBER} or {@link #NOTHING_POSSIBLE}
     */
    public int choose(float[] logits, int offset, SamplingParameters parameters, TokenCounts counts, int position) {
        int found = chooseTop(logits, offset, parameters, counts, position, chosenId, chosenKey);
        return found < 0 ? found : chosenId[0];
    }

    /**
     * The tokens that the rule would choose first, second, ... at a position: for a drafter with a distribution of its own,
     * which then proposes with the target's noise. At temperature 0 the keys are the adjusted logits, else l + g.
     *
     * @param idsOut as many tokens as fit, best first, lowest ids first among equals
     * @param keysOut what they were ranked by, same length
     * @return how many were found, fewer than fit if the filters leave fewer; or {@link #NOT_A_NUMBER} or
     *     {@link #NOTHING_POSSIBLE}
     */
    public int chooseTop(
            float[] logits,
            int offset,
            SamplingParameters parameters,
            TokenCounts counts,
            int position,
            int[] idsOut,
            double[] keysOut) {
        if (!row.load(logits, offset, parameters, counts)) {
            return row.largest() > Double.NEGATIVE_INFINITY || hasNotANumber() ? NOT_A_NUMBER : NOTHING_POSSIBLE;
        }
        if (parameters.isGreedy()) {
            return greedy(idsOut, keysOut);
        }
        filter.find(row, parameters);
        noise.begin(parameters.seed(), position);
        return race(parameters.minP(), lowestValue(parameters.minP()), idsOut, keysOut);
    }

    private boolean hasNotANumber() {
        for (int id = 0; id < row.vocabularySize(); id++) {
            if (!(row.raw(id) < Float.POSITIVE_INFINITY)) {
                return true;
            }
        }
        return false;
    }

    private int greedy(int[] idsOut, double[] keysOut) {
        idsOut[0] = row.largestId();
        keysOut[0] = row.largest();
        if (idsOut.length == 1) {
            return 1;
        }
        int count = 0;
        for (int i = 0; i < row.adjustedCount(); i++) {
            int id = row.adjustedId(i);
            count = insert(row.value(id), id, count, idsOut, keysOut);
        }
        float cut = Float.NEGATIVE_INFINITY;
        for (int id = 0; id < row.vocabularySize(); id++) {
            if (row.raw(id) >= cut && !row.isAdjusted(id)) {
                count = insert(row.value(id), id, count, idsOut, keysOut);
                if (count == idsOut.length) {
                    cut = row.rawBelow(keysOut[count - 1]);
                }
            }
        }
        return count;
    }

    /** Every token that is left runs with l + g; adjusted ids first, then the rest of the row in blocks below a cut. */
    private int race(double minP, double lowest, int[] idsOut, double[] keysOut) {
        // The most probable token passes every filter; starting with it makes the first bound a good one.
        int first = row.largestId();
        int count = insert(row.largest() + GumbelNoise.noise(noise.word(first)), first, 0, idsOut, keysOut);
        for (int i = 0; i < row.adjustedCount(); i++) {
            int id = row.adjustedId(i);
            if (id != first) {
                count = run(id, minP, count, idsOut, keysOut);
            }
        }
        float cut = cut(lowest, count, idsOut, keysOut);
        for (int id = 0; id < row.vocabularySize(); id++) {
            if (row.raw(id) < cut || id == first || row.isAdjusted(id)) {
                continue;
            }
            double worst = keysOut[count - 1];
            int before = count;
            count = run(id, minP, count, idsOut, keysOut);
            if (count != before || keysOut[count - 1] != worst) {
                cut = cut(lowest, count, idsOut, keysOut);
            }
        }
        return count;
    }

    /** No token below this value passes top-k, top-p and min-p. */
    private double lowestValue(double minP) {
        double byMinP = minP == 0 ? Double.NEGATIVE_INFINITY : row.largest() + StrictMath.log(minP) - ROUNDING;
        return Math.max(byMinP, filter.borderValue());
    }

    /** Raw logits below the answer cannot win any more, whatever their noise. */
    private float cut(double lowest, int count, int[] idsOut, double[] keysOut) {
        double needed = count < idsOut.length ? Double.NEGATIVE_INFINITY : keysOut[count - 1] - GumbelNoise.LARGEST;
        return row.rawBelow(Math.max(needed, lowest));
    }

    /** Lets one token run; returns how many are ranked now. */
    private int run(int id, double minP, int count, int[] idsOut, double[] keysOut) {
        double value = row.value(id);
        boolean full = count == idsOut.length;
        if (value == Double.NEGATIVE_INFINITY || !filter.keeps(value, id)) {
            return count;
        }
        int word = noise.word(id);
        if (full && value + GumbelNoise.upperBound(word) < keysOut[count - 1]) {
            return count;
        }
        double key = value + GumbelNoise.noise(word);
        if ((full && !RankHeap.before(key, id, keysOut[count - 1], idsOut[count - 1])) || !passesMinP(value, minP)) {
            return count;
        }
        return insert(key, id, count, idsOut, keysOut);
    }

    private boolean passesMinP(double value, double minP) {
        double below = value - row.largest();
        return minP == 0 || (below >= TokenFilter.NEGLIGIBLE && StrictMath.exp(below) >= minP);
    }

    /** Insertion into the few best; the worst falls out when there is no room. */
    private static int insert(double key, int id, int count, int[] idsOut, double[] keysOut) {
        int place = count;
        if (count == idsOut.length) {
            if (!RankHeap.before(key, id, keysOut[count - 1], idsOut[count - 1])) {
                return count;
            }
            place--;
        }
        int newCount = place + 1;
        while (place > 0 && RankHeap.before(key, id, keysOut[place - 1], idsOut[place - 1])) {
            keysOut[place] = keysOut[place - 1];
            idsOut[place] = idsOut[place - 1];
            place--;
        }
        keysOut[place] = key;
        idsOut[place] = id;
        return newCount;
    }
}
