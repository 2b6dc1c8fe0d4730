package dev.foretoken.benchmarks;

import dev.foretoken.engine.tokenizer.Vocabulary;
import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;

/** The vocabulary of {@link FreeVerifier}: token n is the text {@code "n "}. */
final class CountingVocabulary implements Vocabulary {
    static final int SIZE = 101;

    private static final byte[][] BYTES = IntStream.range(0, SIZE)
            .mapToObj(token -> (token + " ").getBytes(StandardCharsets.UTF_8))
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
        return token + " ";
    }

    @Override
    public boolean isControl(int token) {
        return false;
    }

    @Override
    public boolean isEnd(int token) {
        return false;
    }

    @Override
    public long fingerprint() {
        return SIZE;
    }
}
