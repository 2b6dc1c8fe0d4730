package dev.foretoken.transport.chat;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** JSON as Python's {@code json.dumps(value, ensure_ascii=False)} spells it, which is what models were trained on. */
final class PythonJson {
    private static final int DEPTH_MAX = 100;

    private final StringBuilder out = new StringBuilder();
    private final int indent; // -1: one line

    private PythonJson(int indent) {
        this.indent = indent;
    }

    /** @param indent spaces per level, -1 for one line */
    static String of(@Nullable Object value, int indent) {
        PythonJson json = new PythonJson(indent);
        json.write(value, 0);
        return json.out.toString();
    }

    private void write(@Nullable Object value, int depth) {
        if (depth > DEPTH_MAX) {
            throw new TemplateException("tojson is given a value nested more than %d deep".formatted(DEPTH_MAX));
        }
        if (out.length() > PythonText.LENGTH_MAX) { // lists may hold one another many times over
            throw new TemplateException(
                    "tojson makes a text of more than %d characters".formatted(PythonText.LENGTH_MAX));
        }
        switch (value) {
            case null -> out.append("null");
            case Boolean flag -> out.append(flag);
            case Number number -> out.append(number);
            case Map<?, ?> map -> writeMap(map, depth);
            case List<?> list -> writeList(list, depth);
            default -> writeText(value.toString());
        }
    }

    private void writeMap(Map<?, ?> map, int depth) {
        out.append('{');
        boolean first = true;
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            separate(first, depth + 1);
            writeText(String.valueOf(entry.getKey()));
            out.append(": ");
            write(entry.getValue(), depth + 1);
            first = false;
        }
        close(first, depth, '}');
    }

    private void writeList(List<?> list, int depth) {
        out.append('[');
        boolean first = true;
        for (Object element : list) {
            separate(first, depth + 1);
            write(element, depth + 1);
            first = false;
        }
        close(first, depth, ']');
    }

    private void separate(boolean first, int depth) {
        if (!first) {
            out.append(indent < 0 ? ", " : ",");
        }
        newLine(depth);
    }

    private void close(boolean empty, int depth, char bracket) {
        if (!empty) {
            newLine(depth);
        }
        out.append(bracket);
    }

    private void newLine(int depth) {
        if (indent >= 0) {
            out.append('\n').repeat(" ", indent * depth);
        }
    }

    private void writeText(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> {
                    if (c < 0x20) {
                        out.append("\\u%04x".formatted((int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
