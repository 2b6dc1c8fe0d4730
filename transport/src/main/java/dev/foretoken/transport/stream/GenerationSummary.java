package dev.foretoken.transport.stream;

import dev.foretoken.engine.session.FinishReason;
import java.util.List;
import java.util.Map;

/**
 * How an answer came about.
 *
 * @param sessionId unique within the engine's life
 * @param tokenIds every emitted token, the end token included
 * @param text the answer, without end token and stop string
 * @param promptTokens the begin token included
 * @param cachedPromptTokens of these, so many were not computed: their keys and values came from the prefix cache
 * @param steps verify steps with a tree of this session; prefill-only forwards do not count
 * @param seed as used, to be read as unsigned
 * @param prefillMs from subscription until the prompt was in the KV cache
 * @param timeToFirstTokenMs from subscription until the first token was released to the reader
 * @param decodeMs from the end of prefill until the last token
 * @param drafters counts of nodes by drafter name, in the engine's order
 */
public record GenerationSummary(
        long sessionId,
        List<Integer> tokenIds,
        String text,
        int promptTokens,
        int cachedPromptTokens,
        int steps,
        FinishReason finishReason,
        long seed,
        double prefillMs,
        double timeToFirstTokenMs,
        double decodeMs,
        Map<String, DrafterCounts> drafters) {

    /** Nodes a drafter proposed, nodes among them that were accepted, drafts that came too late or failed. */
    public record DrafterCounts(long proposed, long accepted, long missed, long failed) {}

    public int completionTokens() {
        return tokenIds.size();
    }

    /** Emitted tokens per step; plain decoding is 1. */
    public double meanAccepted() {
        return steps == 0 ? 0 : (double) tokenIds.size() / steps;
    }

    /** Emitted tokens per second of decoding, prompt reading not counted. */
    public double tokensPerSecond() {
        return decodeMs <= 0 ? 0 : tokenIds.size() / decodeMs * 1000;
    }
}
