package dev.foretoken.engine.kernel;

import dev.foretoken.engine.gguf.TensorType;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
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

    /** The width asked for, 0 for scalar, or -1 to let the machine decide. */
    static final int FORCED_BITS = readForcedBits();

    /** Chosen on first use: kernels need {@link PackedMatrix#STRIPE}, which needs {@link #stripeRows}. */
    private static final class Fastest {
        static final Kernels KERNELS = choose();
        /** By the types of their matrices: models of the same types warm the same code. */
        static final Map<Set<TensorType>, Kernels> WARMING = new ConcurrentHashMap<>();
    }

    private KernelChoice() {}

    static Kernels fastest() {
        return Fastest.KERNELS;
    }

    static Kernels warming(Set<TensorType> types) {
        Kernels fastest = fastest();
        if (fastest == ScalarKernels.INSTANCE) return fastest;
        return Fastest.WARMING.computeIfAbsent(Set.copyOf(types), of -> new WarmingKernels(fastest, of));
    }

    /** Rows of two of this JVM's vectors, at least 16. */
    static int stripeRows() {
        return isVectorised() ? vectorRows() : 16;
    }

    /** Whether kernels have 32 registers of 512 bits. */
    static boolean hasWideVectors() {
        return stripeRows() == 32;
    }

    private static boolean isVectorised() {
        return FORCED_BITS != 0 && hasVectorModule();
    }

    private static boolean hasVectorModule() {
        return ModuleLayer.boot().findModule(VECTOR_MODULE).isPresent();
    }

    /** A method of its own, as {@link #vectorKernels}. */
    private static int vectorRows() {
        return VectorWidth.PER_STRIPE * VectorWidth.LANES;
    }

    private static Kernels choose() {
        if (FORCED_BITS == 0) return ScalarKernels.INSTANCE;
        if (!hasVectorModule()) {
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

    private static int readForcedBits() {
        String value = System.getProperty(WIDTH_PROPERTY, "");
        return switch (value) {
            case "0", "128", "256", "512" -> Integer.parseInt(value);
            case "" -> -1;
            default -> {
                warnOfIgnored(WIDTH_PROPERTY, value, "0, 128, 256 or 512");
                yield -1;
            }
        };
    }

    static void warnOfIgnored(String property, String value, String expected) {
        log().warn("event=ignored_property {}={} expected=\"{}\"", property, value, expected);
    }

    private static Logger log() {
        return LoggerFactory.getLogger(Kernels.class);
    }
}
