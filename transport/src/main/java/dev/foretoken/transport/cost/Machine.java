package dev.foretoken.transport.cost;

import dev.foretoken.engine.kernel.ProcessorInfo;

/**
 * What times depend on beside the program.
 *
 * @param processor its name where the system tells, else {@code unknown}
 * @param cores that the JVM may use
 * @param system name and architecture
 * @param javaFeature the JVM's feature version
 */
public record Machine(String processor, int cores, String system, int javaFeature) {
    public static Machine current() {
        return new Machine(
                ProcessorInfo.field("model name").orElse("unknown"),
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.name") + " " + System.getProperty("os.arch"),
                Runtime.version().feature());
    }
}
