package dev.foretoken.transport.chat;

import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.lib.filter.Filter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Filters with the meaning, and the bounds, that chat templates need. */
final class TemplateFilter implements Filter {
    /** What a filter does with its value and the arguments, which may be named. */
    private interface Body {
        @Nullable
        Object apply(@Nullable Object value, Given given);
    }

    private static final int INDENT_MAX = 64;

    private final String name;
    private final Body body;

    private TemplateFilter(String name, Body body) {
        this.name = name;
        this.body = body;
    }

    static List<Filter> all() {
        return List.of(
                new TemplateFilter(
                        "trim", (value, given) -> PythonText.strip(text(value), given.textOrNull(0, "chars"))),
                new TemplateFilter("tojson", (value, given) -> PythonJson.of(value, given.numberOr(0, "indent", -1))),
                new TemplateFilter(
                        "items",
                        (value, given) -> value instanceof Map<?, ?> map ? new ArrayList<>(map.entrySet()) : List.of()),
                new TemplateFilter("join", TemplateFilter::join),
                new TemplateFilter("indent", TemplateFilter::indent),
                new TemplateFilter(
                        "replace",
                        (value, given) ->
                                PythonText.replace(text(value), text(given.at(0, "old")), text(given.at(1, "new")))));
    }

    private static Object join(@Nullable Object value, Given given) {
        String attribute = given.textOrNull(1, "attribute");
        List<String> parts = new ArrayList<>();
        if (value instanceof Iterable<?> elements) {
            for (Object element : elements) {
                parts.add(text(attribute != null && element instanceof Map<?, ?> map ? map.get(attribute) : element));
            }
        } else {
            text(value).codePoints().forEach(c -> parts.add(Character.toString(c)));
        }
        return PythonText.join(text(given.at(0, "d")), parts);
    }

    private static Object indent(@Nullable Object value, Given given) {
        Object width = given.at(0, "width");
        String space = width instanceof String string
                ? string
                : " ".repeat(Math.clamp(given.numberOr(0, "width", 4), 0, INDENT_MAX));
        boolean first = Boolean.TRUE.equals(given.at(1, "first"));
        boolean blank = Boolean.TRUE.equals(given.at(2, "blank"));
        List<String> lines = new ArrayList<>();
        for (String line : text(value).split("\n", -1)) {
            boolean indented = lines.isEmpty() ? first : blank || !line.isEmpty();
            lines.add(indented ? space + line : line);
        }
        return PythonText.join("\n", lines);
    }

    private static String text(@Nullable Object value) {
        return value == null ? "" : value.toString();
    }

    @Override
    public String getName() {
        return name;
    }

    @Override
    public @Nullable Object filter(@Nullable Object value, JinjavaInterpreter interpreter, String... arguments) {
        return body.apply(value, new Given(name, arguments, Map.of()));
    }

    @Override
    public @Nullable Object filter(
            @Nullable Object value, JinjavaInterpreter interpreter, Object[] arguments, Map<String, Object> named) {
        return body.apply(value, new Given(name, arguments, named));
    }

    /** Arguments by place or by name. */
    private record Given(String filter, @Nullable Object[] places, Map<String, Object> named) {
        @Nullable
        Object at(int place, String name) {
            return place < places.length ? places[place] : named.get(name);
        }

        @Nullable
        String textOrNull(int place, String name) {
            Object value = at(place, name);
            return value == null ? null : value.toString();
        }

        int numberOr(int place, String name, int otherwise) {
            return switch (at(place, name)) {
                case null -> otherwise;
                case Number number -> Math.clamp(number.longValue(), -1, INDENT_MAX);
                case Object other ->
                    throw new TemplateException("%s of %s is %s, expected a number".formatted(name, filter, other));
            };
        }
    }
}
