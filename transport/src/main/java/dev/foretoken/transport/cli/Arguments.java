package dev.foretoken.transport.cli;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What to make of arguments that are no options. */
final class Arguments {
    private static final Pattern OPTION = Pattern.compile("--?[A-Za-z][A-Za-z0-9-]*(=.*)?", Pattern.DOTALL);

    private Arguments() {}

    /**
     * The one text among the positional arguments; null if there is none. A text may begin with a hyphen, but what looks like
     * a misspelt option is refused with suggestions, unless it comes after {@code --}.
     */
    static @Nullable String onlyText(CommandLine command, List<String> positional) {
        List<String> original = command.getParseResult().originalArgs();
        int separator = original.indexOf("--");
        // Its place is asked from the right: what an option took may look like it.
        for (String argument : positional) {
            if (OPTION.matcher(argument).matches() && (separator < 0 || original.lastIndexOf(argument) < separator)) {
                throw new UnmatchedArgumentException(command, List.of(argument));
            }
        }
        if (positional.size() > 1) {
            throw new ParameterException(
                    command,
                    "%d texts given, the second is '%s', expected one: put it in quotes"
                            .formatted(positional.size(), positional.get(1)));
        }
        return positional.isEmpty() ? null : positional.getFirst();
    }
}
