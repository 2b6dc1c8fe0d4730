package dev.foretoken.engine.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vector width of this JVM, fixed when the vector kernels are loaded: the compiler needs it as a constant. Results do
 * not depend on it.
 */
final class VectorWidth {
    /** 128, 256 or 512; wider machines run 512. */
    static final int BITS = KernelChoice.FORCED_BITS > 0
            ? KernelChoice.FORCED_BITS
            : Math.max(128, Math.min(512, FloatVector.SPECIES_PREFERRED.vectorBitSize()));

    static final VectorSpecies<Float> F = switch (BITS) {
        case 512 -> FloatVector.SPECIES_512;
        case 256 -> FloatVector.SPECIES_256;
        default -> FloatVector.SPECIES_128;
    };
    static final VectorSpecies<Integer> I = switch (BITS) {
        case 512 -> IntVector.SPECIES_512;
        case 256 -> IntVector.SPECIES_256;
        default -> IntVector.SPECIES_128;
    };
    /** The bytes of a vector. */
    static final VectorSpecies<Byte> BYTES = VectorSpecies.of(byte.class, F.vectorShape());
    /** Rows of one vector. */
    static final int LANES = BITS / 32;
    /** Vectors of one stripe: two, or four of 128 bits. */
    static final int PER_STRIPE = Math.max(2, 16 / LANES);

    private VectorWidth() {}
}
