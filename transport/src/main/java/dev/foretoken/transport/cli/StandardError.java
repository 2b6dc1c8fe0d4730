package dev.foretoken.transport.cli;

import java.io.FileDescriptor;
import java.lang.reflect.Field;

/**
 * The launcher starts the JVM with a filter on standard error, which drops the line about incubator modules, and passes the
 * real one under another number. From {@link #restore} on everything in Java writes to the real one.
 */
final class StandardError {
    private static final String DESCRIPTOR_PROPERTY = "foretoken.stderr";

    private StandardError() {}

    static void restore() {
        Integer descriptor = Integer.getInteger(DESCRIPTOR_PROPERTY);
        if (descriptor == null) {
            return;
        }
        try {
            Field number = FileDescriptor.class.getDeclaredField("fd");
            number.setAccessible(true); // java.io is open to us, see jvm.options
            number.setInt(FileDescriptor.err, descriptor);
        } catch (ReflectiveOperationException | RuntimeException e) {
            // The filter then stays in between: everything still arrives.
        }
    }
}
