package dev.foretoken.transport.chat;

import java.util.List;

/** Cuts the inside of a Jinja tag into words, strings, white space and single symbols; nothing is lost or changed. */
final class ExpressionTokens {
    private ExpressionTokens() {}

    /**
     * Reads until the tag closes with {@code %}} or, outside nested braces, {@code }}}.
     *
     * @return the index behind the closing symbol, -1 if there is none
     */
    static int read(String text, int from, char closing, List<String> tokensOut) {
        int braces = 0;
        for (int at = from; at < text.length(); ) {
            char c = text.charAt(at);
            if (c == closing && braces == 0 && text.startsWith("}", at + 1)) {
                return at + 2;
            }
            int end = tokenEnd(text, at);
            if (end < 0) {
                return -1;
            }
            braces += c == '{' ? 1 : c == '}' ? -1 : 0;
            tokensOut.add(text.substring(at, end));
            at = end;
        }
        return -1;
    }

    private static int tokenEnd(String text, int at) {
        char c = text.charAt(at);
        if (c == '\'' || c == '"') {
            return stringEnd(text, at);
        }
        int end = at + 1;
        if (Character.isWhitespace(c)) {
            while (end < text.length() && Character.isWhitespace(text.charAt(end))) {
                end++;
            }
        } else if (Character.isJavaIdentifierPart(c)) {
            while (end < text.length() && Character.isJavaIdentifierPart(text.charAt(end))) {
                end++;
            }
        } else if ("=!<>".indexOf(c) >= 0 && text.startsWith("=", end)) {
            end++; // a comparison, which is no assignment
        }
        return end;
    }

    private static int stringEnd(String text, int at) {
        char quote = text.charAt(at);
        for (int i = at + 1; i < text.length(); i++) {
            if (text.charAt(i) == '\\') {
                i++;
            } else if (text.charAt(i) == quote) {
                return i + 1;
            }
        }
        return -1;
    }
}
