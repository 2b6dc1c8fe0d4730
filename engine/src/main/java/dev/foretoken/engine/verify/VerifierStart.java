package dev.foretoken.engine.verify;

import dev.foretoken.engine.kv.CacheTenant;
import dev.foretoken.engine.sampling.SamplingParameters;
import org.jspecify.annotations.Nullable;

/**
 * What the verifier needs to know of a session.
 *
 * @param prompt token ids, at least one; read only
 * @param sampling completely resolved
 * @param topCount how many of the best tokens each row reports with their logits, {@link StepVerdict#TOP_IDS} to
 *     {@link StepVerdict#TOP_MAX}
 * @param tokensMax the session never holds more tokens
 * @param cacheTenant whose cached prefixes it may read and add to, where the verifier has a prefix cache; null: nobody's, all
 *     of the prompt is computed
 */
public record VerifierStart(
        int[] prompt,
        SamplingParameters sampling,
        int topCount,
        int tokensMax,
        @Nullable CacheTenant cacheTenant) {

    /** A session that shares nothing. */
    public VerifierStart(int[] prompt, SamplingParameters sampling, int topCount, int tokensMax) {
        this(prompt, sampling, topCount, tokensMax, null);
    }
}
