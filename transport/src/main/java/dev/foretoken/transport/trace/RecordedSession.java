package dev.foretoken.transport.trace;

import dev.foretoken.engine.trace.SessionEnd;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All records of one session.
 *
 * @param run name of the run it belongs to
 * @param steps step i is entry i
 * @param end null: the run was killed first, or goes on
 */
public record RecordedSession(
        String run,
        TraceEvent.SessionStarted started,
        List<TraceEvent.StepVerified> steps,
        @Nullable SessionEnd end) {
    public RecordedSession {
        steps = List.copyOf(steps);
    }

    public long sessionId() {
        return started.sessionId();
    }

    /** The whole answer, as far as it was recorded. */
    public List<Integer> emittedTokens() {
        return steps.stream().flatMap(step -> step.emittedTokens().stream()).toList();
    }
}
