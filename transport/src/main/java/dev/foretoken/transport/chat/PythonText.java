package dev.foretoken.transport.chat;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Python's string methods where they differ from Java's. */
final class PythonText {
    static final int LENGTH_MAX = 1 << 24;

    private PythonText() {}

    static String stripLeading(String text, @Nullable String characters) {
        int from = 0;
        while (from < text.length() && isStripped(text.charAt(from), characters)) {
            from++;
        }
        return text.substring(from);
    }

    static String stripTrailing(String text, @Nullable String characters) {
        int to = text.length();
        while (to > 0 && isStripped(text.charAt(to - 1), characters)) {
            to--;
        }
        return text.substring(0, to);
    }

    static String strip(String text, @Nullable String characters) {
        return stripLeading(stripTrailing(text, characters), characters);
    }

    private static boolean isStripped(char c, @Nullable String characters) {
        return characters == null ? isSpace(c) : characters.indexOf(c) >= 0;
    }

    /** What {@code str.isspace} says. */
    static boolean isSpace(char c) {
        return (c >= 0x9 && c <= 0xD) || (c >= 0x1C && c <= 0x1F) || c == 0x85 || Character.isSpaceChar(c);
    }

    /** Parts between separators; without a separator, words between white space. At most {@code splitsMax} cuts, -1 = all. */
    static List<Object> split(String text, @Nullable String separator, int splitsMax) {
        if (separator == null) {
            return words(text, splitsMax);
        }
        if (separator.isEmpty()) {
            throw new TemplateException("split needs a separator that is not empty");
        }
        List<Object> parts = new ArrayList<>();
        int from = 0;
        for (int at = text.indexOf(separator);
                at >= 0 && parts.size() != splitsMax;
                at = text.indexOf(separator, from)) {
            parts.add(text.substring(from, at));
            from = at + separator.length();
        }
        parts.add(text.substring(from));
        return parts;
    }

    /** Walks by index: cutting each word off a copy of the rest would take quadratic time, which no budget limits. */
    private static List<Object> words(String text, int splitsMax) {
        List<Object> words = new ArrayList<>();
        int from = skip(text, 0, true);
        while (from < text.length() && words.size() != splitsMax) {
            int end = skip(text, from, false);
            words.add(text.substring(from, end));
            from = skip(text, end, true);
        }
        if (from < text.length()) {
            words.add(text.substring(from)); // as Python leaves it, white space at the end included
        }
        return words;
    }

    /** Index behind a run of white space, or of other characters. */
    private static int skip(String text, int from, boolean spaces) {
        int at = from;
        while (at < text.length() && isSpace(text.charAt(at)) == spaces) {
            at++;
        }
        return at;
    }

    /** Like {@link #split}, but cutting from the right. */
    static List<Object> splitFromRight(String text, String separator, int splitsMax) {
        List<Object> parts = split(text, separator, -1);
        if (splitsMax < 0 || parts.size() <= splitsMax + 1) {
            return parts;
        }
        int head = parts.size() - splitsMax;
        List<Object> result = new ArrayList<>();
        result.add(String.join(
                separator, parts.subList(0, head).stream().map(String::valueOf).toList()));
        result.addAll(parts.subList(head, parts.size()));
        return result;
    }

    /** @throws TemplateException if the result is too long */
    static String replace(String text, String old, String replacement) {
        long count = old.isEmpty() ? text.length() + 1L : split(text, old, -1).size() - 1L;
        checkLength(text.length() + count * (replacement.length() - old.length()));
        return text.replace(old, replacement);
    }

    /** @throws TemplateException if the result is too long */
    static String join(String separator, List<String> parts) {
        checkLength(parts.stream().mapToLong(String::length).sum() + (long) separator.length() * parts.size());
        return String.join(separator, parts);
    }

    private static void checkLength(long length) {
        if (length > LENGTH_MAX) {
            throw new TemplateException(
                    "it makes a text of %d characters, expected at most %d".formatted(length, LENGTH_MAX));
        }
    }

    static String title(String text) {
        StringBuilder result = new StringBuilder();
        boolean inWord = false;
        for (char c : text.toCharArray()) {
            result.append(inWord ? Character.toLowerCase(c) : Character.toTitleCase(c));
            inWord = Character.isLetter(c);
        }
        return result.toString();
    }

    static String capitalize(String text) {
        return text.isEmpty()
                ? text
                : text.substring(0, 1).toUpperCase(java.util.Locale.ROOT)
                        + text.substring(1).toLowerCase(java.util.Locale.ROOT);
    }
}
