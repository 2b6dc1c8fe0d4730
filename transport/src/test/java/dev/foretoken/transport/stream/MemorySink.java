package dev.foretoken.transport.stream;

import dev.foretoken.engine.session.FinishReason;
import dev.foretoken.engine.trace.SessionEnd;
import dev.foretoken.engine.trace.SessionStart;
import dev.foretoken.engine.trace.StepView;
import dev.foretoken.engine.trace.TraceSink;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A trace in memory that fails or blocks where its test says. */
final class MemorySink implements TraceSink {
    final AtomicInteger closed = new AtomicInteger();
    volatile Runnable onClose = () -> {};
    private final Map<Long, List<Integer>> tokens = new ConcurrentHashMap<>();
    private final Map<Long, FinishReason> ends = new ConcurrentHashMap<>();
    private final Map<String, Runnable> traps = new ConcurrentHashMap<>();

    /** The write of this step throws. */
    void failAt(long sessionId, int step, Throwable cause) {
        traps.put(sessionId + "@" + step, () -> sneak(cause));
    }

    void failStart(long sessionId, Throwable cause) {
        traps.put(sessionId + "@start", () -> sneak(cause));
    }

    void failEnd(long sessionId, Throwable cause) {
        traps.put(sessionId + "@end", () -> sneak(cause));
    }

    /** The write of this step waits, deaf to interrupts. */
    void blockAt(long sessionId, int step, CountDownLatch latch) {
        traps.put(sessionId + "@" + step, () -> awaitUninterruptibly(latch));
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        while (true) {
            try {
                latch.await();
                return;
            } catch (InterruptedException e) {
                // a write in the kernel does not hear it either
            }
        }
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void sneak(Throwable cause) throws T {
        throw (T) cause;
    }

    private void trap(String key) {
        Runnable trap = traps.remove(key);
        if (trap != null) {
            trap.run();
        }
    }

    List<Integer> tokens(long sessionId) {
        return tokens.getOrDefault(sessionId, List.of());
    }

    @Nullable
    FinishReason end(long sessionId) {
        return ends.get(sessionId);
    }

    @Override
    public void sessionStarted(SessionStart start) {
        trap(start.sessionId() + "@start");
        tokens.put(start.sessionId(), new CopyOnWriteArrayList<>());
    }

    @Override
    public void stepVerified(StepView step) {
        trap(step.sessionId() + "@" + step.step());
        List<Integer> journal = tokens.get(step.sessionId());
        for (int i = 0; i < step.verdict().emittedCount(); i++) {
            journal.add(step.verdict().emittedToken(i));
        }
    }

    @Override
    public void sessionEnded(SessionEnd end) {
        trap(end.sessionId() + "@end");
        ends.put(end.sessionId(), end.reason());
    }

    @Override
    public void close() {
        closed.incrementAndGet();
        onClose.run();
    }
}
