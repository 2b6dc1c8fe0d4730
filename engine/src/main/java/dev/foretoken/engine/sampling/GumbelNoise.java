package dev.foretoken.engine.sampling;

/**
 * Gumbel noise of every (seed, position, token), computed on demand: g = -log(-log(u)), u = (w + 0.5) * 2^-32, w the
 * unsigned word {@code id & 3} of Philox(counter = (id >>> 2, position, 0, 0), key = the seed). Adding g to log
 * probabilities and taking the argmax draws one token; target and drafters share the noise, so they tend to agree.
 * <p>Source: Gumbel-max; sharing it, Daliri, Musco and Suresh, "Coupling without Communication" (2024).
 * <p>Not thread-safe: remembers the last block of four tokens.
 */
final class GumbelNoise {
    /** No noise is larger: log(2^33), rounded up. */
    static final double LARGEST = 22.8739;

    private static final double STEP = 0x1p-32;
    /** [33] bound for a word whose complement has this many leading zeros, so that most tokens need no logarithm. */
    private static final double[] BOUND_BY_ZEROS = boundByZeros();

    private final Philox philox = new Philox();
    private int keyLow;
    private int keyHigh;
    private int position;
    private int block = -1;

    void begin(long seed, int tokenPosition) {
        keyLow = (int) seed;
        keyHigh = (int) (seed >>> 32);
        position = tokenPosition;
        block = -1;
    }

    /** The random word of a token. */
    int word(int id) {
        if (id >>> 2 != block) {
            block = id >>> 2;
            philox.generate(block, position, 0, 0, keyLow, keyHigh);
        }
        return philox.word(id & 3);
    }

    /** The noise that belongs to a word. */
    static double noise(int word) {
        double uniform = ((word & 0xFFFF_FFFFL) + 0.5) * STEP;
        return -StrictMath.log(-StrictMath.log(uniform));
    }

    /** At least the noise of this word, at most about 0.7 (the log of 2) above it where it matters, without a logarithm. */
    static double upperBound(int word) {
        return BOUND_BY_ZEROS[Integer.numberOfLeadingZeros(~word)];
    }

    private static double[] boundByZeros() {
        double[] bound = new double[33];
        for (int zeros = 0; zeros <= 32; zeros++) {
            int smallestComplement = zeros == 32 ? 0 : 1 << (31 - zeros);
            bound[zeros] = noise(~smallestComplement) + 1e-9;
        }
        return bound;
    }
}
