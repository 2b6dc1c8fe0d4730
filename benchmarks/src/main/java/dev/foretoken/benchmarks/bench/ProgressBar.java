package dev.foretoken.benchmarks.bench;

import dev.foretoken.transport.cli.Terminal;
import java.io.PrintStream;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** One line on standard error: what is done, how far it is, how long it will take. Nothing without a terminal. */
final class ProgressBar implements AutoCloseable {
    private static final int CELLS = 28;
    private static final long FRAME_NS = 100_000_000;
    private static final String WIPE = "\r\u001b[K";

    private final @Nullable PrintStream err;
    private String activity = "";
    private long total;
    private long done;
    private long sinceNs;
    private long drawnNs;

    ProgressBar(Terminal terminal) {
        err = terminal.errIsTerminal() ? terminal.err() : null;
    }

    /** Starts a new count. */
    void begin(String what, long units) {
        activity = what;
        total = Math.max(1, units);
        done = 0;
        sinceNs = System.nanoTime();
        drawnNs = 0;
        draw();
    }

    /** Loading a model, see {@link dev.foretoken.engine.model.LoadProgress}. */
    void loading(double fraction, String stage) {
        done = Math.round(fraction * total);
        draw();
    }

    void advance(String what) {
        activity = what;
        done++;
        draw();
    }

    private void draw() {
        long now = System.nanoTime();
        if (err == null || (now - drawnNs < FRAME_NS && done < total)) {
            return;
        }
        drawnNs = now;
        err.print(WIPE + line(activity, done, total, now - sinceNs));
        err.flush();
    }

    static String line(String activity, long done, long total, long elapsedNs) {
        double share = Math.min(1, (double) done / total);
        int full = (int) Math.round(share * CELLS);
        String left = done == 0 || done >= total
                ? ""
                : ", %s left".formatted(duration((elapsedNs / share - elapsedNs) / 1e9));
        return String.format(
                Locale.ROOT,
                "%s%s %3.0f %%  %s%s",
                "█".repeat(full),
                "░".repeat(CELLS - full),
                100 * share,
                activity,
                left);
    }

    static String duration(double seconds) {
        long whole = Math.round(seconds);
        return whole < 90
                ? whole + " s"
                : whole < 5400 ? Math.round(seconds / 60) + " min" : Math.round(seconds / 3600) + " h";
    }

    @Override
    public void close() {
        if (err != null) {
            err.print(WIPE);
            err.flush();
        }
    }
}
