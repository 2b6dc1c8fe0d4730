package dev.foretoken.engine.kernel;

/** Working memory of one compute thread: 128 KiB for dequantised weights. Not thread-safe: one per worker of a team. */
public final class Scratch {
    /** Weights of a panel: 16 rows x 2048 columns, or 64 rows x 512. */
    static final int PANEL = 32 * 1024;

    final float[] panel = new float[PANEL];

    /** One scratch per worker, indexed by the worker number a {@link ComputeTeam.Task} receives. */
    public static Scratch[] forTeam(ComputeTeam team) {
        Scratch[] scratches = new Scratch[team.threads()];
        for (int i = 0; i < scratches.length; i++) scratches[i] = new Scratch();
        return scratches;
    }
}
