package dev.foretoken.transport.trace;

import dev.foretoken.engine.trace.SessionEnd;
import dev.foretoken.engine.trace.SessionStart;
import java.util.List;

/** One record of a trace, as readers see it. Immutable, equal by content. */
public sealed interface TraceEvent {
    /** Unique within one run. */
    long sessionId();

    /**
     * A session was admitted.
     *
     * @param continuesRun name of the run that this session continues, empty for a session from the start
     * @param continuesSessionId the session of that run, -1 for a session from the start
     */
    record SessionStarted(SessionStart start, String continuesRun, long continuesSessionId) implements TraceEvent {
        @Override
        public long sessionId() {
            return start.sessionId();
        }
    }

    /**
     * One tree was verified.
     *
     * @param step counts from 0 within the session
     * @param tree what was proposed
     * @param path accepted nodes below the root, in order
     * @param bonusToken the token chosen after the path, -1 when a stop condition cut the step before it
     * @param emitted one row per emitted token: the path's tokens, then the bonus token
     * @param draft how the tree came about
     * @param batchRows rows of the whole forward
     * @param batchTrees trees of the whole forward
     * @param forwardNs time of the whole forward
     * @param failure why the step could not be judged; empty: it could
     */
    record StepVerified(
            long sessionId,
            int step,
            TracedTree tree,
            List<Integer> path,
            int bonusToken,
            List<TracedRow> emitted,
            TracedDraft draft,
            int batchRows,
            int batchTrees,
            long forwardNs,
            String failure)
            implements TraceEvent {
        public StepVerified {
            path = List.copyOf(path);
            emitted = List.copyOf(emitted);
        }

        /** The tokens this step added to the answer. */
        public List<Integer> emittedTokens() {
            return emitted.stream().map(TracedRow::token).toList();
        }
    }

    /** A session ended; without this record its run was killed first. */
    record SessionEnded(SessionEnd end) implements TraceEvent {
        @Override
        public long sessionId() {
            return end.sessionId();
        }
    }
}
