package dev.foretoken.transport.trace;

import org.jspecify.annotations.Nullable;

/**
 * What came of a replay. It stops at the first difference, so the counts say how far it came.
 *
 * @param sessions replayed, the differing one included
 * @param unfinishedSessions of those, the ones whose run was killed or goes on: replayed as far as they were recorded
 * @param steps whose every bit was equal
 * @param tokens emitted by those steps
 * @param firstDifference one sentence with run, session, step and token; null: none
 */
public record ReplayReport(
        long sessions, long unfinishedSessions, long steps, long tokens, @Nullable String firstDifference) {
    public boolean isEqual() {
        return firstDifference == null;
    }
}
