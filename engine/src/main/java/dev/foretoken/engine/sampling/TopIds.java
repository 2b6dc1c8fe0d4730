package dev.foretoken.engine.sampling;

import java.util.Arrays;

/**
 * What a verdict says about a row beside the chosen token: the ids of its largest raw logits, a pure function of the row. Thread-safe: stateless.
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
}
