package dev.foretoken.transport.cli;

import dev.foretoken.engine.error.ForetokenException;
import dev.foretoken.engine.error.InvalidInputException;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Every failure as one line on standard error and an exit status: 2 for what the caller can mend, 1 for anything else. */
final class ErrorReporter implements IParameterExceptionHandler, IExecutionExceptionHandler {
    static final int BAD_INPUT = 2;
    static final int FAILURE = 1;

    private final Terminal terminal;
    private boolean verbose;

    ErrorReporter(Terminal terminal) {
        this.terminal = terminal;
        this.verbose = terminal.debugs();
    }

    /** Stack traces follow the one line. */
    void showStackTraces() {
        verbose = true;
    }

    @Override
    public int handleParseException(ParameterException e, String[] arguments) {
        CommandLine command = e.getCommandLine();
        terminal.errorLine("%s (see %s --help)"
                .formatted(message(e), command.getCommandSpec().qualifiedName()));
        return BAD_INPUT;
    }

    @Override
    public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
        return report(e);
    }

    /** Says what went wrong; the exit status. */
    int report(Throwable failure) {
        int status = switch (failure) {
            case OutputClosedException e -> FAILURE;
            case InvalidInputException e -> say(e.getMessage(), BAD_INPUT);
            case ForetokenException e -> say(e.getMessage(), FAILURE);
            case OutOfMemoryError e ->
                say(
                        "out of memory (%s): a smaller model, a smaller --context or more memory would help"
                                .formatted(e.getMessage()),
                        FAILURE);
            default ->
                say(
                        "unexpected failure: %s; FORETOKEN_DEBUG=1 in the environment shows where".formatted(failure),
                        FAILURE);
        };
        if (verbose && !(failure instanceof OutputClosedException)) {
            failure.printStackTrace(terminal.err());
        }
        return status;
    }

    private int say(String message, int status) {
        terminal.errorLine(message);
        return status;
    }

    private static String message(ParameterException e) {
        return switch (e) {
            case UnmatchedArgumentException unmatched -> unmatched(unmatched);
            case MissingParameterException missing -> missing(missing);
            case OverwrittenOptionException twice ->
                "option %s is given more than once"
                        .formatted(twice.getOverwritten().isOption() ? name(twice) : twice.getMessage());
            default -> lowerFirst(e.getMessage());
        };
    }

    private static String name(OverwrittenOptionException e) {
        return ((CommandLine.Model.OptionSpec) e.getOverwritten()).longestName();
    }

    private static String unmatched(UnmatchedArgumentException e) {
        String first = e.getUnmatched().getFirst();
        CommandLine command = e.getCommandLine();
        if (!first.startsWith("-")) {
            return command.getSubcommands().isEmpty()
                    ? "unexpected argument '%s': put texts with blanks in quotes".formatted(first)
                    : "unknown command '%s', expected %s".formatted(first, commands(command));
        }
        List<String> suggestions = e.getSuggestions();
        String advice = suggestions.isEmpty() ? "" : ", did you mean " + String.join(" or ", suggestions) + "?";
        return "unknown option '%s'%s".formatted(first, advice);
    }

    private static String missing(MissingParameterException e) {
        return e.getMissing().isEmpty() || e.getMissing().getFirst().isPositional()
                ? lowerFirst(e.getMessage())
                : "option %s needs a value"
                        .formatted(
                                ((CommandLine.Model.OptionSpec) e.getMissing().getFirst()).longestName());
    }

    private static String commands(CommandLine command) {
        return command.getSubcommands().keySet().stream().collect(Collectors.joining(", "));
    }

    private static String lowerFirst(String sentence) {
        return sentence.isEmpty() ? sentence : Character.toLowerCase(sentence.charAt(0)) + sentence.substring(1);
    }
}
