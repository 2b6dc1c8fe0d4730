package dev.foretoken.engine.sampling;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One row of logits after bias, penalties and temperature. Few ids are ever adjusted, so the row itself stays untouched:
 * an adjusted id has its bit set and its value here, every other id is its raw logit divided by the temperature.
 * Everything from the float32 raw logit on is double. Reused; not thread-safe.
 */
final class AdjustedLogits {
    private final int vocabularySize;
    private final long[] adjustedBits;
    private final double[] adjustedValue;
    private final int[] adjustedId;
    private int adjustedCount;

    private float[] raw = new float[0];
    private int offset;
    private double temperature;
    private double largest;
    private int largestId;

    // The bias of the last session that had one, as arrays: walking a map on every step would allocate.
    private @Nullable Map<Integer, Double> biasSource;
    private int[] biasId = new int[0];
    private double[] biasValue = new double[0];
    private int biasCount;

    AdjustedLogits(int vocabularySize) {
        this.vocabularySize = vocabularySize;
        adjustedBits = new long[(vocabularySize + 63) / 64];
        adjustedValue = new double[vocabularySize];
        adjustedId = new int[vocabularySize];
    }

    /**
     * Takes a row in.
     *
     * @return false if the row has a NaN, a positive infinity or no finite logit at all
     */
    boolean load(float[] logits, int rowOffset, SamplingParameters parameters, TokenCounts counts) {
        raw = logits;
        offset = rowOffset;
        temperature = parameters.isGreedy() ? 1 : parameters.temperature();
        clearAdjusted();
        if (!parameters.logitBias().isEmpty()) {
            addBias(parameters.logitBias());
        }
        if (parameters.hasPenalties()) {
            addPenalties(parameters, counts);
        }
        for (int i = 0; i < adjustedCount; i++) {
            adjustedValue[adjustedId[i]] /= temperature;
        }
        return findLargest();
    }

    private void clearAdjusted() {
        for (int i = 0; i < adjustedCount; i++) {
            adjustedBits[adjustedId[i] >>> 6] = 0;
        }
        adjustedCount = 0;
    }

    private void addBias(Map<Integer, Double> bias) {
        if (bias != biasSource) {
            readBias(bias);
        }
        for (int i = 0; i < biasCount; i++) {
            if (biasId[i] < vocabularySize) {
                adjustedValue[biasId[i]] = adjust(biasId[i]) + biasValue[i];
            }
        }
    }

    private void readBias(Map<Integer, Double> bias) {
        biasCount = 0;
        if (biasId.length < bias.size()) {
            biasId = new int[bias.size()];
            biasValue = new double[bias.size()];
        }
        bias.forEach((id, value) -> {
            biasId[biasCount] = id;
            biasValue[biasCount++] = value;
        });
        biasSource = bias;
    }

    private void addPenalties(SamplingParameters parameters, TokenCounts counts) {
        double repetition = parameters.repetitionPenalty();
        for (int i = 0; i < counts.distinctCount(); i++) {
            int id = counts.distinctId(i);
            if (id >= vocabularySize) {
                continue;
            }
            double value = adjust(id);
            value = value > 0 ? value / repetition : value * repetition;
            int occurrences = counts.outputCount(i);
            if (occurrences > 0) {
                value -= parameters.presencePenalty() + parameters.frequencyPenalty() * occurrences;
            }
            adjustedValue[id] = value;
        }
    }

    /** Marks the id as adjusted and returns its logit so far, not yet divided by the temperature. */
    private double adjust(int id) {
        long bit = 1L << id;
        if ((adjustedBits[id >>> 6] & bit) == 0) {
            adjustedBits[id >>> 6] |= bit;
            adjustedId[adjustedCount++] = id;
            adjustedValue[id] = raw[offset + id];
        }
        return adjustedValue[id];
    }

    private boolean findLargest() {
        float best = Float.NEGATIVE_INFINITY;
        int bestId = -1;
        boolean valid = true;
        for (int id = 0; id < vocabularySize; id++) {
            float logit = raw[offset + id];
            valid &= logit < Float.POSITIVE_INFINITY;
            if (logit > best && !isAdjusted(id)) {
                best = logit;
                bestId = id;
            }
        }
        largest = best / temperature;
        largestId = bestId;
        for (int i = 0; i < adjustedCount; i++) {
            int id = adjustedId[i];
            double value = adjustedValue[id];
            if (value > largest || (value == largest && id < largestId)) {
                largest = value;
                largestId = id;
            }
        }
        return valid && largest > Double.NEGATIVE_INFINITY;
    }

    boolean isAdjusted(int id) {
        return (adjustedBits[id >>> 6] & 1L << id) != 0;
    }

    int adjustedCount() {
        return adjustedCount;
    }

    int adjustedId(int index) {
        return adjustedId[index];
    }

    /** The logit after bias, penalties and temperature. */
    double value(int id) {
        return isAdjusted(id) ? adjustedValue[id] : raw[offset + id] / temperature;
    }

    float raw(int id) {
        return raw[offset + id];
    }

    /** A raw logit below this belongs, unless adjusted, to a value below the given one. */
    float rawBelow(double value) {
        return Math.nextDown((float) (value * temperature));
    }

    int vocabularySize() {
        return vocabularySize;
    }

    double largest() {
        return largest;
    }

    /** The id of the largest value, the lowest one among equals. */
    int largestId() {
        return largestId;
    }
}
