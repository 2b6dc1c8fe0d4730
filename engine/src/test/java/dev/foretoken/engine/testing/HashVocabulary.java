package dev.foretoken.engine.testing;

import dev.foretoken.engine.tokenizer.Vocabulary;
import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;

/** The vocabulary of {@link HashTarget}: token n is the text {@code "n "}, token 0 ends. */
public final class HashVocabulary implements Vocabulary {
    public static final int SIZE = 97;
    public static final int END = 0;

    private static final byte[][] BYTES = IntStream.range(0, SIZE)
            .mapToObj(token -> token == END ? new byte[0] : (token + " ").getBytes(StandardCharsets.UTF_8))
            .toArray(byte[][]::new);

    @Override
    public int size() {
        return SIZE;
    }

    @Override
    public byte[] bytes(int token) {
        return BYTES[token];
    }

    @Override
    public String piece(int token) {
        return token == END ? "<end>" : token + " ";
    }

    @Override
    public boolean isControl(int token) {
        return token == END;
    }

    @Override
    public boolean isEnd(int token) {
        return token == END;
    }

    @Override
    public long fingerprint() {
        return SIZE;
    }
}
