package dev.foretoken.transport.trace;

import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.trace.SessionEnd;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Groups the events of one run: ended sessions in the order of their ends, then the others in the order of their starts. Where
 * the run is damaged, the sessions before the damage come first, as far as they were recorded, and then the refusal.
 */
final class RunSessions implements Iterator<RecordedSession> {
    private record Open(TraceEvent.SessionStarted started, List<TraceEvent.StepVerified> steps) {}

    private final String run;
    private final Iterator<TraceEvent> events;
    private final Map<Long, Open> openById = new LinkedHashMap<>();
    private @Nullable RecordedSession ahead;
    private @Nullable InvalidInputException damage;

    RunSessions(String run, Iterator<TraceEvent> events) {
        this.run = run;
        this.events = events;
    }

    @Override
    public boolean hasNext() {
        readToNextEnd();
        if (ahead == null && !openById.isEmpty()) {
            ahead = close(openById.keySet().iterator().next(), null);
        }
        if (ahead == null && damage != null) {
            throw damage;
        }
        return ahead != null;
    }

    private void readToNextEnd() {
        try {
            while (ahead == null && damage == null && events.hasNext()) {
                add(events.next());
            }
        } catch (InvalidInputException e) {
            damage = e;
        }
    }

    private void add(TraceEvent event) {
        switch (event) {
            case TraceEvent.SessionStarted started -> {
                check(!openById.containsKey(started.sessionId()), event, "starts twice");
                openById.put(started.sessionId(), new Open(started, new ArrayList<>()));
            }
            case TraceEvent.StepVerified step -> {
                Open open = openById.get(step.sessionId());
                check(open != null, event, "has a step without its start");
                check(
                        step.step() == open.steps.size(),
                        event,
                        "has step %d where step %d belongs".formatted(step.step(), open.steps.size()));
                open.steps.add(step);
            }
            case TraceEvent.SessionEnded ended -> {
                check(openById.containsKey(ended.sessionId()), event, "ends without its start");
                ahead = close(ended.sessionId(), ended.end());
            }
        }
    }

    private void check(boolean valid, TraceEvent event, String what) {
        if (!valid) {
            throw new InvalidInputException(
                    "trace run %s is damaged: session %d %s; were files of the run removed or mixed?"
                            .formatted(run, event.sessionId(), what));
        }
    }

    private RecordedSession close(long sessionId, @Nullable SessionEnd end) {
        Open open = openById.remove(sessionId);
        return new RecordedSession(run, open.started, open.steps, end);
    }

    @Override
    public RecordedSession next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        RecordedSession session = ahead;
        ahead = null;
        return java.util.Objects.requireNonNull(session);
    }
}
