package dev.foretoken.engine.draft;

import dev.foretoken.engine.sampling.SamplingParameters;
import dev.foretoken.engine.tokenizer.Vocabulary;

/**
 * What a drafter knows when a session begins.
 *
 * @param sessionId unique within the engine's life
 * @param text prompt so far; the same object is later passed to {@code propose} (or a view of it)
 * @param sampling completely resolved, seed included: a drafter with a distribution proposes with the same noise
 * @param vocabulary the target's
 * @param tokensMax the session will never hold more tokens than this
 */
public record DraftStart(
        long sessionId, DraftText text, SamplingParameters sampling, Vocabulary vocabulary, int tokensMax) {}
