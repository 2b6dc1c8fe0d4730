package dev.foretoken.transport.trace;

import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.trace.ModelIdentity;
import dev.foretoken.engine.trace.SessionStart;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Verifies recorded sessions again and compares bit for bit: accepted path, bonus token, emitted tokens, raw logits of the
 * chosen, best and second token, log-sum-exp and the ids of the best. First of all the model file and the backend, because bits
 * are equal only within one of each. Sessions run one after another, whatever company they had. Not thread-safe.
 */
public final class TraceReplayer {
    private final Function<ModelIdentity, ReplayTarget> targets;
    private final ReplayProgress progress;
    private @Nullable ModelIdentity targetFor;
    private @Nullable ReplayTarget target;
    private final List<String> damages = new ArrayList<>();
    private final List<String> notReplayed = new ArrayList<>();
    private long sessions;
    private long unfinishedSessions;
    private long steps;
    private long tokens;

    /** @param targets opens what replays sessions of a recorded model; asked whenever the recorded model changes; what it gave before is used no more */
    public TraceReplayer(Function<ModelIdentity, ReplayTarget> targets, ReplayProgress progress) {
        this.targets = targets;
        this.progress = progress;
    }

    /**
     * Replays every session up to the first difference. A run that is damaged is replayed up to the damage, which the report
     * names, and the others go on; so do they where a session needs more KV pages than the verifier has.
     *
     * @throws InvalidInputException if a sound record holds what no run of the model can have recorded
     */
    public ReplayReport replay(TraceReader traces) {
        for (TraceRun run : traces.runs()) {
            String difference = replay(run);
            if (difference != null) {
                return report(difference);
            }
        }
        return report(null);
    }

    private @Nullable String replay(TraceRun run) {
        try (Stream<RecordedSession> recorded = sessions(run)) {
            Iterator<RecordedSession> each = recorded.iterator();
            while (hasNext(each)) {
                RecordedSession session = each.next();
                String difference = replay(session);
                if (difference != null) {
                    return "run %s, session %d, %s".formatted(run.name(), session.sessionId(), difference);
                }
            }
            return null;
        }
    }

    private Stream<RecordedSession> sessions(TraceRun run) {
        try {
            return run.sessions();
        } catch (InvalidInputException unreadable) {
            damages.add(String.valueOf(unreadable.getMessage()));
            return Stream.empty();
        }
    }

    /** Reads on, and takes damage for the end of the run. */
    private boolean hasNext(Iterator<RecordedSession> sessions) {
        try {
            return sessions.hasNext();
        } catch (InvalidInputException damaged) {
            damages.add(String.valueOf(damaged.getMessage()));
            return false;
        }
    }

    private ReplayReport report(@Nullable String firstDifference) {
        return new ReplayReport(sessions, unfinishedSessions, steps, tokens, firstDifference, damages, notReplayed);
    }

    private @Nullable String replay(RecordedSession session) {
        SessionStart start = session.started().start();
        ReplayTarget opened = target(start.model());
        String foreign = foreign(start, opened);
        if (foreign != null) {
            count(session);
            return foreign;
        }
        SessionReplay replay = new SessionReplay(session, opened.verifier());
        int pagesTotal = opened.verifier().shape().pagesTotal();
        if (replay.pages() > pagesTotal) {
            notReplayed.add(
                    "session %d of trace run %s was not replayed: it needs %d MiB for keys and values, the verifier has %d MiB: allow it more, on the command line by a larger heap (-Xmx)"
                            .formatted(
                                    session.sessionId(),
                                    session.run(),
                                    Math.ceilDiv(replay.pages() * opened.kvPageBytes(), 1 << 20),
                                    pagesTotal * opened.kvPageBytes() >> 20));
            return null;
        }
        count(session);
        return run(replay);
    }

    private void count(RecordedSession session) {
        sessions++;
        unfinishedSessions += session.end() == null ? 1 : 0;
    }

    private ReplayTarget target(ModelIdentity recorded) {
        ReplayTarget last = target;
        if (last != null && recorded.equals(targetFor)) {
            return last;
        }
        target = null; // two models need not fit into memory
        last = targets.apply(recorded);
        target = last;
        targetFor = recorded;
        return last;
    }

    private static @Nullable String foreign(SessionStart start, ReplayTarget target) {
        ModelIdentity recorded = start.model();
        ModelIdentity opened = target.model();
        if (!recorded.contentHash().equals(opened.contentHash()) || recorded.sizeBytes() != opened.sizeBytes()) {
            return "model file: %s (%d bytes, hash %s) is not the recorded %s (%d bytes, hash %s)"
                    .formatted(
                            opened.path(),
                            opened.sizeBytes(),
                            opened.contentHash(),
                            recorded.path(),
                            recorded.sizeBytes(),
                            recorded.contentHash());
        }
        String backend = target.verifier().shape().backend();
        return start.backend().equals(backend)
                ? null
                : "backend: it is %s, the trace has %s".formatted(backend, start.backend());
    }

    private @Nullable String run(SessionReplay replay) {
        String where = "totals";
        replay.open();
        try {
            replay.prefill();
            for (int step = 0; replay.hasNextStep(); step++) {
                where = "step " + step;
                tokens += replay.replayStep();
                steps++;
                progress.replayed(sessions, steps, tokens);
            }
            where = "totals";
            replay.checkTotals();
            return null;
        } catch (ReplayDifference e) {
            return where + ", " + e.getMessage();
        } finally {
            replay.close();
        }
    }
}
