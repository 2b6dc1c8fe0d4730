package dev.foretoken.benchmarks.bench;

import dev.foretoken.transport.cli.ExtraCommand;
import dev.foretoken.transport.cli.Terminal;

/** Adds {@code bench} to the command line. */
public final class BenchExtraCommand implements ExtraCommand {
    @Override
    public Object create(Terminal terminal) {
        return new BenchCommand(terminal);
    }
}
