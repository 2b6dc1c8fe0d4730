package dev.foretoken.engine.sampling;

import java.util.Arrays;

/**
 * What top-k and top-p leave of a row: every token up to and including a border in the order (value descending, id
 * ascending). The border is found without sorting the vocabulary. For top-p an approximate pass with a proven error bound
 * finds it; only where the bound cannot decide (about once in thousands of rows) is the sum formed exactly as the rule
 * writes it, so the border is always the rule's. Reused; not thread-safe.
 */
final class TokenFilter {
    /** Values further below the largest have weight 0. */
    static final double NEGLIGIBLE = -40;

    private static final int BINS_PER_UNIT = 32;
    private static final int BINS = 40 * BINS_PER_UNIT + 1;
    /** So few tokens are summed exactly at once: that is as fast as the approximation. */
    private static final int EXACT_MAX = 2048;

    private final RankHeap worstFirst;
    private final RankHeap bestFirst;
    private final double[] binMass = new double[BINS];
    private double borderValue;
    private int borderId;
    private int exactSums;

    TokenFilter(int vocabularySize) {
        worstFirst = new RankHeap(false, vocabularySize);
        bestFirst = new RankHeap(true, vocabularySize);
    }

    void find(AdjustedLogits row, SamplingParameters parameters) {
        borderValue = Double.NEGATIVE_INFINITY;
        borderId = Integer.MAX_VALUE;
        int kept = row.vocabularySize();
        if (parameters.topK() > 0 && parameters.topK() < kept) {
            kept = parameters.topK();
            applyTopK(row, kept);
        }
        if (parameters.topP() < 1 && (kept <= EXACT_MAX || !tryTopP(row, parameters.topP()))) {
            applyTopPExactly(row, parameters.topP());
        }
    }

    boolean keeps(double value, int id) {
        return value > borderValue || (value == borderValue && id <= borderId);
    }

    double borderValue() {
        return borderValue;
    }

    /** How often the approximate pass could not decide; for tests. */
    int exactSums() {
        return exactSums;
    }

    private void applyTopK(AdjustedLogits row, int topK) {
        worstFirst.clear();
        for (int i = 0; i < row.adjustedCount(); i++) {
            offer(row.value(row.adjustedId(i)), row.adjustedId(i), topK);
        }
        float cut = Float.NEGATIVE_INFINITY;
        for (int id = 0; id < row.vocabularySize(); id++) {
            if (row.raw(id) >= cut && !row.isAdjusted(id) && offer(row.value(id), id, topK)) {
                cut = row.rawBelow(worstFirst.rootValue());
            }
        }
        borderValue = worstFirst.rootValue();
        borderId = worstFirst.rootId();
    }

    /** Returns true if the heap is full and its worst pair has changed. */
    private boolean offer(double value, int id, int topK) {
        if (worstFirst.size() < topK) {
            worstFirst.push(value, id);
            return worstFirst.size() == topK;
        }
        if (!RankHeap.before(value, id, worstFirst.rootValue(), worstFirst.rootId())) {
            return false;
        }
        worstFirst.replaceRoot(value, id);
        return true;
    }

    /** The rule as written: weights by StrictMath in id order, the shortest prefix whose sum reaches topP * total. */
    private void applyTopPExactly(AdjustedLogits row, double topP) {
        exactSums++;
        double largest = row.largest();
        float cut = row.rawBelow(Math.max(borderValue, largest + NEGLIGIBLE - 1));
        double total = 0;
        bestFirst.clear();
        for (int id = 0; id < row.vocabularySize(); id++) {
            if (row.raw(id) < cut && !row.isAdjusted(id)) {
                continue;
            }
            double value = row.value(id);
            if (value - largest >= NEGLIGIBLE && keeps(value, id)) {
                total += StrictMath.exp(value - largest);
                bestFirst.append(value, id);
            }
        }
        bestFirst.order();
        double target = topP * total;
        double sum = 0;
        while (bestFirst.size() > 0) {
            sum += StrictMath.exp(bestFirst.rootValue() - largest);
            if (sum >= target) {
                borderValue = bestFirst.rootValue();
                borderId = bestFirst.rootId();
                return;
            }
            bestFirst.removeRoot();
        }
        // Rounding kept the ordered sum below the target: the prefix is everything that was kept so far.
    }

    /**
     * Finds the border from approximate sums.
     *
     * @return false, with the border unchanged, if a decision lies within the error bound
     */
    private boolean tryTopP(AdjustedLogits row, double topP) {
        double total = fillBins(row);
        double target = topP * total;
        double tolerance = total * (4 * FastExp.RELATIVE_ERROR + 8 * row.vocabularySize() * 0x1p-53);
        int bin = 0;
        double sum = 0;
        while (bin < BINS && sum + binMass[bin] < target - tolerance) {
            sum += binMass[bin++];
        }
        if (bin == BINS || sum > target - tolerance) {
            return false;
        }
        collectBin(row, bin);
        while (bestFirst.size() > 0) {
            sum += FastExp.exp(bestFirst.rootValue() - row.largest());
            if (sum > target + tolerance) {
                borderValue = bestFirst.rootValue();
                borderId = bestFirst.rootId();
                return true;
            }
            if (sum > target - tolerance) {
                return false;
            }
            bestFirst.removeRoot();
        }
        return false;
    }

    private double fillBins(AdjustedLogits row) {
        Arrays.fill(binMass, 0);
        double largest = row.largest();
        float cut = row.rawBelow(Math.max(borderValue, largest + NEGLIGIBLE - 1));
        double total = 0;
        for (int id = 0; id < row.vocabularySize(); id++) {
            if (row.raw(id) < cut && !row.isAdjusted(id)) {
                continue;
            }
            double value = row.value(id);
            double below = value - largest;
            if (below >= NEGLIGIBLE && keeps(value, id)) {
                double weight = FastExp.exp(below);
                binMass[binOf(below)] += weight;
                total += weight;
            }
        }
        return total;
    }

    private void collectBin(AdjustedLogits row, int bin) {
        double largest = row.largest();
        float cut = row.rawBelow(largest - (double) (bin + 1) / BINS_PER_UNIT - 0.001);
        bestFirst.clear();
        for (int id = 0; id < row.vocabularySize(); id++) {
            if (row.raw(id) < cut && !row.isAdjusted(id)) {
                continue;
            }
            double value = row.value(id);
            double below = value - largest;
            if (below >= NEGLIGIBLE && binOf(below) == bin && keeps(value, id)) {
                bestFirst.append(value, id);
            }
        }
        bestFirst.order();
    }

    /** Bins descend with the value, so that no token of a bin ranks before one of an earlier bin. */
    private static int binOf(double below) {
        return (int) (-below * BINS_PER_UNIT);
    }
}
