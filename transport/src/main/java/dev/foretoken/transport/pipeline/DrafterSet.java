package dev.foretoken.transport.pipeline;

import dev.foretoken.engine.draft.Drafter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The drafters of an engine in the order of their bits: inline ones, called by the owning drafter thread, and slow ones on
 * threads of their own.
 */
final class DrafterSet {
    private final List<Drafter> drafters;
    private final List<String> names;
    private final long warmStartFingerprint;
    private final @Nullable SlowDrafter[] slow;
    private final DrafterLog[] logs;
    private final EngineCounters counters;

    DrafterSet(List<Drafter> drafters, int sessionsMax, EngineCounters counters) {
        this.counters = counters;
        this.drafters = List.copyOf(drafters);
        this.names = drafters.stream().map(Drafter::name).toList();
        this.warmStartFingerprint = warmStartFingerprint(drafters);
        this.slow = new SlowDrafter[drafters.size()];
        this.logs = names.stream().map(DrafterLog::new).toArray(DrafterLog[]::new);
        for (int i = 0; i < slow.length; i++) {
            slow[i] = drafters.get(i).needsOwnThread()
                    ? new SlowDrafter(drafters.get(i), sessionsMax, counters, logs[i])
                    : null;
        }
    }

    int count() {
        return slow.length;
    }

    Drafter drafter(int index) {
        return drafters.get(index);
    }

    DrafterLog log(int index) {
        return logs[index];
    }

    /** The drafter's own thread's side, or null if it is called inline. */
    @Nullable
    SlowDrafter slow(int index) {
        return slow[index];
    }

    List<SlowDrafter> slowOnes() {
        List<SlowDrafter> found = new ArrayList<>();
        for (SlowDrafter drafter : slow) {
            if (drafter != null) {
                found.add(drafter);
            }
        }
        return found;
    }

    /** Closes the inline ones; the slow ones are closed by their own threads. */
    void closeInline() {
        for (int i = 0; i < slow.length; i++) {
            if (slow[i] == null) {
                try {
                    drafters.get(i).close();
                } catch (Throwable e) {
                    counters.increment(EngineCounter.CLOSE_FAILURES);
                    logs[i].threw("close", e);
                }
            }
        }
    }

    private static long warmStartFingerprint(List<Drafter> drafters) {
        long combined = 0;
        for (Drafter drafter : drafters) {
            combined = combined * 31 + drafter.warmStartFingerprint();
        }
        return combined;
    }

    /** Over the frozen tables of all drafters, in their order; 0 if none has one. */
    long warmStartFingerprint() {
        return warmStartFingerprint;
    }

    List<String> names() {
        return names;
    }
}
