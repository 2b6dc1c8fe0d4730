package dev.foretoken.benchmarks;

import dev.foretoken.engine.draft.DraftSession;
import dev.foretoken.engine.draft.DraftStart;
import dev.foretoken.engine.draft.DraftText;
import dev.foretoken.engine.draft.Drafter;
import dev.foretoken.engine.sampling.SamplingParameters;
import dev.foretoken.engine.session.GenerationRequest;
import dev.foretoken.engine.session.Prompt;
import dev.foretoken.engine.trace.ModelIdentity;
import dev.foretoken.engine.trace.SessionStart;
import dev.foretoken.engine.tree.TokenTree;
import dev.foretoken.transport.pipeline.Outbox;
import dev.foretoken.transport.pipeline.Pipeline;
import dev.foretoken.transport.pipeline.PipelineSettings;
import dev.foretoken.transport.pipeline.Session;
import dev.foretoken.transport.stream.Generation;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import reactor.core.publisher.Flux;

/**
 * What the dataflow itself takes per step: the whole engine around a target that costs nothing. One operation is one step of
 * one session, from its tree in the draft ring to its tokens in the reader's hands; with several sessions, steps share
 * forwards. Opening a session is spread over its steps. With {@code -prof gc}, {@code gc.alloc.rate.norm} is the bytes
 * allocated per step: {@link #raw} shows the engine's own (0 but for the opening of sessions), {@link #stream} adds what a
 * reader is given.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Benchmark)
public class EngineStepBenchmark {
    private static final int STEPS = 1 << 14;
    private static final int CONTEXT = 1 << 20;
    private static final int[] PROMPT = {1};

    @Param({"1", "2", "4", "8"})
    int sessions;

    /** Nodes of every tree, root included; all of them are accepted, so a step emits as many tokens. */
    @Param({"1", "8"})
    int treeSize;

    private Pipeline pipeline;
    private Session[] open;

    @Setup(Level.Trial)
    public void start() {
        pipeline = new Pipeline(
                new FreeVerifier(sessions, CONTEXT),
                new CountingVocabulary(),
                List.of(new Counting()),
                null,
                PipelineSettings.STANDARD);
        open = new Session[sessions];
    }

    @TearDown(Level.Trial)
    public void stop() {
        pipeline.close();
    }

    /** Sessions of the last invocation leave a moment after their streams have ended. */
    @Setup(Level.Invocation)
    public void awaitFreeSlots() {
        while (pipeline.sessionCount() > 0) {
            LockSupport.parkNanos(10_000);
        }
    }

    /** One thread reads every session's queue as it is: no object per token. */
    @Benchmark
    @OperationsPerInvocation(STEPS)
    public int raw() {
        for (int i = 0; i < sessions; i++) {
            open[i] = pipeline.admit(sessionStart(), PROMPT);
            open[i].outbox().reader(Thread.currentThread());
            pipeline.requested(open[i]);
        }
        int sum = 0;
        for (int running = sessions; running > 0; ) {
            running = 0;
            boolean idle = true;
            for (Session session : open) {
                Outbox outbox = session.outbox();
                boolean ended = outbox.end() != null; // before the queue: an end that was seen has no token behind it
                while (!outbox.isEmpty()) {
                    sum += outbox.tokenId(outbox.cell());
                    outbox.advance();
                    pipeline.wakeIfReady(session);
                    idle = false;
                }
                running += ended ? 0 : 1;
            }
            if (idle && running > 0) {
                LockSupport.park(this);
            }
        }
        return sum;
    }

    /** Every session has its own Flux and reader, as in an application. */
    @Benchmark
    @OperationsPerInvocation(STEPS)
    public Long stream() {
        return Flux.range(0, sessions)
                .flatMap(
                        i -> new Generation(pipeline, new CountingVocabulary(), this::sessionStart, PROMPT).tokens(),
                        sessions)
                .count()
                .block();
    }

    private SessionStart sessionStart() {
        GenerationRequest request = GenerationRequest.of(new Prompt.Tokens(List.of(1)))
                .maxTokens(STEPS / sessions * treeSize)
                .treeSize(treeSize);
        return new SessionStart(
                1,
                0,
                request,
                SamplingParameters.GREEDY,
                List.of(1),
                new ModelIdentity("free", 0, "0"),
                "free",
                pipeline.drafterNames(),
                "",
                0);
    }

    /** Knows what follows. */
    private static final class Counting implements Drafter {
        @Override
        public String name() {
            return "counting";
        }

        @Override
        public boolean needsOwnThread() {
            return false;
        }

        @Override
        public DraftSession open(DraftStart start) {
            return Counting::propose;
        }

        private static void propose(DraftText text, int depthMax, TokenTree draft) {
            int token = text.pendingToken();
            int node = 0;
            for (int depth = 0; depth < depthMax && node != TokenTree.FULL; depth++) {
                token = FreeVerifier.next(token);
                node = draft.add(node, token, 0.9f, 0);
            }
        }
    }
}
