package dev.foretoken.engine.tokenizer;

/**
 * The words of {@code (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,k}| ?[^\s\p{L}\p{N}]+[\r\n]*|}
 * {@code \s*[\r\n]+|\s+(?!\S)|\s+}.
 * <p>Source: the tokenizer files of Llama 3 (k = 3) and Qwen2 (k = 1).
 *
 * @param digitsMax k, the longest run of numbers that is one word
 */
record LlamaPreTokenizer(int digitsMax) implements PreTokenizer {
    private static final int LONG_S = 0x17F; // folds to s, so the case-insensitive definition takes it

    @Override
    public int wordEnd(int[] text, int start) {
        int contraction = contractionLength(text, start);
        if (contraction > 0) {
            return start + contraction;
        }
        int first = text[start];
        if (CodePoints.isLetter(first)) {
            return Runs.lettersEnd(text, start);
        }
        if (CodePoints.isNumber(first)) {
            return Runs.numbersEnd(text, start, digitsMax);
        }
        boolean hasNext = start + 1 < text.length;
        if (!CodePoints.isNewline(first) && hasNext && CodePoints.isLetter(text[start + 1])) {
            return Runs.lettersEnd(text, start + 1);
        }
        int symbol = first == ' ' && hasNext ? start + 1 : start;
        if (CodePoints.isOther(text[symbol])) {
            return Runs.newlinesEnd(text, Runs.othersEnd(text, symbol));
        }
        return spacesEnd(text, start);
    }

    private static int spacesEnd(int[] text, int start) {
        int end = Runs.spacesEnd(text, start);
        for (int i = end - 1; i >= start; i--) {
            if (CodePoints.isNewline(text[i])) {
                return i + 1;
            }
        }
        return end == text.length || end - start == 1 ? end : end - 1;
    }

    private static int contractionLength(int[] text, int start) {
        if (text[start] != '\'' || start + 1 >= text.length) {
            return 0;
        }
        int second = start + 2 < text.length ? text[start + 2] : -1;
        return switch (text[start + 1]) {
            case 's', 'S', LONG_S, 't', 'T', 'm', 'M', 'd', 'D' -> 2;
            case 'r', 'R', 'v', 'V' -> second == 'e' || second == 'E' ? 3 : 0;
            case 'l', 'L' -> second == 'l' || second == 'L' ? 3 : 0;
            default -> 0;
        };
    }
}
