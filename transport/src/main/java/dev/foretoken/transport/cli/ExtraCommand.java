package dev.foretoken.transport.cli;

/**
 * A command that a module further out adds to the command line. Found with {@link java.util.ServiceLoader}, and only if the
 * arguments name no built-in command. Its exceptions become one line and an exit status like those of every command.
 */
public interface ExtraCommand {
    /**
     * Makes the command.
     *
     * @param terminal the process's streams
     * @return an object with picocli's {@code Command} annotation
     */
    Object create(Terminal terminal);
}
