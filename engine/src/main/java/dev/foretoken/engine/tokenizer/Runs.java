package dev.foretoken.engine.tokenizer;

/** Ends of runs of one character class. */
final class Runs {
    private Runs() {}

    static int lettersEnd(int[] text, int from) {
        int end = from;
        while (end < text.length && CodePoints.isLetter(text[end])) {
            end++;
        }
        return end;
    }

    static int numbersEnd(int[] text, int from, int countMax) {
        int end = from;
        while (end < text.length && end - from < countMax && CodePoints.isNumber(text[end])) {
            end++;
        }
        return end;
    }

    static int othersEnd(int[] text, int from) {
        int end = from;
        while (end < text.length && CodePoints.isOther(text[end])) {
            end++;
        }
        return end;
    }

    static int spacesEnd(int[] text, int from) {
        int end = from;
        while (end < text.length && CodePoints.isSpace(text[end])) {
            end++;
        }
        return end;
    }

    static int newlinesEnd(int[] text, int from) {
        int end = from;
        while (end < text.length && CodePoints.isNewline(text[end])) {
            end++;
        }
        return end;
    }
}
