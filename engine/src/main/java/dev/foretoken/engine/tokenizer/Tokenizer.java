package dev.foretoken.engine.tokenizer;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** Text to tokens, exactly as the model was trained to see it. Immutable, thread-safe. */
public interface Tokenizer {
    Vocabulary vocabulary();

    /**
     * Tokens of a text; adds no begin-of-sequence token.
     *
     * @param parseSpecial true: special tokens written in the text are recognised; false: they are plain characters
     */
    int[] encode(String text, boolean parseSpecial);

    /** Tokens of an input made of plain text and special tokens, as a chat template gives it. */
    int[] encode(List<TextSegment> segments);

    /** Special tokens by their spelling, as they may be written in a text or a chat template. */
    Map<String, Integer> specialTokens();

    /** The token that begins every raw prompt, if the file says that one does ({@code add_bos_token}). */
    OptionalInt beginToken();
}
