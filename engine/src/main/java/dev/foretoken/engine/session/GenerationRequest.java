package dev.foretoken.engine.session;

import dev.foretoken.engine.chat.ChatMessage;
import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.kv.CacheTenant;
import dev.foretoken.engine.sampling.SamplingParameters;
import dev.foretoken.engine.tree.TokenTree;
import dev.foretoken.engine.verify.StepVerdict;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One request, immutable; the withers return changed copies. What is null is left to the model file's
 * {@code general.sampling.*} metadata, else temperature 0.8 and top-p 0.95.
 *
 * @param maxTokens most tokens to emit, the end token included
 * @param seed null: drawn once, reported and journaled
 * @param stop the answer ends before the first of these strings; at most {@link #STOP_STRINGS_MAX}, together at most
 *     {@link #STOP_CHARS_MAX} characters
 * @param logprobs alternatives to report per token, 0 to {@link StepVerdict#TOP_MAX}; null: no log-probabilities
 * @param treeSize fixed tree size of every step, root included (1 = plain decoding); null: the controller decides
 * @param cacheTenant whose cached prompt prefixes the request may use and add to; changes the time, never a token
 */
public record GenerationRequest(
        Prompt prompt,
        int maxTokens,
        @Nullable Double temperature,
        @Nullable Integer topK,
        @Nullable Double topP,
        @Nullable Double minP,
        @Nullable Double repetitionPenalty,
        @Nullable Double presencePenalty,
        @Nullable Double frequencyPenalty,
        Map<Integer, Double> logitBias,
        @Nullable Long seed,
        List<String> stop,
        @Nullable Integer logprobs,
        @Nullable Integer treeSize,
        CacheTenant cacheTenant) {

    public static final int MAX_TOKENS_DEFAULT = 256;

    public static final int STOP_STRINGS_MAX = 64;

    /** UTF-16 units of all stop strings together. */
    public static final int STOP_CHARS_MAX = 1 << 16;

    public GenerationRequest {
        check(maxTokens >= 1, "max tokens", maxTokens, "1 or more");
        check(
                logprobs == null || (logprobs >= 0 && logprobs <= StepVerdict.TOP_MAX),
                "logprobs",
                logprobs,
                "0 to " + StepVerdict.TOP_MAX);
        check(
                treeSize == null || (treeSize >= 1 && treeSize <= TokenTree.NODES_MAX),
                "tree size",
                treeSize,
                "1 (plain decoding) to %d, the root included".formatted(TokenTree.NODES_MAX));
        logitBias = java.util.Collections.unmodifiableMap(new TreeMap<>(logitBias));
        stop = List.copyOf(stop);
        checkStop(stop);
    }

    private static void checkStop(List<String> strings) {
        check(
                strings.size() <= STOP_STRINGS_MAX,
                "number of stop strings",
                strings.size(),
                "at most %d: leave some out".formatted(STOP_STRINGS_MAX));
        long chars = 0;
        for (String text : strings) {
            check(!text.isEmpty(), "stop string", "empty", "at least one character");
            if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
                throw new InvalidInputException(
                        "a stop string holds half of a surrogate pair, expected whole Unicode characters; repair it");
            }
            chars += text.length();
        }
        check(
                chars <= STOP_CHARS_MAX,
                "length of all stop strings",
                chars,
                "at most %d characters: shorten them".formatted(STOP_CHARS_MAX));
    }

    private static void check(boolean valid, String name, @Nullable Object value, String expected) {
        if (!valid) {
            throw new InvalidInputException("%s is %s, expected %s".formatted(name, value, expected));
        }
    }

    public static GenerationRequest of(Prompt prompt) {
        return new GenerationRequest(
                prompt,
                MAX_TOKENS_DEFAULT,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                Map.of(),
                null,
                List.of(),
                null,
                null,
                CacheTenant.SHARED);
    }

    /** Continues a text as it is. */
    public static GenerationRequest raw(String text) {
        return of(new Prompt.Raw(text, false));
    }

    /** Answers one user message through the model's chat template. */
    public static GenerationRequest chat(String userMessage) {
        return chat(List.of(new ChatMessage("user", userMessage)));
    }

    /** Answers a conversation through the model's chat template. */
    public static GenerationRequest chat(List<ChatMessage> messages) {
        return of(new Prompt.Chat(messages));
    }

    public GenerationRequest maxTokens(int tokens) {
        return with(copy -> copy.maxTokens = tokens);
    }

    /** 0 = greedy. */
    public GenerationRequest temperature(double value) {
        return with(copy -> copy.temperature = value);
    }

    public GenerationRequest topK(int value) {
        return with(copy -> copy.topK = value);
    }

    public GenerationRequest topP(double value) {
        return with(copy -> copy.topP = value);
    }

    public GenerationRequest minP(double value) {
        return with(copy -> copy.minP = value);
    }

    /** Repetition (1 = off), presence and frequency penalties (0 = off). */
    public GenerationRequest penalties(double repetition, double presence, double frequency) {
        return with(copy -> {
            copy.repetitionPenalty = repetition;
            copy.presencePenalty = presence;
            copy.frequencyPenalty = frequency;
        });
    }

    public GenerationRequest logitBias(Map<Integer, Double> biasById) {
        return with(copy -> copy.logitBias = biasById);
    }

    /** All 64 bits count; the same request and seed give the same tokens. */
    public GenerationRequest seed(long value) {
        return with(copy -> copy.seed = value);
    }

    public GenerationRequest stop(List<String> strings) {
        return with(copy -> copy.stop = strings);
    }

    /** Reports log-probabilities and so many alternatives per token. */
    public GenerationRequest logprobs(int alternatives) {
        return with(copy -> copy.logprobs = alternatives);
    }

    /** Fixes every step's tree size, root included, and switches the controller off; 1 = plain decoding. */
    public GenerationRequest treeSize(int nodes) {
        return with(copy -> copy.treeSize = nodes);
    }

    /**
     * Shares cached prompt prefixes only with requests of the same key, e.g. those of one user; without a key, with all
     * requests that have none. The key is neither printed nor traced.
     */
    public GenerationRequest cacheTenant(String key) {
        return with(copy -> copy.cacheTenant = new CacheTenant(key));
    }

    private GenerationRequest with(Consumer<Copy> change) {
        Copy copy = new Copy(this);
        change.accept(copy);
        return copy.checked();
    }

    /** The components while one of them changes. */
    private static final class Copy {
        private final Prompt prompt;
        private int maxTokens;
        private @Nullable Double temperature;
        private @Nullable Integer topK;
        private @Nullable Double topP;
        private @Nullable Double minP;
        private @Nullable Double repetitionPenalty;
        private @Nullable Double presencePenalty;
        private @Nullable Double frequencyPenalty;
        private Map<Integer, Double> logitBias;
        private @Nullable Long seed;
        private List<String> stop;
        private @Nullable Integer logprobs;
        private @Nullable Integer treeSize;
        private CacheTenant cacheTenant;

        private Copy(GenerationRequest from) {
            prompt = from.prompt;
            maxTokens = from.maxTokens;
            temperature = from.temperature;
            topK = from.topK;
            topP = from.topP;
            minP = from.minP;
            repetitionPenalty = from.repetitionPenalty;
            presencePenalty = from.presencePenalty;
            frequencyPenalty = from.frequencyPenalty;
            logitBias = from.logitBias;
            seed = from.seed;
            stop = from.stop;
            logprobs = from.logprobs;
            treeSize = from.treeSize;
            cacheTenant = from.cacheTenant;
        }

        private GenerationRequest checked() {
            return new GenerationRequest(
                    prompt,
                    maxTokens,
                    temperature,
                    topK,
                    topP,
                    minP,
                    repetitionPenalty,
                    presencePenalty,
                    frequencyPenalty,
                    logitBias,
                    seed,
                    stop,
                    logprobs,
                    treeSize,
                    cacheTenant);
        }
    }

    /** This request's sampling on top of the model's defaults, with the given seed. */
    public SamplingParameters resolve(SamplingDefaults defaults, long resolvedSeed) {
        return new SamplingParameters(
                temperature != null ? temperature : defaults.temperature(),
                topK != null ? topK : defaults.topK(),
                topP != null ? topP : defaults.topP(),
                minP != null ? minP : defaults.minP(),
                repetitionPenalty != null ? repetitionPenalty : defaults.repetitionPenalty(),
                presencePenalty != null ? presencePenalty : 0,
                frequencyPenalty != null ? frequencyPenalty : 0,
                logitBias,
                resolvedSeed);
    }
}
