package dev.foretoken.transport.chat;

import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.interpret.Context;
import com.hubspot.jinjava.interpret.Context.Library;
import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.lib.Importable;
import com.hubspot.jinjava.lib.exptest.ExpTest;
import com.hubspot.jinjava.lib.fn.ELFunctionDefinition;
import java.time.LocalDateTime;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The functions, filters and tests that chat templates expect beyond the template engine's own. */
public final class TemplateLibrary {
    static final String RAISE = "raise_exception";
    static final String NOW = "strftime_now";

    private TemplateLibrary() {}

    private static final Set<String> TAGS = Set.of(
            "for",
            "endfor",
            "if",
            "elif",
            "else",
            "endif",
            "set",
            "endset",
            "macro",
            "endmacro",
            "call",
            "endcall",
            "do",
            "enddo",
            "raw",
            "endraw",
            "break",
            "continue");
    static final Set<String> FILTERS = Set.of(
            "abs",
            "attr",
            "capitalize",
            "count",
            "d",
            "default",
            "dictsort",
            "e",
            "escape",
            "first",
            "float",
            "groupby",
            "indent",
            "int",
            "items",
            "join",
            "last",
            "length",
            "list",
            "lower",
            "map",
            "reject",
            "rejectattr",
            "replace",
            "reverse",
            "round",
            "safe",
            "select",
            "selectattr",
            "sort",
            "string",
            "sum",
            "title",
            "tojson",
            "trim",
            "unique",
            "upper");
    static final Set<String> FUNCTIONS = Set.of("range", "namespace", RAISE, NOW);

    /** Adds them to the engine, which then reads no files, and tells what else of the engine stays switched off. */
    static Map<Library, Set<String>> install(Jinjava jinjava) {
        jinjava.setResourceLocator((name, charset, interpreter) -> {
            throw new TemplateException("it asks for the file %s, but a template may not read files".formatted(name));
        });
        jinjava.registerFunction(new ELFunctionDefinition("", RAISE, TemplateLibrary.class, "raise", Object.class));
        jinjava.registerFunction(new ELFunctionDefinition("", NOW, TemplateLibrary.class, "now", Object.class));
        TemplateFilter.all().forEach(jinjava::registerFilter);
        jinjava.registerExpTest(new Iterable());
        Context context = jinjava.getGlobalContext();
        return Map.of(
                Library.TAG, others(context.getAllTags(), TAGS),
                Library.FILTER, others(context.getAllFilters(), FILTERS),
                Library.FUNCTION,
                        context.getAllFunctions().stream()
                                .map(function -> function.getNamespace().isEmpty()
                                        ? function.getLocalName()
                                        : function.getName())
                                .filter(name -> !FUNCTIONS.contains(name))
                                .collect(Collectors.toSet()));
    }

    private static Set<String> others(Collection<? extends Importable> all, Set<String> used) {
        return all.stream()
                .map(Importable::getName)
                .filter(name -> !used.contains(name))
                .collect(Collectors.toSet());
    }

    /** Called by templates that do not accept a conversation. */
    public static Object raise(@Nullable Object message) {
        throw new TemplateException("it refuses the messages: " + message);
    }

    /** Called by templates that tell the model the date; the time of rendering is the value of the function's name. */
    public static String now(@Nullable Object format) {
        if (JinjavaInterpreter.getCurrent().getContext().get(NOW) instanceof LocalDateTime time) {
            return Strftime.format(String.valueOf(format), time);
        }
        throw new TemplateException("it changes %s".formatted(NOW));
    }

    private record Iterable() implements ExpTest {
        @Override
        public String getName() {
            return "iterable";
        }

        @Override
        public boolean evaluate(@Nullable Object value, JinjavaInterpreter interpreter, Object... arguments) {
            return value instanceof String || value instanceof Collection || value instanceof Map;
        }
    }
}
