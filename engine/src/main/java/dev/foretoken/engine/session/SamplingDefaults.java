package dev.foretoken.engine.session;

/** Sampling a model file asks for when the request does not ({@code general.sampling.*}). */
public record SamplingDefaults(double temperature, int topK, double topP, double minP, double repetitionPenalty) {
    /** For files that say nothing. */
    public static final SamplingDefaults STANDARD = new SamplingDefaults(0.8, 0, 0.95, 0, 1);
}
