package dev.foretoken.transport.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.drafters.control.ContextCost;
import dev.foretoken.drafters.control.VerifyCostCurve;
import dev.foretoken.drafters.control.VerifyCostCurve.Point;
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
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class CostMemoryTest {
    /** Eight rows cost hardly more than one. */
    private static final VerifyCostCurve FLAT =
            new VerifyCostCurve(List.of(new Point(1, 1e6), new Point(8, 1.01e6)), ContextCost.NONE);

    private static final int TOKENS = 400;

    private static final class Memory implements CostMemory {
        final List<VerifyCostCurve> kept = Collections.synchronizedList(new ArrayList<>());
        private final Optional<VerifyCostCurve> earlier;

        Memory(Optional<VerifyCostCurve> earlier) {
            this.earlier = earlier;
        }

        @Override
        public Optional<VerifyCostCurve> recall() {
            return earlier;
        }

        @Override
        public void keep(VerifyCostCurve curve) {
            kept.add(curve);
        }
    }

    @Test
    void shouldSpeculateFromTheFirstStepOnWithCostsOfAnEarlierEngine() {
        assertThat(guessesOfFirstStep(CostMemory.NONE)).isZero();
        assertThat(guessesOfFirstStep(new Memory(Optional.of(FLAT)))).isEqualTo(1);
    }

    @Test
    void shouldKeepWhatAStreamTaughtWhenTheEngineCloses() {
        Memory memory = new Memory(Optional.empty());

        try (Pipeline pipeline = pipeline(memory)) {
            read(pipeline, TOKENS);
            assertThat(memory.kept).as("while it decodes").isEmpty();
        }

        assertThat(memory.kept).hasSize(1);
        assertThat(memory.kept.getFirst().points().getFirst().rows()).isEqualTo(1);
    }

    @Test
    void shouldKeepNothingOfAnEngineThatDidNothing() {
        Memory memory = new Memory(Optional.of(FLAT));

        pipeline(memory).close();

        assertThat(memory.kept).isEmpty();
    }

    /** The second token's step has no room for a guess. */
    private static long guessesOfFirstStep(CostMemory memory) {
        Pipeline pipeline = pipeline(memory);
        try (pipeline) {
            read(pipeline, 1);
        } // a step is counted when its tokens are on their way, maybe after they were read
        return pipeline.counters().get(EngineCounter.TREE_ROWS)
                - pipeline.counters().get(EngineCounter.STEPS);
    }

    private static Pipeline pipeline(CostMemory memory) {
        HashTarget target = new HashTarget(2, 2 * TOKENS, 1000, 0);
        return new Pipeline(target, new HashVocabulary(), List.of(sure()), null, PipelineSettings.STANDARD, memory);
    }

    /** Reads so many tokens of a session that ends with them. */
    private static void read(Pipeline pipeline, int tokens) {
        Session session = pipeline.admit(start(tokens), new int[] {1, 2, 3});
        session.outbox().reader(Thread.currentThread());
        pipeline.requested(session);
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

    /** Proposes one token and is certain of it. */
    private static Drafter sure() {
        return new Drafter() {
            @Override
            public String name() {
                return "sure";
            }

            @Override
            public boolean needsOwnThread() {
                return false;
            }

            @Override
            public DraftSession open(DraftStart start) {
                return (DraftText text, int depthMax, TokenTree draft) -> draft.add(0, text.pendingToken(), 1, 0);
            }
        };
    }

    private static SessionStart start(int tokens) {
        GenerationRequest request =
                GenerationRequest.of(new Prompt.Tokens(List.of(1, 2, 3))).maxTokens(tokens + 1);
        return new SessionStart(
                1,
                0,
                request,
                SamplingParameters.GREEDY,
                List.of(1, 2, 3),
                new ModelIdentity("hash", 0, "0"),
                "hash-1",
                List.of("sure"),
                "",
                0);
    }
}
