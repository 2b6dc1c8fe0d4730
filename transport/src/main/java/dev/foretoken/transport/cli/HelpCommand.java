package dev.foretoken.transport.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "help",
        helpCommand = true,
        description = "Explains a command, as its option --help does.",
        footer = {"", "Examples:", "  foretoken help", "  foretoken help generate"})
final class HelpCommand implements Runnable {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Parameters(
            paramLabel = "COMMAND",
            arity = "0..1",
            description = "The command (default: all of them, in a line each).")
    @Nullable
    String name;

    @Override
    public void run() {
        CommandLine root = spec.commandLine().getParent();
        CommandLine explained = name == null ? root : root.getSubcommands().get(name);
        if (explained == null) {
            throw new ParameterException(
                    root,
                    "unknown command '%s', expected one of %s"
                            .formatted(
                                    name,
                                    String.join(", ", root.getSubcommands().keySet())));
        }
        explained.usage(root.getOut(), root.getColorScheme());
    }
}
