package dev.foretoken.drafters.testing;

import dev.foretoken.engine.tokenizer.Vocabulary;
import java.nio.charset.StandardCharsets;

/**
 * A vocabulary for tests: token n is the text "n ", the last one ends a generation.
 *
 * @param size number of tokens
 */
public record NumberedVocabulary(int size) implements Vocabulary {
    @Override
    public byte[] bytes(int token) {
        return isControl(token) ? new byte[0] : (token + " ").getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String piece(int token) {
        return token + " ";
    }

    @Override
    public boolean isControl(int token) {
        return isEnd(token);
    }

    @Override
    public boolean isEnd(int token) {
        return token == size - 1;
    }

    @Override
    public long fingerprint() {
        return size;
    }
}
