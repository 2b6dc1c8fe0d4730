package dev.foretoken.transport.stream;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One verified token as a reader sees it.
 *
 * @param id token id
 * @param text what this token releases: complete characters only, nothing that may become a stop string; may be empty. The
 *     texts of all tokens concatenate to the answer's text.
 * @param step the verify step that emitted it, from 0; tokens of one step are one accepted block
 * @param drafter the first drafter, in the engine's order, that proposed it; null for a bonus token
 * @param proposers every drafter that proposed it
 * @param logprob natural log-softmax of the raw logits; null unless the request asked for log-probabilities
 * @param top the best alternatives, descending; empty unless asked for
 */
public record GeneratedToken(
        int id,
        String text,
        int step,
        @Nullable String drafter,
        List<String> proposers,
        @Nullable Double logprob,
        List<TokenLogprob> top) {

    /** One alternative: token id and natural log-probability. */
    public record TokenLogprob(int id, double logprob) {}
}
