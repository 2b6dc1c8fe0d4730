package dev.foretoken.transport.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.ServiceLoader;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.RunLast;

/** The whole command line on given streams; tests run it in their own process. */
final class Cli {
    private static final List<String> WITH_TEXT = List.of("generate", "tokenize");

    private final Terminal terminal;
    private final GenerationEngine.Opener opener;

    Cli(Terminal terminal, GenerationEngine.Opener opener) {
        this.terminal = terminal;
        this.opener = opener;
    }

    /** Runs one command; returns the exit status and never throws. */
    int run(String... arguments) {
        ErrorReporter errors = new ErrorReporter(terminal);
        try {
            CommandLine commandLine = commandLine(errors);
            addExtraCommands(commandLine, arguments);
            commandLine.addSubcommand(new HelpCommand());
            return commandLine.execute(arguments);
        } catch (Throwable e) { // an OutOfMemoryError too ends with a sentence
            return errors.report(e);
        }
    }

    /** Other modules are searched only where no command of this one is meant (or help on any): it takes time. */
    private void addExtraCommands(CommandLine commandLine, String... arguments) {
        String name = Arrays.stream(arguments)
                .filter(argument -> !argument.startsWith("-"))
                .findFirst()
                .orElse("");
        if (!commandLine.getSubcommands().containsKey(name)) {
            ServiceLoader.load(ExtraCommand.class).forEach(extra -> commandLine.addSubcommand(extra.create(terminal)));
        }
    }

    private CommandLine commandLine(ErrorReporter errors) {
        ForetokenCommand root = new ForetokenCommand();
        CommandLine commandLine = new CommandLine(root)
                .addSubcommand(new GenerateCommand(terminal, opener))
                .addSubcommand(new ReplayCommand(terminal))
                .addSubcommand(new InspectCommand(terminal))
                .addSubcommand(new TokenizeCommand(terminal));
        commandLine
                .setExpandAtFiles(false) // a prompt may begin with @Override
                .setPosixClusteredShortOptionsAllowed(false)
                .setColorScheme(CommandLine.Help.defaultColorScheme(terminal.colorsOutput() ? Ansi.ON : Ansi.OFF))
                .setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(terminal.err(), true))
                .setParameterExceptionHandler(errors)
                .setExecutionExceptionHandler(errors)
                .setExecutionStrategy(parsed -> {
                    Logs.configure(root.verbose, terminal.err());
                    if (root.verbose) {
                        errors.showStackTraces();
                    }
                    return new RunLast().execute(parsed);
                });
        WITH_TEXT.stream()
                .map(commandLine.getSubcommands()::get)
                .forEach(command -> command.setUnmatchedOptionsArePositionalParams(true));
        return commandLine;
    }
}
