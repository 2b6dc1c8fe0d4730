package dev.foretoken.transport.chat;

import java.util.List;
import java.util.Set;

/**
 * Refuses filters, tests and functions that are not there: the template engine would take some of them for nothing and
 * render a prompt that the model was not trained on.
 */
final class TemplateNames {
    private static final Set<String> TESTS = Set.of(
            "defined",
            "undefined",
            "none",
            "string",
            "mapping",
            "iterable",
            "sequence",
            "number",
            "boolean",
            "integer",
            "float",
            "true",
            "false",
            "even",
            "odd",
            "divisibleby",
            "eq",
            "equalto",
            "ne",
            "gt",
            "greaterthan",
            "lt",
            "lessthan",
            "ge",
            "le",
            "in",
            "lower",
            "upper",
            "sameas");

    private TemplateNames() {}

    /** @param macros functions that the template itself defines */
    static void check(List<String> tokens, Set<String> macros) {
        for (int i = 0; i < tokens.size(); i++) {
            String token = tokens.get(i);
            if (token.equals("|")) {
                require(TemplateLibrary.FILTERS.contains(after(tokens, i)), "filter", after(tokens, i));
            } else if (token.equals("is") && !before(tokens, i).equals(".")) {
                int name = after(tokens, i).equals("not") ? indexAfter(tokens, i) : i;
                require(TESTS.contains(after(tokens, name)), "test", after(tokens, name));
            } else if (token.equals("(") && isFunction(tokens, i)) {
                String name = before(tokens, i);
                require(TemplateLibrary.FUNCTIONS.contains(name) || macros.contains(name), "function", name);
            }
        }
    }

    /** Whether the word before the bracket is called by its own name: not a method, a filter, a test or a keyword. */
    private static boolean isFunction(List<String> tokens, int bracket) {
        String name = before(tokens, bracket);
        if (name.isEmpty()
                || !Character.isJavaIdentifierStart(name.charAt(0))
                || TemplateSource.NO_VALUE.contains(name)) {
            return false;
        }
        int at = indexBefore(tokens, indexBefore(tokens, bracket)); // what stands before the word
        if (at >= 0 && tokens.get(at).equals("not")) {
            at = indexBefore(tokens, at) >= 0 && before(tokens, at).equals("is") ? indexBefore(tokens, at) : at;
        }
        return at < 0 || !Set.of(".", "|", "is", "macro").contains(tokens.get(at));
    }

    private static void require(boolean known, String kind, String name) {
        if (!known) {
            throw new TemplateException("the %s %s is not supported".formatted(kind, name));
        }
    }

    /** The next token that is no white space, empty at the end. */
    static String after(List<String> tokens, int index) {
        int next = indexAfter(tokens, index);
        return next < tokens.size() ? tokens.get(next) : "";
    }

    private static int indexAfter(List<String> tokens, int index) {
        int next = index + 1;
        while (next < tokens.size() && tokens.get(next).isBlank()) {
            next++;
        }
        return next;
    }

    private static String before(List<String> tokens, int index) {
        int previous = indexBefore(tokens, index);
        return previous < 0 ? "" : tokens.get(previous);
    }

    private static int indexBefore(List<String> tokens, int index) {
        int previous = index - 1;
        while (previous >= 0 && tokens.get(previous).isBlank()) {
            previous--;
        }
        return previous;
    }
}
