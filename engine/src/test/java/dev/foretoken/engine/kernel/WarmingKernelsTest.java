package dev.foretoken.engine.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.engine.gguf.TensorType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class WarmingKernelsTest {
    private static final Set<TensorType> TYPES = Set.of(TensorType.Q4_K, TensorType.Q6_K);
    private static final Duration LONG = Duration.ofSeconds(30);

    private final Thread tester = Thread.currentThread();
    private final AtomicInteger callsOfTester = new AtomicInteger();
    private final AtomicInteger warmUpCalls = new AtomicInteger();
    private volatile boolean isCompiled;

    /** Kernels that are as slow as interpreted ones until {@link #isCompiled}, and count their calls. */
    private Kernels slowAtFirst() {
        return (Kernels) Proxy.newProxyInstance(
                Kernels.class.getClassLoader(), new Class<?>[] {Kernels.class}, (_, method, args) -> {
                    (Thread.currentThread() == tester ? callsOfTester : warmUpCalls).incrementAndGet();
                    if (!isCompiled) LockSupport.parkNanos(1_000_000);
                    if (isCompiled && Thread.currentThread() != tester) return 0.0; // as fast as a proxy can be
                    try {
                        return method.invoke(Kernels.scalar(), args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Test
    void shouldRunPlainLoopsUntilTheOthersAreFast() throws InterruptedException {
        WarmingKernels kernels = new WarmingKernels(slowAtFirst(), TYPES);
        Thread.sleep(20);
        assertThat(warmUpCalls).hasValue(0);
        kernels.warmUp();
        kernels.warmUp();
        while (warmUpCalls.get() < 20) Thread.sleep(1);
        check(new KernelLaws(kernels, 1));
        assertThat(kernels.isWarm()).isFalse();
        assertThat(callsOfTester).hasValue(0);

        isCompiled = true;
        awaitWarm(kernels);
        check(new KernelLaws(kernels, 2));
        assertThat(callsOfTester).hasPositiveValue();
    }

    @Test
    void shouldGiveTheSameBitsWhileTheyGetWarm() throws InterruptedException {
        WarmingKernels kernels = new WarmingKernels(Kernels.fastest(), TYPES);
        kernels.warmUp();
        for (int seed = 0; seed == 0 || !kernels.isWarm(); seed++) check(new KernelLaws(kernels, seed));
        check(new KernelLaws(kernels, -1));
        assertThat(kernels.name()).isEqualTo(Kernels.fastest().name());
    }

    @Test
    void shouldWarmTheSameTypesOnce() {
        assertThat(Kernels.warming(TYPES)).isSameAs(Kernels.warming(Set.copyOf(TYPES)));
        assertThat(Kernels.fastest().isWarm()).isTrue();
    }

    private static void check(KernelLaws laws) {
        for (TensorType type : TYPES) laws.products(type);
        laws.attention(64);
        laws.elementwise();
    }

    private static void awaitWarm(Kernels kernels) throws InterruptedException {
        long since = System.nanoTime();
        while (!kernels.isWarm()) {
            assertThat(System.nanoTime() - since).isLessThan(LONG.toNanos());
            Thread.sleep(5);
        }
    }
}
