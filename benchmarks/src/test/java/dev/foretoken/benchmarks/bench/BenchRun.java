package dev.foretoken.benchmarks.bench;

import dev.foretoken.transport.cli.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import picocli.CommandLine;

/** The command in this process, as the launcher starts it. */
record BenchRun(int status, String out, String err) {
    static BenchRun of(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PrintStream errors = new PrintStream(err, true, StandardCharsets.UTF_8);
        Terminal terminal = new Terminal(InputStream.nullInputStream(), out, errors, false, false, Map.of());
        int status = new CommandLine(new BenchCommand(terminal))
                .setExecutionExceptionHandler((e, command, parsed) -> {
                    errors.println(e.getMessage());
                    return e instanceof dev.foretoken.engine.error.InvalidInputException ? 2 : 1;
                })
                .execute(arguments);
        return new BenchRun(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
}
