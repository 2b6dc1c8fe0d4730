package dev.foretoken.engine.tokenizer;

/** One way of turning plain text into tokens. Immutable, thread-safe. */
interface TextEncoder {
    /**
     * Appends the tokens of a non-empty text in which nothing is special.
     *
     * @param atBoundary true at the start of the input and after a special token
     */
    void encode(String text, boolean atBoundary, IntList tokensOut);
}
