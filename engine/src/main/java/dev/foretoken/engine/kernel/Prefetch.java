package dev.foretoken.engine.kernel;

/**
 * Fetching weights before they are needed, where a processor does not do so by itself. Java has no instruction for that, but vector
 * stores of which no lane is set: they write nothing, and a processor fetches their line as it does for any store. Unlike
 * a load, no later instruction waits for it to come; only stores do, of which tiles have few.
 *
 * <p>Such stores are written out in the tiles, as whatever is not inlined there would cost all vectors that are in registers. They
 * are narrow, because those of 512 bits are dearer, and a tile has masks of one kind only, because the compiler makes a loop
 * twice for each. Nibbles bring so little for each product that nothing is gained.
 *
 * <p>Prefetching is on for processors of Intel with 512-bit vectors, where it was measured. Results do not depend on it. The system
 * property {@code foretoken.prefetch} ({@code true} or {@code false}) decides otherwise, for 512-bit vectors alone: processors
 * without them have no such stores of bytes.
 */
final class Prefetch {
    static final String PROPERTY = "foretoken.prefetch";

    static final boolean IS_ON = KernelChoice.hasWideVectors() && isWanted(System.getProperty(PROPERTY, ""));

    /** How far ahead of what is read, in bytes, where two stripes are read at a time: enough to hide the latency of memory. */
    static final int BYTES = 2 * 1024;

    /** The same where one stripe is. */
    static final int BYTES_OF_ONE = 3 * 1024;

    /** Bytes that every array of weights has behind them, so that tiles need not know where it ends. */
    static final int END_BYTES = IS_ON ? BYTES_OF_ONE : 0;

    /** The bits of a mask without lanes. Not a constant, so that the compiler cannot know that nothing is stored. */
    @SuppressWarnings("FieldMayBeFinal")
    static long noLanes = 0;

    private Prefetch() {}

    private static boolean isWanted(String property) {
        return switch (property) {
            case "true" -> true;
            case "false" -> false;
            case "" -> isIntel();
            default -> {
                KernelChoice.warnOfIgnored(PROPERTY, property, "true or false");
                yield isIntel();
            }
        };
    }

    private static boolean isIntel() {
        return ProcessorInfo.field("vendor_id").filter("GenuineIntel"::equals).isPresent();
    }
}
