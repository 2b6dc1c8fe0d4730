package dev.foretoken.transport.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.foretoken.engine.draft.DraftSession;
import dev.foretoken.engine.draft.DraftStart;
import dev.foretoken.engine.draft.DraftText;
import dev.foretoken.engine.draft.Drafter;
import dev.foretoken.engine.sampling.SamplingParameters;
import dev.foretoken.engine.session.GenerationRequest;
import dev.foretoken.engine.session.Prompt;
import dev.foretoken.engine.testing.HashTarget;
import dev.foretoken.engine.testing.HashVocabulary;
import dev.foretoken.engine.trace.ModelIdentity;
import dev.foretoken.engine.trace.SessionStart;
import dev.foretoken.engine.tree.TokenTree;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A step in steady state allocates nothing on the engine's own threads. */
@Timeout(60)
class HotPathAllocationTest {
    private static final int STEPS = 20_000;
    private static final int CONTEXT = 4 * STEPS;
    /** What class loading and compiled code's own bookkeeping may add; one object per step would be 16 and more. */
    private static final double BYTES_PER_STEP_MAX = 4;

    @Test
    void shouldAllocateNothingPerStep() {
        HashTarget target = new HashTarget(2, CONTEXT, 1 << 20, 0);
        try (Pipeline pipeline =
                new Pipeline(target, new HashVocabulary(), List.of(lastToken()), null, PipelineSettings.STANDARD)) {
            Session session = pipeline.admit(start(), new int[] {1, 2, 3});
            session.outbox().reader(Thread.currentThread());
            pipeline.requested(session);
            drain(pipeline, session, STEPS);
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long[] stages = Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
                    .filter(info ->
                            info != null && info.getThreadName().matches("foretoken-(verifier|drafting-0|streamer)"))
                    .mapToLong(java.lang.management.ThreadInfo::getThreadId)
                    .toArray();
            assertThat(stages).hasSize(3);
            long before = Arrays.stream(threads.getThreadAllocatedBytes(stages)).sum();
            long stepsBefore = pipeline.counters().get(EngineCounter.STEPS);

            drain(pipeline, session, STEPS);

            long bytes = Arrays.stream(threads.getThreadAllocatedBytes(stages)).sum() - before;
            long steps = pipeline.counters().get(EngineCounter.STEPS) - stepsBefore;
            assertThat(steps).isGreaterThan(STEPS / 2);
            assertThat((double) bytes / steps).as("bytes per step").isLessThan(BYTES_PER_STEP_MAX);
        }
    }

    /** Reads so many tokens, as a reader that keeps up would. */
    private static void drain(Pipeline pipeline, Session session, int tokens) {
        for (int taken = 0; taken < tokens; ) {
            if (session.outbox().isEmpty()) {
                assertThat(session.failure()).isNull();
                LockSupport.parkNanos(50_000);
            } else {
                session.outbox().advance();
                pipeline.wakeIfReady(session);
                taken++;
            }
        }
    }

    private static Drafter lastToken() {
        return new Drafter() {
            @Override
            public String name() {
                return "last";
            }

            @Override
            public boolean needsOwnThread() {
                return false;
            }

            @Override
            public DraftSession open(DraftStart start) {
                return (DraftText text, int depthMax, TokenTree draft) -> draft.add(0, text.pendingToken(), 0.5f, 0);
            }
        };
    }

    private static SessionStart start() {
        GenerationRequest request = GenerationRequest.of(new Prompt.Tokens(List.of(1, 2, 3)))
                .maxTokens(CONTEXT)
                .treeSize(2);
        return new SessionStart(
                1,
                0,
                request,
                SamplingParameters.GREEDY,
                List.of(1, 2, 3),
                new ModelIdentity("hash", 0, "0"),
                "hash-1",
                List.of("last"),
                "",
                0);
    }
}
