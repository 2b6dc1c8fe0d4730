package dev.foretoken.transport.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.engine.error.ParkedTooLongException;
import dev.foretoken.engine.error.TraceFailedException;
import dev.foretoken.engine.trace.SessionEnd;
import dev.foretoken.engine.trace.SessionStart;
import dev.foretoken.engine.trace.StepView;
import dev.foretoken.engine.trace.TraceSink;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The timer by hand: no thread, and a clock that the test moves. */
class SessionTimerTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final PipelineSettings SETTINGS = new PipelineSettings(1, TIMEOUT, TIMEOUT, TIMEOUT);
    /** As often as the timer looks when nothing delays it. */
    private static final Duration TICK = Duration.ofMillis(2500);

    private final EngineCounters counters = new EngineCounters();
    private final DraftInbox inbox = new DraftInbox(2, new Parker(), counters);
    private final VerdictRing ring = new VerdictRing(2, counters);
    private final Session session = StressSessions.session();
    private Runnable duringWrite = () -> {};
    private long nowNs = -5_000_000_000L;
    private final TracerStage tracer = new TracerStage(
            ring, ring.newBarrier(), new Parker(), new Parker(), new SlowSink(), inbox, () -> nowNs, counters);
    private final SessionTimer timer = new SessionTimer(Set.of(session), inbox, tracer, SETTINGS, () -> nowNs);

    /** A sink in whose writes time passes. */
    private final class SlowSink implements TraceSink {
        @Override
        public void sessionStarted(SessionStart start) {
            duringWrite.run();
        }

        @Override
        public void stepVerified(StepView step) {}

        @Override
        public void sessionEnded(SessionEnd end) {}

        @Override
        public void close() {}
    }

    private void tickAfter(Duration time) {
        nowNs += time.toNanos();
        timer.tick();
    }

    private void tickFor(Duration time, Duration tick) {
        for (long ticks = time.dividedBy(tick); ticks > 0; ticks--) {
            tickAfter(tick);
        }
    }

    private void writeWhile(Runnable timePasses) {
        duringWrite = timePasses;
        VerdictEvent event = ring.get(ring.claim());
        event.kind = VerdictEvent.Kind.ADMITTED;
        event.session = session;
        tracer.onEvent(0);
    }

    /** Also where a busy machine delays every tick. */
    @ParameterizedTest
    @ValueSource(longs = {2500, 4900})
    void shouldEndASessionWhoseReaderAsksForNothingTooLong(long tickMs) {
        Duration tick = Duration.ofMillis(tickMs);
        session.waitsUnlessReady(nowNs);

        tickFor(TIMEOUT, tick);
        assertThat(session.failure()).isNull();
        tickAfter(tick);

        assertThat(session.failure()).isInstanceOf(ParkedTooLongException.class);
    }

    @Test
    void shouldMeasureAReadersPatienceAnewWhenTheProcessStoodStill() {
        session.waitsUnlessReady(nowNs);
        tickAfter(TICK);

        tickAfter(Duration.ofHours(1));
        tickFor(TIMEOUT, TICK);
        assertThat(session.failure()).as("all but the hour").isNull();
        tickAfter(TICK);

        assertThat(session.failure()).isInstanceOf(ParkedTooLongException.class);
    }

    @Test
    void shouldFailTheSessionsOfATracerThatIsStuckInAWrite() {
        writeWhile(() -> tickFor(TIMEOUT.plus(TICK), TICK));

        assertThat(session.failure())
                .isInstanceOf(TraceFailedException.class)
                .hasMessageContaining("has not accepted a record for 10000 ms");
    }

    @Test
    void shouldTakeNoTracerForStuckWhenTheProcessStoodStill() {
        writeWhile(() -> {
            tickAfter(TICK);
            tickAfter(Duration.ofHours(1));
            tickAfter(TICK);
        });
        tickAfter(TICK);

        assertThat(session.failure()).isNull();
    }
}
