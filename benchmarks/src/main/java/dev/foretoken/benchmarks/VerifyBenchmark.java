package dev.foretoken.benchmarks;

import dev.foretoken.engine.sampling.SamplingParameters;
import dev.foretoken.engine.tree.TokenTree;
import dev.foretoken.engine.verify.StepVerdict;
import dev.foretoken.engine.verify.TreeBatch;
import dev.foretoken.engine.verify.VerdictsOut;
import dev.foretoken.engine.verify.VerifierStart;
import dev.foretoken.verifiers.cpu.CpuVerifier;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Verify latency against tree size: one step of the CPU verifier on the embedded model, walk and commit included, after a
 * prompt of 64 tokens. The session starts afresh when its context is nearly full.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class VerifyBenchmark {
    private static final int PROMPT_TOKENS = 64;
    private static final int CONTEXT = 512;

    @Param({"1", "2", "4", "8", "16", "32", "64"})
    public int treeNodes;

    private final TreeBatch batch = new TreeBatch(1);
    private final VerdictsOut verdicts = new VerdictsOut(1);
    private final TokenTree tree = new TokenTree(TokenTree.NODES_MAX);
    private CpuVerifier verifier;
    private int pending;

    @Setup(Level.Trial)
    public void load() throws InterruptedException {
        verifier = EmbeddedVerifier.load(EmbeddedVerifier.OPTIONS.contextMax(CONTEXT));
        open();
    }

    private void open() {
        int[] prompt = new int[PROMPT_TOKENS];
        for (int i = 0; i < prompt.length; i++) {
            prompt[i] = 100 + i * 7;
        }
        verifier.open(0, new VerifierStart(prompt, SamplingParameters.GREEDY, StepVerdict.TOP_IDS, CONTEXT));
        batch.clear();
        batch.addPrompt(0, 0, PROMPT_TOKENS - 1);
        verifier.submit(batch);
        verifier.poll(verdicts);
        pending = prompt[PROMPT_TOKENS - 1];
    }

    @Benchmark
    public int step() {
        if (verifier.committedLength(0) > CONTEXT - 2 * TokenTree.NODES_MAX) {
            verifier.release(0);
            open();
        }
        tree.restart(pending);
        for (int node = 1; node < treeNodes; node++) {
            tree.add((node - 1) / 2, 200 + node * 13, 0.5f, 1);
        }
        batch.clear();
        batch.addTree(0, tree);
        verifier.submit(batch);
        verifier.poll(verdicts);
        StepVerdict verdict = verdicts.verdict(0);
        pending = verdict.emittedToken(verdict.emittedCount() - 1);
        return pending;
    }

    @TearDown(Level.Trial)
    public void close() {
        verifier.close();
    }
}
