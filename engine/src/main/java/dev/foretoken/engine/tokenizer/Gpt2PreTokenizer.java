package dev.foretoken.engine.tokenizer;

/**
 * The words of {@code 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+}; with single digits,
 * every {@code \p{N}} is first cut out as a word of its own, and what lies between is cut as if it stood alone.
 * <p>Source: Radford et al. 2019 (GPT-2), the published encoder; single digits: SmolLM and StarCoder.
 */
record Gpt2PreTokenizer(boolean singleDigits) implements PreTokenizer {
    @Override
    public int wordEnd(int[] text, int start) {
        if (singleDigits && CodePoints.isNumber(text[start])) {
            return start + 1;
        }
        int contraction = contractionLength(text, start);
        if (contraction > 0) {
            return start + contraction;
        }
        int first = text[start] == ' ' && start + 1 < text.length ? start + 1 : start;
        if (CodePoints.isLetter(text[first])) {
            return Runs.lettersEnd(text, first);
        }
        if (CodePoints.isNumber(text[first])) {
            return singleDigits ? first : Runs.numbersEnd(text, first, Integer.MAX_VALUE);
        }
        if (!CodePoints.isSpace(text[first])) {
            return Runs.othersEnd(text, first);
        }
        return spacesEnd(text, start);
    }

    /** The last white space before a word belongs to the word, unless a digit cut the text there. */
    private int spacesEnd(int[] text, int start) {
        int end = Runs.spacesEnd(text, start);
        boolean endsThere = end == text.length || (singleDigits && CodePoints.isNumber(text[end]));
        return endsThere || end - start == 1 ? end : end - 1;
    }

    private static int contractionLength(int[] text, int start) {
        if (text[start] != '\'' || start + 1 >= text.length) {
            return 0;
        }
        int second = start + 2 < text.length ? text[start + 2] : -1;
        return switch (text[start + 1]) {
            case 's', 't', 'm', 'd' -> 2;
            case 'r', 'v' -> second == 'e' ? 3 : 0;
            case 'l' -> second == 'l' ? 3 : 0;
            default -> 0;
        };
    }
}
