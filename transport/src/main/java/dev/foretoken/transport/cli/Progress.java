package dev.foretoken.transport.cli;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One line on standard error that says what a person is waiting for. It appears after half a second, counts the seconds, and
 * is wiped when the wait is over; without a terminal there is none. A virtual thread draws it; methods may be called from any
 * thread.
 */
final class Progress implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMillis(500);
    private static final Duration FRAME = Duration.ofMillis(200);
    private static final String WIPE = "\r\u001b[K";

    private final @Nullable PrintStream err;
    private final Duration patience;
    private @Nullable String activity; // guarded by this
    private long sinceNs; // guarded by this
    private boolean drawn; // guarded by this
    private @Nullable Thread painter; // guarded by this

    Progress(Terminal terminal) {
        this(terminal, PATIENCE);
    }

    Progress(Terminal terminal, Duration patience) {
        this.err = terminal.errIsTerminal() ? terminal.err() : null;
        this.patience = patience;
    }

    /** From now on this is what takes so long, e.g. {@code loading model.gguf}. */
    synchronized void begin(String what) {
        activity = what;
        sinceNs = System.nanoTime();
        if (err != null && painter == null) {
            painter = Thread.ofVirtual().name("progress").start(this::paint);
        }
    }

    /** The same wait goes on; this is how far it has come. */
    synchronized void update(String what) {
        if (activity != null) {
            activity = what;
        }
    }

    /** A model is being loaded, see {@link dev.foretoken.engine.model.LoadProgress}. */
    void loading(double fraction, String stage) {
        String model = stage.startsWith("draft model") ? "draft model" : "model";
        update(
                fraction < 1
                        ? String.format(Locale.ROOT, "loading the %s, %.0f %%", model, 100 * fraction)
                        : "getting ready");
    }

    /** The wait is over: the line goes before anything else is shown. */
    synchronized void done() {
        activity = null;
        wipe();
    }

    @Override
    public synchronized void close() {
        done();
        if (painter != null) {
            painter.interrupt();
            painter = null;
        }
    }

    private void paint() {
        try {
            while (true) {
                Thread.sleep(FRAME);
                draw();
            }
        } catch (InterruptedException e) {
            // close() ends the painter
        }
    }

    synchronized void draw() {
        long waitedNs = System.nanoTime() - sinceNs;
        if (err == null || activity == null || waitedNs < patience.toNanos()) {
            return;
        }
        err.print(WIPE + String.format(Locale.ROOT, "%s… %.1f s", activity, waitedNs / 1e9));
        err.flush();
        drawn = true;
    }

    private void wipe() {
        if (drawn && err != null) {
            err.print(WIPE);
            err.flush();
            drawn = false;
        }
    }
}
