package dev.foretoken.engine.kernel;

/** Comparison of floats by their bits; all NaNs count as one, since IEEE leaves their payload open. */
final class Bits {
    private Bits() {}

    static void assertSame(float expected, float actual, String what) {
        if (Float.floatToIntBits(expected) != Float.floatToIntBits(actual))
            throw new AssertionError("%s: expected %s (%08x), got %s (%08x)"
                    .formatted(
                            what,
                            expected,
                            Float.floatToRawIntBits(expected),
                            actual,
                            Float.floatToRawIntBits(actual)));
    }

    static void assertSame(float[] expected, float[] actual, String what) {
        if (expected.length != actual.length) throw new AssertionError(what + ": lengths differ");
        for (int i = 0; i < expected.length; i++) assertSame(expected[i], actual[i], what + " [" + i + "]");
    }
}
