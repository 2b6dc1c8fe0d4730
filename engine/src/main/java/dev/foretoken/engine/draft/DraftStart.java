package dev.foretoken.engine.draft;

import dev.foretoken.engine.kv.CacheTenant;
import dev.foretoken.engine.sampling.SamplingParameters;
import dev.foretoken.engine.tokenizer.Vocabulary;
import org.jspecify.annotations.Nullable;

/**
 * What a drafter knows when a session begins.
 *
 * @param sessionId unique within the engine's life
 * @param text prompt so far; the same object is later passed to {@code propose} (or a view of it)
 * @param sampling completely resolved, seed included: a drafter with a distribution proposes with the same noise
 * @param vocabulary the target's
 * @param tokensMax the session will never hold more tokens than this
 * @param cacheTenant whose cached prefixes a drafter with keys and values of its own may read and add to; null: nobody's
 */
public record DraftStart(
        long sessionId,
        DraftText text,
        SamplingParameters sampling,
        Vocabulary vocabulary,
        int tokensMax,
        @Nullable CacheTenant cacheTenant) {

    /** A session that shares nothing. */
    public DraftStart(
            long sessionId, DraftText text, SamplingParameters sampling, Vocabulary vocabulary, int tokensMax) {
        this(sessionId, text, sampling, vocabulary, tokensMax, null);
    }
}
