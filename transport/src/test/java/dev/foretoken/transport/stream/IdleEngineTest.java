package dev.foretoken.transport.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An engine that has nothing to do does nothing. */
@Timeout(30)
class IdleEngineTest {
    private static final Duration WATCHED = Duration.ofSeconds(2);
    /** Two percent of one core; a stage that spins takes a hundred. */
    private static final long CPU_MAX_NS = WATCHED.toNanos() / 50;

    @Test
    void shouldUseNoProcessorWithoutSessions() {
        try (ToyEngine engine = ToyEngine.builder(ToyEngine.endless(8))
                .drafters(new ScriptedDrafter("slow", true))
                .sink(new MemorySink())
                .start()) {
            ToyEngineProbe.tokens(engine, 1, 200);
            engine.awaitAllGone();

            assertThat(cpuNsOfStages(engine)).isLessThan(CPU_MAX_NS);
        }
    }

    @Test
    void shouldUseNoProcessorWhileEveryReaderIsAway() {
        try (ToyEngine engine =
                ToyEngine.builder(ToyEngine.endless(8)).sink(new MemorySink()).start()) {
            for (int i = 0; i < 8; i++) {
                ManualReader<GeneratedToken> reader = ManualReader.of(
                        engine.generate(ToyEngine.prompt(i, 4, 2000)).tokens());
                if (i % 2 == 0) {
                    reader.request(10);
                    reader.awaitItems(10);
                }
            }
            assertThat(cpuNsOfStages(engine)).isLessThan(CPU_MAX_NS);
            assertThat(engine.pipeline.sessionCount()).isEqualTo(8);
        }
    }

    /** What the engine's own threads use while nothing happens: other tests of this JVM do not count. */
    private static long cpuNsOfStages(ToyEngine engine) {
        Awaiting.pause(Duration.ofMillis(200));
        int forwards = engine.target.forwards();
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long[] stages = Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
                .filter(info -> info != null && info.getThreadName().startsWith("foretoken-"))
                .mapToLong(java.lang.management.ThreadInfo::getThreadId)
                .toArray();
        assertThat(stages).hasSizeGreaterThanOrEqualTo(5);
        long before = cpuNs(threads, stages);
        Awaiting.pause(WATCHED);
        assertThat(engine.target.forwards()).isEqualTo(forwards);
        return cpuNs(threads, stages) - before;
    }

    private static long cpuNs(ThreadMXBean threads, long[] ids) {
        return Arrays.stream(ids).map(threads::getThreadCpuTime).sum();
    }
}
