package dev.foretoken.engine.kernel;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Picks the kernels of this JVM once. Vector classes are touched only if their module is there: a host application that
 * did not add it computes the same bits, slowly.
 *
 * <p>The system property {@code foretoken.vector.bits} forces a width: 512, 256, 128, or 0 for the scalar reference.
 */
final class KernelChoice {
    static final String WIDTH_PROPERTY = "foretoken.vector.bits";
    static final String VECTOR_MODULE = "jdk.incubator.vector";
    static final Kernels FASTEST = choose();

    private KernelChoice() {}

    private static Kernels choose() {
        if (forcedBits() == 0) return ScalarKernels.INSTANCE;
        if (ModuleLayer.boot().findModule(VECTOR_MODULE).isEmpty()) {
            log().warn(
                            "event=scalar_kernels reason=\"the vector module is missing, computing is many times"
                                    + " slower\" cure=\"start Java with --add-modules {}\"",
                            VECTOR_MODULE);
            return ScalarKernels.INSTANCE;
        }
        return vectorKernels();
    }

    /** A method of its own, so that {@link #choose} can be linked without the vector module. */
    private static Kernels vectorKernels() {
        return new VectorKernels();
    }

    /** The width asked for, 0 for scalar, or -1 to let the machine decide. */
    static int forcedBits() {
        String value = System.getProperty(WIDTH_PROPERTY, "");
        return switch (value) {
            case "0", "128", "256", "512" -> Integer.parseInt(value);
            case "" -> -1;
            default -> {
                log().warn("event=ignored_property {}={} expected=\"0, 128, 256 or 512\"", WIDTH_PROPERTY, value);
                yield -1;
            }
        };
    }

    private static Logger log() {
        return LoggerFactory.getLogger(Kernels.class);
    }
}
