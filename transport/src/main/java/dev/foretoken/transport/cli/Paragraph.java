package dev.foretoken.transport.cli;

/** Breaks a paragraph into lines between its words. */
final class Paragraph {
    private Paragraph() {}

    /**
     * @param text one line
     * @param columns most characters of a line, 0 = any number; a longer word has a line for itself
     */
    static String wrapped(String text, int columns) {
        if (columns == 0 || text.length() <= columns) {
            return text;
        }
        StringBuilder lines = new StringBuilder();
        int length = 0;
        for (String word : text.split(" ")) {
            int wordLength = word.codePointCount(0, word.length());
            if (length > 0) {
                boolean fits = length + 1 + wordLength <= columns;
                lines.append(fits ? " " : System.lineSeparator());
                length = fits ? length + 1 : 0;
            }
            lines.append(word);
            length += wordLength;
        }
        return lines.toString();
    }
}
