package dev.foretoken.transport.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;

/** One run of the command line in this process: what it was given, what came out. */
record CliRun(int status, String out, String err) {
    List<String> outLines() {
        return out.lines().toList();
    }

    /** The command line with nothing on standard input, writing to a pipe. */
    static CliRun of(GenerationEngine.Opener opener, String... arguments) {
        return of(opener, new byte[0], arguments);
    }

    static CliRun of(GenerationEngine.Opener opener, byte[] in, String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = new Cli(terminal(in, out, err, false, Map.of()), opener).run(arguments);
        return new CliRun(status, out.toString(UTF_8), err.toString(UTF_8));
    }

    /** The same, for a person at a terminal. */
    static CliRun onTerminal(GenerationEngine.Opener opener, Map<String, String> environment, String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = new Cli(terminal(new byte[0], out, err, true, environment), opener).run(arguments);
        return new CliRun(status, out.toString(UTF_8), err.toString(UTF_8));
    }

    static Terminal terminal(
            byte[] in, OutputStream out, OutputStream err, boolean real, Map<String, String> environment) {
        return new Terminal(
                new ByteArrayInputStream(in), out, new PrintStream(err, true, UTF_8), real, real, environment);
    }
}
