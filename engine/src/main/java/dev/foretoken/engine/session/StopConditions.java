package dev.foretoken.engine.session;

import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.tokenizer.Vocabulary;
import dev.foretoken.engine.verify.StepVerdict;
import org.jspecify.annotations.Nullable;

/**
 * The ends of one session: end token, stop string, max tokens, full context. Emitted tokens are looked at one by one and
 * the first that meets a condition is the last to stay; where it meets several, {@link FinishReason#STOP} wins over
 * {@link FinishReason#LENGTH}. The context is full when prompt and answer together fill it.
 */
public final class StopConditions implements StepCut {
    private final Vocabulary vocabulary;
    private final StopScanner scanner;
    private final int emittedMax;
    private final int[] released = new int[StepVerdict.EMITTED_MAX];
    private int keptTokens;
    private int emittedTokens;

    private StopConditions(Vocabulary vocabulary, StopScanner scanner, int emittedMax) {
        this.vocabulary = vocabulary;
        this.scanner = scanner;
        this.emittedMax = emittedMax;
    }

    /**
     * @throws InvalidInputException if the prompt leaves no room in the context
     */
    public static void checkRoom(int promptTokens, int contextTokens) {
        if (promptTokens >= contextTokens) {
            throw new InvalidInputException(
                    "the prompt has %d tokens, expected fewer than the %d of the context: shorten it or raise the context size"
                            .formatted(promptTokens, contextTokens));
        }
    }

    /**
     * @throws InvalidInputException as {@link #checkRoom}
     */
    public static StopConditions of(
            GenerationRequest request, Vocabulary vocabulary, int promptTokens, int contextTokens) {
        checkRoom(promptTokens, contextTokens);
        int emittedMax = Math.min(request.maxTokens(), contextTokens - promptTokens);
        return new StopConditions(vocabulary, new StopScanner(vocabulary, request.stop()), emittedMax);
    }

    @Override
    public @Nullable FinishReason apply(StepVerdict verdict) {
        keptTokens = 0;
        FinishReason finish = null;
        while (finish == null && keptTokens < verdict.emittedCount()) {
            finish = take(verdict.emittedToken(keptTokens));
            released[keptTokens++] = scanner.releasedBytes();
        }
        verdict.truncate(keptTokens);
        return finish;
    }

    private @Nullable FinishReason take(int token) {
        emittedTokens++;
        boolean stopped = scanner.accept(token);
        if (stopped || vocabulary.isEnd(token)) {
            scanner.flush();
            return FinishReason.STOP;
        }
        if (emittedTokens >= emittedMax) {
            scanner.flush();
            return FinishReason.LENGTH;
        }
        return null;
    }

    @Override
    public void releasedBytes(int[] bytesOut) {
        System.arraycopy(released, 0, bytesOut, 0, keptTokens);
    }
}
