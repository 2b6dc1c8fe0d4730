package dev.foretoken.engine.testing;

import dev.foretoken.engine.tokenizer.Vocabulary;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A vocabulary given by its tokens' bytes. A token without bytes is a control token; token 0 is the end token. */
public final class TestVocabulary implements Vocabulary {
    public static final int END = 0;

    private final byte[][] bytes;

    private TestVocabulary(byte[][] bytes) {
        this.bytes = bytes;
    }

    /** Token 0 ends; token i + 1 has text i. */
    public static TestVocabulary ofTexts(String... texts) {
        byte[][] bytes = new byte[texts.length + 1][];
        bytes[END] = new byte[0];
        for (int i = 0; i < texts.length; i++) {
            bytes[i + 1] = texts[i].getBytes(StandardCharsets.UTF_8);
        }
        return new TestVocabulary(bytes);
    }

    /** Token 0 ends; token i + 1 has chunk i. */
    public static TestVocabulary ofBytes(byte[]... chunks) {
        byte[][] bytes = new byte[chunks.length + 1][];
        bytes[END] = new byte[0];
        System.arraycopy(chunks, 0, bytes, 1, chunks.length);
        return new TestVocabulary(bytes);
    }

    @Override
    public int size() {
        return bytes.length;
    }

    @Override
    public byte[] bytes(int token) {
        return bytes[token];
    }

    @Override
    public String piece(int token) {
        return new String(bytes[token], StandardCharsets.UTF_8);
    }

    @Override
    public boolean isControl(int token) {
        return bytes[token].length == 0;
    }

    @Override
    public boolean isEnd(int token) {
        return token == END;
    }

    @Override
    public long fingerprint() {
        return Arrays.deepHashCode(bytes);
    }
}
