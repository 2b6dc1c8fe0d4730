package dev.foretoken.engine.tokenizer;

import java.util.Arrays;

/**
 * Tokens back to text, one after another. The parts it returns, put together, are the text of all tokens' bytes decoded at
 * once: no part ends inside a character, and what can never become one is U+FFFD. Allocates only what it returns. One
 * object per answer; not thread-safe.
 */
public final class StreamingDetokenizer {
    private final Vocabulary vocabulary;
    private final Utf8Decoder decoder = new Utf8Decoder();
    private final Utf8Boundary boundary = new Utf8Boundary();
    private byte[] held = new byte[64]; // bytes [releasedBytes, appendedBytes) of the answer
    private int releasedBytes;
    private int appendedBytes;

    public StreamingDetokenizer(Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
    }

    /** Takes a token and returns all text that is complete now. */
    public String accept(int token) {
        append(token);
        return releaseTo(appendedBytes - boundary.pendingBytes());
    }

    /** Takes a token and holds its text until {@link #releaseTo} or {@link #flush}. */
    public void append(int token) {
        byte[] bytes = vocabulary.bytes(token);
        int heldCount = appendedBytes - releasedBytes;
        if (bytes.length > held.length - heldCount) {
            held = Arrays.copyOf(held, Math.max(held.length * 2, heldCount + bytes.length));
        }
        System.arraycopy(bytes, 0, held, heldCount, bytes.length);
        appendedBytes = Math.addExact(appendedBytes, bytes.length);
        for (byte next : bytes) {
            boundary.accept(next);
        }
    }

    /**
     * Returns the text between what was released before and the first {@code totalBytes} bytes of the answer.
     *
     * @param totalBytes counted from the answer's beginning; not inside a character
     * @throws IllegalArgumentException if so many bytes were not appended, or more were released already
     */
    public String releaseTo(int totalBytes) {
        int count = totalBytes - releasedBytes;
        if (count < 0 || totalBytes > appendedBytes) {
            throw new IllegalArgumentException(
                    "cannot release the answer up to byte %d, expected %d (released) to %d (appended)"
                            .formatted(totalBytes, releasedBytes, appendedBytes));
        }
        if (count == 0) {
            return "";
        }
        String text = decoder.decode(held, count);
        System.arraycopy(held, count, held, 0, appendedBytes - totalBytes);
        releasedBytes = totalBytes;
        return text;
    }

    /** Returns all that is left; an unfinished character becomes one U+FFFD. The next token begins a character. */
    public String flush() {
        boundary.reset();
        return releaseTo(appendedBytes);
    }
}
