package dev.foretoken.engine.sampling;

import java.util.Arrays;

/**
 * What a verdict says about a row beside the chosen token: its largest raw logits and its log-sum-exp. Pure functions of
 * the row, in one fixed order of operations. Thread-safe: stateless.
 */
public final class TopIds {
    private TopIds() {}

    /**
     * Finds the ids of the largest raw logits, descending, lowest ids first among equals. The row has no NaN.
     *
     * @param logits the row starts at {@code offset} and has {@code vocabularySize} logits; read only
     * @param count how many are wanted; what a smaller vocabulary cannot fill is set to -1
     */
    public static void largest(float[] logits, int offset, int vocabularySize, int count, int[] idsOut) {
        int found = 0;
        float worst = Float.NEGATIVE_INFINITY;
        for (int id = 0; id < vocabularySize; id++) {
            float logit = logits[offset + id];
            // Ids ascend, so an equal logit ranks behind those already here.
            if (found == count && !(logit > worst)) {
                continue;
            }
            int place = found < count ? found++ : count - 1;
            while (place > 0 && logit > logits[offset + idsOut[place - 1]]) {
                idsOut[place] = idsOut[place - 1];
                place--;
            }
            idsOut[place] = id;
            worst = logits[offset + idsOut[found - 1]];
        }
        Arrays.fill(idsOut, found, count, -1);
    }

    /**
     * Natural log of the sum of exp over all raw logits of a row: log-softmax is logit - this. Summed in double in id
     * order, relative to the largest.
     */
    public static double logSumExp(float[] logits, int offset, int vocabularySize) {
        float largest = Float.NEGATIVE_INFINITY;
        for (int id = 0; id < vocabularySize; id++) {
            largest = Math.max(largest, logits[offset + id]);
        }
        double sum = 0;
        for (int id = 0; id < vocabularySize; id++) {
            sum += FastExp.exp((double) logits[offset + id] - largest);
        }
        return largest + StrictMath.log(sum);
    }
}
