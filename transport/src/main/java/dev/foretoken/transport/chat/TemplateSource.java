package dev.foretoken.transport.chat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Rewrites the parts of Jinja that the template engine reads differently, so that it gives the meaning Jinja gives them:
 * {@code not a == b} negates the comparison, {@code f(x=a|b - 1)} passes the whole expression, {@code a[i:j:k]} is
 * Python's slice, the outermost template's last newline is dropped. Text outside tags is copied as it is.
 */
final class TemplateSource {
    private static final Set<String> AFTER_EXPRESSION = Set.of("and", "or", "if", "else");
    static final Set<String> NO_VALUE = Set.of(
            "and", "or", "not", "in", "is", "if", "else", "elif", "for", "set", "recursive", "macro", "call", "filter");

    private static final int TAG_TOKENS_MAX = 4000;
    private static final int DEPTH_MAX = 40;

    private final String template;
    private final StringBuilder out;
    private final Set<String> macros = new HashSet<>(Set.of("caller"));

    private TemplateSource(String template) {
        this.template = template;
        out = new StringBuilder(template.length() + 64);
    }

    /** @throws IllegalArgumentException if a tag is not closed; the message says which */
    static String rewrite(String template) {
        int end = template.endsWith("\r\n")
                ? template.length() - 2
                : template.length() - (template.endsWith("\n") ? 1 : 0);
        return new TemplateSource(template.substring(0, end)).rewrite();
    }

    private String rewrite() {
        int at = 0;
        while (at < template.length()) {
            int open = nextOpening(at);
            out.append(template, at, open);
            if (open == template.length()) {
                break;
            }
            at = template.charAt(open + 1) == '#' ? copyComment(open) : copyTag(open);
        }
        return out.toString();
    }

    private int nextOpening(int from) {
        for (int at = template.indexOf('{', from);
                at >= 0 && at + 1 < template.length();
                at = template.indexOf('{', at + 1)) {
            if ("{%#".indexOf(template.charAt(at + 1)) >= 0) {
                return at;
            }
        }
        return template.length();
    }

    private int copyComment(int open) {
        int close = template.indexOf("#}", open + 2);
        if (close < 0) {
            throw unclosed("{#", open);
        }
        out.append(template, open, close + 2);
        return close + 2;
    }

    private int copyTag(int open) {
        boolean statement = template.charAt(open + 1) == '%';
        List<String> tokens = new ArrayList<>();
        int close = ExpressionTokens.read(template, open + 2, statement ? '%' : '}', tokens);
        if (close < 0) {
            throw unclosed(statement ? "{%" : "{{", open);
        }
        if (tokens.size() > TAG_TOKENS_MAX) {
            throw new TemplateException(
                    "a tag has %d symbols, expected at most %d".formatted(tokens.size(), TAG_TOKENS_MAX));
        }
        String first = tokens.stream()
                .filter(token -> !isSpace(token) && !isTrim(token))
                .findFirst()
                .orElse("");
        if (statement && first.equals("macro")) {
            macros.add(TemplateNames.after(tokens, tokens.indexOf("macro")));
        }
        if (statement && first.equals("raw")) {
            return copyRaw(open, close);
        }
        if (statement && (first.equals("generation") || first.equals("endgeneration"))) {
            // marks what a trainer learns from; it does not change the text
            tokens.replaceAll(
                    token -> token.equals("generation") ? "if true" : token.equals("endgeneration") ? "endif" : token);
        } else if (!(statement && first.equals("macro"))) {
            nameArguments(tokens);
        }
        TemplateNames.check(tokens, macros);
        slices(tokens);
        negations(tokens);
        checkDepth(tokens);
        out.append(template, open, open + 2);
        tokens.forEach(out::append);
        out.append(template, close - 2, close);
        return close;
    }

    /** The engine's parser takes more than linear time to read nested brackets. */
    private static void checkDepth(List<String> tokens) {
        int depth = 0;
        for (String token : tokens) {
            switch (token) {
                case "(", "[", "{", " (" -> depth++;
                case ")", "]", "}" -> depth--;
                default -> {}
            }
            if (depth > DEPTH_MAX) {
                throw new TemplateException("a tag nests brackets more than %d deep".formatted(DEPTH_MAX));
            }
        }
    }

    private int copyRaw(int open, int close) {
        int at = close;
        while (true) {
            int next = template.indexOf("{%", at);
            if (next < 0) {
                throw unclosed("{% raw %}", open);
            }
            int end = template.indexOf("%}", next);
            if (end >= 0
                    && template.substring(next + 2, end)
                            .replaceAll("[-+\\s]", "")
                            .equals("endraw")) {
                out.append(template, open, end + 2);
                return end + 2;
            }
            at = next + 2;
        }
    }

    private IllegalArgumentException unclosed(String opening, int at) {
        long line = template.substring(0, at).lines().count();
        return new IllegalArgumentException("%s in line %d is not closed".formatted(opening, Math.max(1, line)));
    }

    /** {@code (name=value} becomes {@code (name=(value)}. */
    private static void nameArguments(List<String> tokens) {
        for (int i = 0; i < tokens.size(); i++) {
            if (!tokens.get(i).equals("=") || !insideParentheses(tokens, i)) {
                continue;
            }
            int end = expressionEnd(tokens, i + 1, Set.of());
            tokens.add(end, ")");
            tokens.add(i + 1, "(");
        }
    }

    private static boolean insideParentheses(List<String> tokens, int index) {
        int depth = 0;
        for (int i = index - 1; i >= 0; i--) {
            switch (tokens.get(i)) {
                case ")", "]", "}" -> depth++;
                case "(", "[", "{" -> {
                    if (depth == 0) {
                        return tokens.get(i).equals("(");
                    }
                    depth--;
                }
                default -> {}
            }
        }
        return false;
    }

    /** {@code value[from:to:step]} becomes a method call that knows Python's slices. */
    private static void slices(List<String> tokens) {
        for (int open = 0; open < tokens.size(); open++) {
            if (!tokens.get(open).equals("[") || !isValue(previous(tokens, open))) {
                continue;
            }
            int close = expressionEnd(tokens, open + 1, Set.of());
            while (close < tokens.size() && !tokens.get(close).equals("]")) {
                close = expressionEnd(tokens, close + 1, Set.of()); // past a colon or a comma
            }
            List<Integer> colons = colons(tokens, open, close);
            if (!colons.isEmpty() && close < tokens.size()) {
                replaceSlice(tokens, open, close, colons);
            }
        }
    }

    private static List<Integer> colons(List<String> tokens, int open, int close) {
        List<Integer> colons = new ArrayList<>();
        for (int i = expressionEnd(tokens, open + 1, Set.of()); i < close; i = expressionEnd(tokens, i + 1, Set.of())) {
            if (tokens.get(i).equals(":")) {
                colons.add(i);
            }
        }
        return colons;
    }

    private static void replaceSlice(List<String> tokens, int open, int close, List<Integer> colons) {
        List<String> call = new ArrayList<>(List.of("." + PythonMethods.SLICE + "("));
        int from = open + 1;
        for (int part = 0; part < 3; part++) {
            int to = part < colons.size() ? colons.get(part) : close;
            List<String> bound = part <= colons.size() ? tokens.subList(from, to) : List.of();
            call.add(part == 0 ? "" : ", ");
            if (bound.stream().allMatch(TemplateSource::isSpace)) {
                call.add("none");
            } else {
                call.addAll(bound);
            }
            from = to + 1;
        }
        call.add(")");
        tokens.subList(open, close + 1).clear();
        tokens.addAll(open, call);
    }

    /** {@code not a == b} becomes {@code not (a == b)}. */
    private static void negations(List<String> tokens) {
        for (int i = 0; i < tokens.size(); i++) {
            if (tokens.get(i).equals("not")
                    && !isValue(previous(tokens, i))
                    && !previous(tokens, i).equals("is")) {
                int end = expressionEnd(tokens, i + 1, AFTER_EXPRESSION);
                tokens.add(end, ")");
                tokens.add(i + 1, " (");
            }
        }
    }

    /** The index of the first token behind an expression: a separator, a closing bracket, one of the words, or the end. */
    private static int expressionEnd(List<String> tokens, int from, Set<String> words) {
        int depth = 0;
        for (int i = from; i < tokens.size(); i++) {
            String token = tokens.get(i);
            switch (token) {
                case "(", "[", "{" -> depth++;
                case ")", "]", "}" -> {
                    if (depth == 0) {
                        return i;
                    }
                    depth--;
                }
                case ",", ":" -> {
                    if (depth == 0) {
                        return i;
                    }
                }
                default -> {
                    if (depth == 0 && (words.contains(token) || isTrimAtEnd(tokens, i))) {
                        return i;
                    }
                }
            }
        }
        return tokens.size();
    }

    private static boolean isTrimAtEnd(List<String> tokens, int index) {
        return index == tokens.size() - 1 && isTrim(tokens.get(index));
    }

    private static String previous(List<String> tokens, int index) {
        for (int i = index - 1; i >= 0; i--) {
            if (!isSpace(tokens.get(i))) {
                return tokens.get(i);
            }
        }
        return "";
    }

    /** Whether an expression can end with this token. */
    private static boolean isValue(String token) {
        if (token.isEmpty() || NO_VALUE.contains(token)) {
            return false;
        }
        char last = token.charAt(token.length() - 1);
        return Character.isLetterOrDigit(last) || "_)]}'\"".indexOf(last) >= 0;
    }

    private static boolean isSpace(String token) {
        return token.isBlank();
    }

    private static boolean isTrim(String token) {
        return token.equals("-") || token.equals("+");
    }
}
