package dev.foretoken.engine.draft;

/**
 * The verified text of one session as its drafters see it: prompt, output, and the pending token last. Append-only, so a
 * reader on another thread that was told a length may read every token below it.
 */
public final class DraftText {
    private final int[] tokens;
    private final int promptLength;
    private int length;

    /** @param tokensMax the session's largest length: context, or prompt + max tokens if that is less */
    public DraftText(int[] prompt, int tokensMax) {
        tokens = new int[Math.max(tokensMax, prompt.length)];
        System.arraycopy(prompt, 0, tokens, 0, prompt.length);
        promptLength = prompt.length;
        length = prompt.length;
    }

    private DraftText(int[] tokens, int promptLength, int length) {
        this.tokens = tokens;
        this.promptLength = promptLength;
        this.length = length;
    }

    /** A view of the same tokens with a length of its own, for a reader on another thread. */
    public DraftText viewOf(int viewLength) {
        return new DraftText(tokens, promptLength, viewLength);
    }

    /** Sets the length of a view made by {@link #viewOf}; the tokens below must have been published to this thread. */
    public void lengthOfView(int viewLength) {
        length = viewLength;
    }

    public void append(int token) {
        tokens[length++] = token;
    }

    public int token(int index) {
        assert index >= 0 && index < length : "index=" + index + " length=" + length;
        return tokens[index];
    }

    /** Number of tokens, the pending one included; it is also the absolute position of the root's children. */
    public int length() {
        return length;
    }

    public int promptLength() {
        return promptLength;
    }

    public int pendingToken() {
        return tokens[length - 1];
    }
}
