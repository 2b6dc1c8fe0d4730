package dev.foretoken.engine.sampling;

import dev.foretoken.engine.error.InvalidInputException;
import java.util.Map;
import java.util.TreeMap;

/**
 * How the target's token is chosen from its logits, completely resolved: the choice is a pure function of these values,
 * the logits, the tokens before and the position. Immutable.
 *
 * @param temperature 0 (greedy) or at least 0.001
 * @param topK how many of the most probable tokens stay; 0 = off
 * @param topP the smallest prefix by descending probability whose sum reaches this stays; 1 = off
 * @param minP tokens below this share of the most probable one go; 0 = off
 * @param repetitionPenalty divides positive and multiplies negative logits of tokens seen before; 1 = off
 * @param presencePenalty subtracted from the logit of every token already in the output; 0 = off
 * @param frequencyPenalty subtracted once per occurrence in the output; 0 = off
 * @param logitBias added to the raw logits, by token id; from -1000000, which bans a token, to 1000000
 * @param seed all 64 bits count (0 to 2^64 - 1, as unsigned)
 */
public record SamplingParameters(
        double temperature,
        int topK,
        double topP,
        double minP,
        double repetitionPenalty,
        double presencePenalty,
        double frequencyPenalty,
        Map<Integer, Double> logitBias,
        long seed) {

    /** Plain argmax of the raw logits. */
    public static final SamplingParameters GREEDY = new SamplingParameters(0, 0, 1, 0, 1, 0, 0, Map.of(), 0);

    private static final double TEMPERATURE_MIN = 0.001;

    public SamplingParameters {
        check(
                temperature == 0 || (temperature >= TEMPERATURE_MIN && temperature <= 100),
                "temperature",
                temperature,
                "0 (greedy) or a number from 0.001 to 100");
        check(topK >= 0, "top-k", topK, "0 (off) or more");
        check(topP > 0 && topP <= 1, "top-p", topP, "above 0 and at most 1 (off)");
        check(minP >= 0 && minP <= 1, "min-p", minP, "from 0 (off) to 1");
        check(
                repetitionPenalty > 0 && repetitionPenalty <= 100,
                "repetition penalty",
                repetitionPenalty,
                "above 0 and at most 100 (1 = off)");
        check(Math.abs(presencePenalty) <= 100, "presence penalty", presencePenalty, "from -100 to 100 (0 = off)");
        check(Math.abs(frequencyPenalty) <= 100, "frequency penalty", frequencyPenalty, "from -100 to 100 (0 = off)");
        logitBias = java.util.Collections.unmodifiableMap(new TreeMap<>(logitBias));
        logitBias.forEach((id, bias) -> {
            check(id >= 0, "logit bias token id", id, "0 or more");
            check(Math.abs(bias) <= 1e6, "logit bias of token " + id, bias, "from -1000000 to 1000000");
        });
    }

    private static void check(boolean valid, String name, Number value, String expected) {
        if (!valid) {
            throw new InvalidInputException("%s is %s, expected %s".formatted(name, value, expected));
        }
    }

    public boolean isGreedy() {
        return temperature == 0;
    }

    /** True if a token's logit depends on the tokens before it. */
    public boolean hasPenalties() {
        return repetitionPenalty != 1 || presencePenalty != 0 || frequencyPenalty != 0;
    }
}
