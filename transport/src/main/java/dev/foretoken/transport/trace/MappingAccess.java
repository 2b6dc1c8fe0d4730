package dev.foretoken.transport.trace;

import dev.foretoken.engine.error.InvalidInputException;

/**
 * Whether the JVM was started with the flags without which Chronicle Queue cannot map a file. Asked before any of its classes
 * initialises, because that would fail with an error that teaches nothing, and for good.
 */
final class MappingAccess {
    private static final String EXPORTED = "sun.nio.ch";
    private static final String OPENED = "java.lang.reflect";

    private MappingAccess() {}

    /**
     * @param user module of the classes that map files, the unnamed one unless somebody modularised them
     * @throws InvalidInputException that names the flags
     */
    static void check(Module user) {
        Module base = Object.class.getModule();
        if (!base.isExported(EXPORTED, user) || !base.isOpen(OPENED, user)) {
            String to = user.isNamed() ? user.getName() : "ALL-UNNAMED";
            throw new InvalidInputException(
                    ("traces cannot be written by this JVM, expected the flags --add-exports=java.base/%s=%s"
                        + " --add-opens=java.base/%s=%s: start it with them (jvm.options has all of Foretoken's) or"
                        + " switch the trace off")
                            .formatted(EXPORTED, to, OPENED, to));
        }
    }
}
