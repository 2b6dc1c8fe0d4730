package dev.foretoken.transport.cli;

/** The process: its streams, one command, its exit status. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        StandardError.restore();
        Terminal terminal = Terminal.ofProcess();
        System.setOut(terminal.err()); // a stray print of a library must not end up between lines of JSON
        int status = new Cli(terminal, ForetokenEngine::open).run(arguments);
        System.exit(status);
    }
}
