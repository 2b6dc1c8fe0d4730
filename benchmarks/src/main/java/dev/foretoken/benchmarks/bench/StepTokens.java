package dev.foretoken.benchmarks.bench;

/** Token ids that no model expects: their content does not change how long a step takes. */
final class StepTokens {
    private static final int STRIDE = 7919;

    private StepTokens() {}

    static int token(int index, int vocabularySize) {
        return (int) (((long) index * STRIDE + 17) % vocabularySize);
    }

    static int[] chain(int count, int vocabularySize) {
        int[] tokens = new int[count];
        for (int i = 0; i < count; i++) {
            tokens[i] = token(i, vocabularySize);
        }
        return tokens;
    }
}
