package dev.foretoken.engine.tokenizer;

import dev.foretoken.engine.error.InvalidInputException;
import org.jspecify.annotations.Nullable;

/** The pre-tokenizers by the names files give them; several names share one definition. */
final class PreTokenizers {
    private PreTokenizers() {}

    static PreTokenizer named(@Nullable String name) {
        return switch (name) {
            case "gpt-2", "gpt2", "phi-2", "mpt", "olmo", "jais" -> new Gpt2PreTokenizer(false);
            case "smollm", "starcoder", "refact", "command-r", "codeshell" -> new Gpt2PreTokenizer(true);
            case "llama-bpe", "llama3", "llama-v3", "falcon3", "pixtral" -> new LlamaPreTokenizer(3);
            case "qwen2", "deepseek-r1-qwen", "stablelm2" -> new LlamaPreTokenizer(1);
            case null ->
                throw new InvalidInputException(
                        "tokenizer.ggml.pre is missing, expected the name of a pre-tokenizer (gpt-2, llama-bpe, qwen2"
                                + " or smollm); convert the model again");
            default ->
                throw new InvalidInputException(
                        "tokenizer.ggml.pre is %s, expected gpt-2, llama-bpe, qwen2 or smollm; this tokenizer is not supported, use another model"
                                .formatted(Quoted.of(name)));
        };
    }

    /** True for the family in which a word that is a piece is taken whole, and prompts begin with the begin token. */
    static boolean isLlamaFamily(@Nullable String name) {
        return name != null && named(name) instanceof LlamaPreTokenizer(int digitsMax) && digitsMax == 3;
    }
}
