package dev.foretoken.engine.model;

/**
 * The angles of the rotary position embedding: pair i of a head turns by
 * {@code position * base^(-2i/dims) / divisor_i / linearScale}. Angles are double and taken through StrictMath, so every
 * machine turns by the same float32 cosines and sines.
 * <p>Source: Su et al. 2021 (arXiv:2104.09864); divisors per pair as Llama 3.1 files carry them in {@code rope_freqs}.
 * Immutable, thread-safe.
 */
final class RotaryEmbedding {
    private final double[] radiansPerPosition;

    /**
     * @param dims rotated dimensions of a head, even
     * @param base wavelength base
     * @param linearScale positions are divided by this; 1 = plain
     * @param divisors one per pair, or empty for none
     */
    RotaryEmbedding(int dims, double base, double linearScale, float[] divisors) {
        radiansPerPosition = new double[dims / 2];
        for (int i = 0; i < radiansPerPosition.length; i++) {
            double divisor = divisors.length == 0 ? 1 : divisors[i];
            radiansPerPosition[i] = StrictMath.pow(base, -2.0 * i / dims) / divisor / linearScale;
        }
    }

    /** Rotated pairs of a head. */
    int pairs() {
        return radiansPerPosition.length;
    }

    /** Writes cosine and sine of every pair at a position. */
    void angles(int position, float[] cosOut, float[] sinOut, int at) {
        for (int i = 0; i < radiansPerPosition.length; i++) {
            double angle = position * radiansPerPosition[i];
            cosOut[at + i] = (float) StrictMath.cos(angle);
            sinOut[at + i] = (float) StrictMath.sin(angle);
        }
    }
}
