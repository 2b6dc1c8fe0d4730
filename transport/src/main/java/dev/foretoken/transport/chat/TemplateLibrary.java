package dev.foretoken.transport.chat;

import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.lib.exptest.ExpTest;
import com.hubspot.jinjava.lib.filter.Filter;
import com.hubspot.jinjava.lib.fn.ELFunctionDefinition;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The functions, filters and tests that chat templates expect beyond the template engine's own. */
public final class TemplateLibrary {
    static final String RAISE = "raise_exception";
    static final String NOW = "strftime_now";

    private TemplateLibrary() {}

    static void register(Jinjava jinjava) {
        jinjava.registerFunction(new ELFunctionDefinition("", RAISE, TemplateLibrary.class, "raise", Object.class));
        jinjava.registerFunction(new ELFunctionDefinition("", NOW, TemplateLibrary.class, "now", Object.class));
        jinjava.registerFilter(new Trim());
        jinjava.registerFilter(new ToJson());
        jinjava.registerFilter(new Items());
        jinjava.registerExpTest(new Iterable());
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

    private record Trim() implements Filter {
        @Override
        public String getName() {
            return "trim";
        }

        @Override
        public Object filter(@Nullable Object value, JinjavaInterpreter interpreter, String... arguments) {
            return value == null ? "" : PythonText.strip(value.toString(), arguments.length == 0 ? null : arguments[0]);
        }
    }

    private record ToJson() implements Filter {
        @Override
        public String getName() {
            return "tojson";
        }

        @Override
        public Object filter(@Nullable Object value, JinjavaInterpreter interpreter, String... arguments) {
            return PythonJson.of(value, -1);
        }

        @Override
        public Object filter(
                @Nullable Object value, JinjavaInterpreter interpreter, Object[] arguments, Map<String, Object> named) {
            Object indent = arguments.length > 0 ? arguments[0] : named.get("indent");
            return PythonJson.of(value, indent instanceof Number spaces ? Math.clamp(spaces.intValue(), 0, 16) : -1);
        }
    }

    private record Items() implements Filter {
        @Override
        public String getName() {
            return "items";
        }

        @Override
        public Object filter(@Nullable Object value, JinjavaInterpreter interpreter, String... arguments) {
            return value instanceof Map<?, ?> map ? new ArrayList<>(map.entrySet()) : List.of();
        }
    }

    private record Iterable() implements ExpTest {
        @Override
        public String getName() {
            return "iterable";
        }

        @Override
        public boolean evaluate(@Nullable Object value, JinjavaInterpreter interpreter, Object... arguments) {
            return value instanceof String || value instanceof java.util.Collection || value instanceof Map;
        }
    }
}
