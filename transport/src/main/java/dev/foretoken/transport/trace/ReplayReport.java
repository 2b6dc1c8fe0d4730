package dev.foretoken.transport.trace;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What came of a replay. It stops at the first difference, so the counts say how far it came.
 *
 * @param sessions replayed, the differing one included
 * @param unfinishedSessions of those, the ones whose run was killed, goes on or is damaged: replayed as far as they were recorded
 * @param steps whose every bit was equal
 * @param tokens emitted by those steps
 * @param firstDifference one sentence with run, session, step and token; null: none
 * @param damages one sentence for each run that cannot be read to its end; what lies before its damage was replayed
 * @param notReplayed one sentence for each session that the verifier has no room for; it is not among those counted
 */
public record ReplayReport(
        long sessions,
        long unfinishedSessions,
        long steps,
        long tokens,
        @Nullable String firstDifference,
        List<String> damages,
        List<String> notReplayed) {
    public ReplayReport {
        damages = List.copyOf(damages);
        notReplayed = List.copyOf(notReplayed);
    }

    /** True if every recorded bit was read and replayed and is equal. */
    public boolean isEqual() {
        return firstDifference == null && damages.isEmpty() && notReplayed.isEmpty();
    }
}
