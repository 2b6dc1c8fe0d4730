package dev.foretoken.engine.tokenizer;

/**
 * Cuts text into the words inside which byte pairs are merged. Implementations look at each code point a bounded number
 * of times, whatever the text, and keep no state.
 */
interface PreTokenizer {
    /** The end, above {@code start}, of the word that begins at {@code start}; start is below codePoints.length. */
    int wordEnd(int[] codePoints, int start);
}
