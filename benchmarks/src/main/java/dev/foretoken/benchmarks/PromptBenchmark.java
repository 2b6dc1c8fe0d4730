package dev.foretoken.benchmarks;

import dev.foretoken.engine.kv.CacheTenant;
import dev.foretoken.engine.sampling.SamplingParameters;
import dev.foretoken.engine.tree.TokenTree;
import dev.foretoken.engine.verify.StepVerdict;
import dev.foretoken.engine.verify.TreeBatch;
import dev.foretoken.engine.verify.VerdictsOut;
import dev.foretoken.engine.verify.VerifierStart;
import dev.foretoken.verifiers.cpu.CpuVerifier;
import dev.foretoken.verifiers.cpu.CpuVerifierOptions;
import java.util.Arrays;
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
 * From a prompt to its first token on the embedded model, the end of the session included. Each prompt is that of the session
 * before, but for its last 16 tokens: what a chat's next turn is to the turn before it.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class PromptBenchmark {
    private static final int NEW_TOKENS = 16;
    private static final int CONTEXT = 1024;

    @Param({"64", "512"})
    public int promptTokens;

    @Param({"false", "true"})
    public boolean prefixCache;

    private final TreeBatch batch = new TreeBatch(1);
    private final VerdictsOut verdicts = new VerdictsOut(1);
    private final TokenTree root = new TokenTree(1);
    private CpuVerifier verifier;
    private int[] prompt;
    private int turn;

    @Setup(Level.Trial)
    public void load() throws InterruptedException {
        CpuVerifierOptions options = EmbeddedVerifier.OPTIONS.contextMax(CONTEXT);
        verifier = EmbeddedVerifier.load(prefixCache ? options.prefixBytesMax(1L << 26) : options);
        prompt = new int[promptTokens];
        Arrays.setAll(prompt, i -> 100 + i * 7 % 1000);
    }

    @Benchmark
    public int firstToken() {
        turn++;
        for (int i = promptTokens - NEW_TOKENS; i < promptTokens; i++) {
            prompt[i] = 100 + (turn * 31 + i) % 1000;
        }
        verifier.open(
                0,
                new VerifierStart(
                        prompt.clone(), SamplingParameters.GREEDY, StepVerdict.TOP_IDS, CONTEXT, CacheTenant.SHARED));
        for (int from = verifier.committedLength(0); from < promptTokens - 1; from = verifier.committedLength(0)) {
            batch.clear();
            batch.addPrompt(0, from, Math.min(verifier.shape().promptRowsMax(), promptTokens - 1 - from));
            verifier.submit(batch);
            verifier.poll(verdicts);
        }
        root.restart(prompt[promptTokens - 1]);
        batch.clear();
        batch.addTree(0, root);
        verifier.submit(batch);
        verifier.poll(verdicts);
        verifier.release(0);
        return verdicts.verdict(0).emittedToken(0);
    }

    @TearDown(Level.Trial)
    public void close() {
        verifier.close();
    }
}
