package dev.foretoken.transport.chat;

import com.hubspot.jinjava.lib.exptest.ExpTest;
import com.hubspot.jinjava.lib.filter.Filter;
import com.hubspot.jinjava.util.ForLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import jinjava.javax.el.ELContext;
import jinjava.javax.el.ELResolver;
import org.jspecify.annotations.Nullable;

/**
 * The methods of Python's strings, lists and dicts that chat templates call, and nothing else: no Java method or property
 * can be reached from a template. What is not here is an error, never silently empty text.
 */
final class PythonMethods extends ELResolver {
    static final String SLICE = "python_slice";

    @Override
    public @Nullable Object getValue(ELContext context, @Nullable Object base, Object property) {
        if (base instanceof ForLoop loop) {
            context.setPropertyResolved(true);
            return loopValue(loop, String.valueOf(property));
        }
        if (base instanceof String text) {
            context.setPropertyResolved(true);
            return character(text, String.valueOf(property)); // the engine hands every property over as text
        }
        if (base != null && !(base instanceof Map) && !(base instanceof List)) {
            context.setPropertyResolved(true); // no Java properties
        }
        return null;
    }

    private static @Nullable String character(String text, String property) {
        if (!property.matches("-?\\d{1,9}")) {
            return null;
        }
        int index = Integer.parseInt(property);
        int at = index < 0 ? index + text.length() : index;
        return at >= 0 && at < text.length() ? text.substring(at, at + 1) : null;
    }

    private static Object loopValue(ForLoop loop, String property) {
        return switch (property) {
            case "index" -> (long) loop.getIndex();
            case "index0" -> (long) loop.getIndex0();
            case "revindex" -> (long) loop.getRevindex();
            case "revindex0" -> (long) loop.getRevindex0();
            case "first" -> loop.isFirst();
            case "last" -> loop.isLast();
            case "length" -> (long) loop.getLength();
            case "depth" -> (long) loop.getDepth();
            case "depth0" -> (long) loop.getDepth0();
            default -> throw new TemplateException("loop.%s is not supported".formatted(property));
        };
    }

    @Override
    public @Nullable Object invoke(
            ELContext context,
            @Nullable Object base,
            Object method,
            Class<?> @Nullable [] types,
            @Nullable Object @Nullable [] arguments) {
        if (base instanceof Filter || base instanceof ExpTest) {
            return null; // how the engine calls its own parts: left to the next resolver
        }
        context.setPropertyResolved(true);
        String name = String.valueOf(method);
        Arguments given = new Arguments(name, arguments == null ? new Object[0] : arguments);
        return switch (base) {
            case String text -> ofText(text, name, given);
            case List<?> list -> ofList(list, name, given);
            case Map<?, ?> map -> ofMap(map, name, given);
            case null -> throw new TemplateException("%s() is called on nothing".formatted(name));
            default -> throw unsupported(name, "a " + base.getClass().getSimpleName());
        };
    }

    private static Object ofText(String text, String name, Arguments given) {
        return switch (name) {
            case SLICE -> slice(text, given);
            case "strip" -> PythonText.strip(text, given.textOrNull(0));
            case "lstrip" -> PythonText.stripLeading(text, given.textOrNull(0));
            case "rstrip" -> PythonText.stripTrailing(text, given.textOrNull(0));
            case "split" -> PythonText.split(text, given.textOrNull(0), given.numberOr(1, -1));
            case "rsplit" -> PythonText.splitFromRight(text, given.text(0), given.numberOr(1, -1));
            case "splitlines" -> new ArrayList<Object>(text.lines().toList());
            case "startswith" -> given.anyText(0, text::startsWith);
            case "endswith" -> given.anyText(0, text::endsWith);
            case "upper" -> text.toUpperCase(Locale.ROOT);
            case "lower" -> text.toLowerCase(Locale.ROOT);
            case "title" -> PythonText.title(text);
            case "capitalize" -> PythonText.capitalize(text);
            case "replace" -> PythonText.replace(text, given.text(0), given.text(1));
            case "find" -> (long) text.indexOf(given.text(0));
            case "rfind" -> (long) text.lastIndexOf(given.text(0));
            case "count" -> (long) PythonText.split(text, given.text(0), -1).size() - 1;
            case "removeprefix" ->
                text.startsWith(given.text(0)) ? text.substring(given.text(0).length()) : text;
            case "removesuffix" ->
                text.endsWith(given.text(0))
                        ? text.substring(0, text.length() - given.text(0).length())
                        : text;
            case "isdigit" -> !text.isEmpty() && text.codePoints().allMatch(Character::isDigit);
            case "isspace" -> !text.isEmpty() && text.chars().allMatch(c -> PythonText.isSpace((char) c));
            case "join" ->
                PythonText.join(
                        text, given.list(0).stream().map(String::valueOf).toList());
            default -> throw unsupported(name, "text");
        };
    }

    private static String slice(String text, Arguments given) {
        PythonSlice slice = given.slice(text.length());
        StringBuilder part = new StringBuilder();
        for (long i = slice.from(); slice.covers(i); i += slice.step()) {
            part.append(text.charAt((int) i));
        }
        return part.toString();
    }

    private static Object ofList(List<?> list, String name, Arguments given) {
        return switch (name) {
            case SLICE -> {
                PythonSlice slice = given.slice(list.size());
                List<Object> part = new ArrayList<>();
                for (long i = slice.from(); slice.covers(i); i += slice.step()) {
                    part.add(list.get((int) i));
                }
                yield part;
            }
            case "index" -> (long) list.indexOf(given.at(0));
            case "count" ->
                list.stream()
                        .filter(element -> java.util.Objects.equals(element, given.at(0)))
                        .count();
            default -> throw unsupported(name, "a list");
        };
    }

    private static @Nullable Object ofMap(Map<?, ?> map, String name, Arguments given) {
        return switch (name) {
            case "items" -> new ArrayList<>(map.entrySet());
            case "keys" -> new ArrayList<>(map.keySet());
            case "values" -> new ArrayList<>(map.values());
            case "get" -> map.containsKey(given.text(0)) ? map.get(given.text(0)) : given.at(1);
            default -> throw unsupported(name, "a mapping");
        };
    }

    private static TemplateException unsupported(String method, String of) {
        return new TemplateException("the method %s of %s is not supported".formatted(method, of));
    }

    @Override
    public @Nullable Class<?> getType(ELContext context, @Nullable Object base, Object property) {
        return null;
    }

    @Override
    public void setValue(ELContext context, @Nullable Object base, Object property, @Nullable Object value) {
        throw new TemplateException("a template may not change %s".formatted(property));
    }

    @Override
    public boolean isReadOnly(ELContext context, @Nullable Object base, Object property) {
        return true;
    }

    @Override
    public java.util.@Nullable Iterator<java.beans.FeatureDescriptor> getFeatureDescriptors(
            ELContext context, @Nullable Object base) {
        return null;
    }

    @Override
    public @Nullable Class<?> getCommonPropertyType(ELContext context, @Nullable Object base) {
        return null;
    }

    /** The arguments of one call, with errors that name the method. */
    private record Arguments(String method, @Nullable Object[] values) {
        @Nullable
        Object at(int index) {
            return index < values.length ? values[index] : null;
        }

        @Nullable
        String textOrNull(int index) {
            Object value = at(index);
            if (value == null || value instanceof String) {
                return (String) value;
            }
            throw wrong(index, "text");
        }

        String text(int index) {
            String text = textOrNull(index);
            if (text == null) {
                throw wrong(index, "text");
            }
            return text;
        }

        int numberOr(int index, int otherwise) {
            return switch (at(index)) {
                case null -> otherwise;
                case Number number -> number.intValue();
                default -> throw wrong(index, "a number");
            };
        }

        List<?> list(int index) {
            if (at(index) instanceof List<?> list) {
                return list;
            }
            throw wrong(index, "a list");
        }

        /** True if the test holds for the text, or for one of the list. */
        boolean anyText(int index, java.util.function.Predicate<String> test) {
            if (at(index) instanceof List<?> list) {
                return list.stream().map(String::valueOf).anyMatch(test);
            }
            return test.test(text(index));
        }

        PythonSlice slice(int length) {
            return PythonSlice.of(length, at(0), at(1), at(2));
        }

        private TemplateException wrong(int index, String expected) {
            return new TemplateException(
                    "argument %d of %s is %s, expected %s".formatted(index + 1, method, at(index), expected));
        }
    }
}
