package dev.foretoken.transport.stream;

import dev.foretoken.engine.tokenizer.Vocabulary;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Turns tokens into the text that may be shown: the bytes of all tokens so far, cut where the verifier said. */
final class TextRelease {
    private final Vocabulary vocabulary;
    private byte[] held = new byte[64];
    private int heldCount;
    private int released;

    TextRelease(Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
    }

    /**
     * Adds a token and returns the text it releases.
     *
     * @param releasedBytes bytes of the whole answer that may be shown now; always between whole characters
     */
    String add(int token, int releasedBytes) {
        byte[] bytes = vocabulary.bytes(token);
        if (heldCount + bytes.length > held.length) {
            held = Arrays.copyOf(held, Math.max(held.length * 2, heldCount + bytes.length));
        }
        System.arraycopy(bytes, 0, held, heldCount, bytes.length);
        heldCount += bytes.length;
        int count = Math.min(releasedBytes - released, heldCount);
        if (count <= 0) {
            return "";
        }
        String text = new String(held, 0, count, StandardCharsets.UTF_8);
        System.arraycopy(held, count, held, 0, heldCount - count);
        heldCount -= count;
        released += count;
        return text;
    }
}
