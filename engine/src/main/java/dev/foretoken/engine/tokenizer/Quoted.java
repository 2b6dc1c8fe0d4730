package dev.foretoken.engine.tokenizer;

/** Text of a file inside a one-line message: short, and without characters that could move a terminal's cursor. */
final class Quoted {
    private static final int SHOWN_MAX = 60;

    private Quoted() {}

    static String of(String text) {
        StringBuilder shown = new StringBuilder("\"");
        text.codePoints().limit(SHOWN_MAX).forEach(c -> {
            int type = Character.getType(c);
            if (Character.isISOControl(c)
                    || type == Character.FORMAT
                    || type == Character.LINE_SEPARATOR
                    || type == Character.PARAGRAPH_SEPARATOR
                    || type == Character.SURROGATE) {
                shown.append("\\u{%x}".formatted(c));
            } else {
                shown.appendCodePoint(c);
            }
        });
        return shown.append(text.codePointCount(0, text.length()) > SHOWN_MAX ? "...\"" : "\"")
                .toString();
    }
}
