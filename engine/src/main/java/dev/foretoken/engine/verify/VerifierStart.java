package dev.foretoken.engine.verify;

import dev.foretoken.engine.sampling.SamplingParameters;

/**
 * What the verifier needs to know of a session.
 *
 * @param prompt token ids, at least one; read only
 * @param sampling completely resolved
 * @param topCount how many of the best tokens each row reports with their logits, {@link StepVerdict#TOP_IDS} to
 *     {@link StepVerdict#TOP_MAX}
 * @param tokensMax the session never holds more tokens
 */
public record VerifierStart(int[] prompt, SamplingParameters sampling, int topCount, int tokensMax) {}
