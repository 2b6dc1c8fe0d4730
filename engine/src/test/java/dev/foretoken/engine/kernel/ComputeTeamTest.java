package dev.foretoken.engine.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ComputeTeamTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5})
    void shouldRunEveryChunkExactlyOnce(int threads) {
        try (ComputeTeam team = new ComputeTeam(threads, "team-test")) {
            int[] plain = new int[70];
            for (int region = 0; region < 20_000; region++) {
                int chunks = region % 70;
                team.run(chunks, (chunk, worker) -> plain[chunk]++);
                if (region % 997 == 0) team.idle();
            }
            int[] expected = new int[70];
            for (int region = 0; region < 20_000; region++) for (int c = 0; c < region % 70; c++) expected[c]++;
            assertThat(plain).isEqualTo(expected);
        }
    }

    @Test
    void shouldShowTheCallerWhatChunksWroteAndChunksWhatTheCallerWrote() {
        try (ComputeTeam team = new ComputeTeam(3, "team-test")) {
            long[] in = new long[40], out = new long[40];
            for (int region = 1; region < 20_000; region++) {
                for (int i = 0; i < in.length; i++) in[i] = (long) region * i;
                team.run(in.length, (chunk, worker) -> out[chunk] = in[chunk] + 1);
                for (int i = 0; i < in.length; i++)
                    assertThat(out[i] == (long) region * i + 1).isTrue();
            }
        }
    }

    @Test
    void shouldNumberWorkersSoThatNoTwoThreadsShareANumber() {
        try (ComputeTeam team = new ComputeTeam(4, "team-test")) {
            AtomicIntegerArray busy = new AtomicIntegerArray(4);
            AtomicInteger clashes = new AtomicInteger();
            for (int region = 0; region < 500; region++) {
                team.run(64, (chunk, worker) -> {
                    if (busy.incrementAndGet(worker) != 1) clashes.incrementAndGet();
                    Thread.yield();
                    busy.decrementAndGet(worker);
                });
            }
            assertThat(clashes).hasValue(0);
        }
    }

    @Test
    void shouldUseItsWorkers() {
        try (ComputeTeam team = new ComputeTeam(2, "team-test")) {
            CountDownLatch both = new CountDownLatch(2);
            team.run(2, (chunk, worker) -> {
                both.countDown();
                await(both);
            });
            assertThat(both.getCount()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void shouldRethrowAChunksExceptionAfterAllChunksAndStayUsable(int threads) {
        try (ComputeTeam team = new ComputeTeam(threads, "team-test")) {
            for (int round = 0; round < 300; round++) {
                AtomicInteger ran = new AtomicInteger();
                assertThatThrownBy(() -> team.run(20, (chunk, worker) -> {
                            ran.incrementAndGet();
                            if (chunk % 7 == 3) throw new IllegalArgumentException("chunk failed");
                        }))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage("chunk failed");
                assertThat(ran).hasValue(20);
                team.run(5, (chunk, worker) -> ran.incrementAndGet());
                assertThat(ran).hasValue(25);
            }
        }
    }

    @Test
    void shouldRefuseASecondCallerAndTooManyChunks() {
        try (ComputeTeam team = new ComputeTeam(2, "team-test")) {
            assertThatThrownBy(() -> team.run(1, (chunk, worker) -> team.run(1, (c, w) -> {})))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("running a region");
            assertThatThrownBy(() -> team.run(65536, (chunk, worker) -> {}))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("65536");
            AtomicInteger ran = new AtomicInteger();
            team.run(65535, (chunk, worker) -> ran.incrementAndGet());
            assertThat(ran).hasValue(65535);
        }
    }

    @Test
    void shouldParkWhenNothingComesAndWakeForTheNextRegion() throws Exception {
        try (ComputeTeam team = new ComputeTeam(3, "team-test")) {
            for (int round = 0; round < 20; round++) {
                awaitParked(team, 2);
                CountDownLatch all = new CountDownLatch(3);
                team.run(3, (chunk, worker) -> {
                    all.countDown();
                    await(all);
                });
                team.idle();
            }
        }
    }

    @Test
    void shouldUseNoProcessorTimeWhenIdle() throws Exception {
        try (ComputeTeam team = new ComputeTeam(3, "idle-cpu-test")) {
            team.run(10, (chunk, worker) -> {});
            awaitParked(team, 2);
            var threads = java.lang.management.ManagementFactory.getThreadMXBean();
            long before = cpuNs(threads);
            // a parked thread cannot be waited for; give it the chance to show that it is not parked
            TimeUnit.MILLISECONDS.sleep(200);
            assertThat(cpuNs(threads) - before).isLessThan(20_000_000L);
        }
    }

    private static long cpuNs(java.lang.management.ThreadMXBean threads) {
        long sum = 0;
        for (var info : threads.getThreadInfo(threads.getAllThreadIds()))
            if (info != null && info.getThreadName().startsWith("idle-cpu-test"))
                sum += threads.getThreadCpuTime(info.getThreadId());
        return sum;
    }

    @Test
    void shouldEndItsThreadsOnCloseAndRefuseFurtherRegions() {
        ComputeTeam team = new ComputeTeam(4, "close-test");
        team.run(
                8,
                (chunk, worker) -> assertThat(Thread.currentThread().isDaemon() || worker == 0)
                        .isTrue());
        team.close();
        team.close();
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(t -> t.getName().startsWith("close-test"));
        assertThatThrownBy(() -> team.run(1, (chunk, worker) -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    private static void await(CountDownLatch latch) {
        try {
            if (!latch.await(20, TimeUnit.SECONDS)) throw new AssertionError("the other chunk never started");
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void awaitParked(ComputeTeam team, int workers) throws InterruptedException {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (team.parked() != workers) {
            if (System.nanoTime() > until) throw new AssertionError("workers did not park: " + team.parked());
            Thread.sleep(1);
        }
    }
}
