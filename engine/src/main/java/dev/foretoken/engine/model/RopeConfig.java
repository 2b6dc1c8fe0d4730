package dev.foretoken.engine.model;

/**
 * Rotary position embedding: pair i of a head turns by {@code position / linearFactor * base^(-2i / headDim) / factor[i]},
 * where factor[i] comes from the tensor {@code rope_freqs.weight} of the models that have one (Llama 3.1) and else is 1.
 *
 * @param pairing which elements form a pair
 * @param base of the frequencies, above 0
 * @param linearFactor positions are divided by it; 1 = plain
 * @param hasFactors true if the file has {@code rope_freqs.weight}, one divisor for each pair
 */
public record RopeConfig(RopePairing pairing, double base, double linearFactor, boolean hasFactors) {}
