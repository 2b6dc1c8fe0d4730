package dev.foretoken.transport.cli;

import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.kv.CacheTenant;
import dev.foretoken.engine.session.GenerationRequest;
import dev.foretoken.engine.session.Prompt;
import dev.foretoken.engine.session.SamplingDefaults;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How tokens are chosen and when the answer ends. What is not given is left to the model file, see the help texts. */
final class SamplingOptions {
    @Option(
            names = "--max-tokens",
            paramLabel = "N",
            converter = Numbers.Whole.class,
            description = "Most tokens to emit, the end token included (default: ${DEFAULT-VALUE}).")
    int maxTokens = GenerationRequest.MAX_TOKENS_DEFAULT;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            converter = Numbers.Decimal.class,
            description =
                    "0 = always the most probable token; higher = more variety (default: the model file's, else 0.8).")
    @Nullable
    Double temperature;

    @Option(
            names = "--top-k",
            paramLabel = "K",
            converter = Numbers.Whole.class,
            description = "Sample among the K most probable tokens; 0 = off (default: the model file's, else off).")
    @Nullable
    Integer topK;

    @Option(
            names = "--top-p",
            paramLabel = "P",
            converter = Numbers.Decimal.class,
            description =
                    "Sample among the most probable tokens that together reach P; 1 = off (default: the model file's, "
                            + "else 0.95).")
    @Nullable
    Double topP;

    @Option(
            names = "--min-p",
            paramLabel = "P",
            converter = Numbers.Decimal.class,
            description =
                    "Drop tokens below P times the most probable one; 0 = off (default: the model file's, else off).")
    @Nullable
    Double minP;

    @Option(
            names = "--seed",
            paramLabel = "N",
            converter = Numbers.Seed.class,
            description = "0 to 2^64-1; the same seed gives the same tokens, whatever drafts them (default: drawn, and "
                    + "reported).")
    @Nullable
    Long seed;

    @Option(names = "--stop", paramLabel = "TEXT", description = "End before this text; may be given several times.")
    List<String> stop = new ArrayList<>();

    @Option(
            names = "--repetition-penalty",
            paramLabel = "R",
            converter = Numbers.Decimal.class,
            description = "Make every token seen so far less likely; 1 = off (default: the model file's, else off).")
    @Nullable
    Double repetitionPenalty;

    @Option(
            names = "--presence-penalty",
            paramLabel = "V",
            converter = Numbers.Decimal.class,
            description = "Subtract V from the logit of every token in the answer so far (default: off).")
    @Nullable
    Double presencePenalty;

    @Option(
            names = "--frequency-penalty",
            paramLabel = "V",
            converter = Numbers.Decimal.class,
            description = "Subtract V once per occurrence in the answer so far (default: off).")
    @Nullable
    Double frequencyPenalty;

    @Option(
            names = "--logit-bias",
            paramLabel = "ID=V",
            converter = LogitBias.Converter.class,
            description = "Add V to the logit of token ID; -1000000 bans the token; may be given for several tokens.")
    List<LogitBias> logitBias = new ArrayList<>();

    @Option(
            names = "--logprobs",
            paramLabel = "K",
            converter = Numbers.Whole.class,
            description = "With --json: every token's log-probability and the K best alternatives, 0 to 20.")
    @Nullable
    Integer logprobs;

    /**
     * The request these options describe, its numbers checked.
     *
     * @param treeSize null: the controller decides
     * @throws dev.foretoken.engine.error.InvalidInputException if a value is out of its range
     */
    GenerationRequest request(Prompt prompt, @Nullable Integer treeSize) {
        Map<Integer, Double> biases = new TreeMap<>();
        for (LogitBias one : logitBias) {
            Double earlier = biases.put(one.id(), one.bias());
            if (earlier != null) {
                throw new InvalidInputException(
                        "--logit-bias is given twice for token %d (%s and %s), expected one value per token"
                                .formatted(one.id(), earlier, one.bias()));
            }
        }
        GenerationRequest request = new GenerationRequest(
                prompt,
                maxTokens,
                temperature,
                topK,
                topP,
                minP,
                repetitionPenalty,
                presencePenalty,
                frequencyPenalty,
                biases,
                seed,
                stop,
                logprobs,
                treeSize,
                CacheTenant.SHARED);
        request.resolve(SamplingDefaults.STANDARD, 0);
        return request;
    }
}
