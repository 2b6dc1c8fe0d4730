package dev.foretoken.engine.tokenizer;

import java.util.SplittableRandom;

/**
 * Two numbers that hashes of a model's pieces mix in. Who writes a file cannot choose pieces that all meet in one place of a
 * table without knowing both; what is found never depends on them.
 *
 * @param start any number
 * @param factor odd; of an even number the next one
 */
record HashKeys(long start, long factor) {
    /** Those of this process. Better random numbers take some 25 ms to begin with, and a file cannot ask for these. */
    static final HashKeys OWN = of(new SplittableRandom());

    HashKeys {
        factor |= 1;
    }

    static HashKeys of(SplittableRandom random) {
        return new HashKeys(random.nextLong(), random.nextLong());
    }

    /** A hash of the bytes [from, to). */
    int hash(byte[] text, int from, int to) {
        long mixed = start;
        for (int i = from; i < to; i++) {
            mixed = mix(mixed, text[i]);
        }
        return (int) (mix(mixed, 0) >>> Integer.SIZE);
    }

    int hash(long number) {
        return (int) (mix(mix(start, number), 0) >>> Integer.SIZE);
    }

    private long mix(long mixed, long number) {
        return (mixed ^ mixed >>> Integer.SIZE ^ number) * factor;
    }
}
