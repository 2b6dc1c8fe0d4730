package dev.foretoken.transport.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command above all commands; alone it only explains itself. */
@Command(
        name = "foretoken",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        versionProvider = VersionProvider.class,
        usageHelpWidth = 110,
        description = "Speculative decoding: small guesses, checked by the model you asked for.",
        footer = {
            "",
            "Examples:",
            "  foretoken generate \"public static int max(int a, int b) {\"",
            "  foretoken generate --help"
        })
final class ForetokenCommand implements Runnable {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--verbose",
            scope = ScopeType.INHERIT,
            description = "Logs to standard error, and stack traces where something fails.")
    boolean verbose;

    @Override
    public void run() {
        CommandLine command = spec.commandLine();
        throw new ParameterException(
                command,
                "no command, expected one of "
                        + String.join(", ", command.getSubcommands().keySet()));
    }
}
