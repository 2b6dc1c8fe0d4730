package dev.foretoken.engine.kernel;

/**
 * Working memory of one compute thread: 96 KiB for dequantised weights. Not thread-safe: one per worker of a team.
 */
public final class Scratch {
    /** Floats of panels: 16 rows of 1536 columns, or 32 of 768. */
    static final int PANEL = 16 * 1536;

    final float[] panel = new float[PANEL];

    /** See {@link ReadAhead#read}; nobody looks at it. */
    int readAhead;

    /** One scratch per worker of a team of so many threads, indexed by the number a {@link ComputeTeam.Task} receives. */
    public static Scratch[] forTeam(int threads) {
        Scratch[] scratches = new Scratch[threads];
        for (int i = 0; i < scratches.length; i++) scratches[i] = new Scratch();
        return scratches;
    }
}
