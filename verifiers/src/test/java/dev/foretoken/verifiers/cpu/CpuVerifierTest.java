package dev.foretoken.verifiers.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.kernel.Kernels;
import dev.foretoken.engine.model.LanguageModel;
import dev.foretoken.engine.model.LoadedModels;
import dev.foretoken.engine.model.PlainDecoder;
import dev.foretoken.engine.sampling.SamplingParameters;
import dev.foretoken.engine.sampling.SeededChoice;
import dev.foretoken.engine.sampling.TokenCounts;
import dev.foretoken.engine.sampling.TopIds;
import dev.foretoken.engine.testing.Goldens;
import dev.foretoken.engine.tree.TokenTree;
import dev.foretoken.engine.verify.StepVerdict;
import dev.foretoken.engine.verify.TreeBatch;
import dev.foretoken.engine.verify.VerdictsOut;
import dev.foretoken.engine.verify.Verifier;
import dev.foretoken.verifiers.VerifierContract;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class CpuVerifierTest extends VerifierContract {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final CpuVerifierOptions OPTIONS = CpuVerifierOptions.STANDARD
            .threads(2)
            .slots(SLOTS)
            .contextMax(CONTEXT_MAX)
            .pageTokens(16);

    @Override
    protected Verifier create(Path modelFile) {
        return new CpuVerifier(LoadedModels.load(modelFile), OPTIONS);
    }

    @ParameterizedTest(name = "{displayName} threads={0} pageTokens={1} rows={2}")
    @CsvSource({"1, 16, 64", "2, 48, 64", "3, 64, 300"})
    void sizesNeverChangeWhatIsSaid(int threads, int pageTokens, int batchRowsMax) {
        int[] prompt = prompt(new Random(9));
        CpuVerifierOptions other =
                OPTIONS.threads(threads).pageTokens(pageTokens).batchRowsMax(batchRowsMax);

        List<Emission> said;
        try (Verifier verifier = new CpuVerifier(model(), other)) {
            said = plain(verifier, prompt, PENALISED);
        }

        assertThat(said).isEqualTo(plain(verifier(), prompt, PENALISED));
    }

    /** The contract compares a verifier with itself; this is the rule, applied to logits of the plainest forward. */
    @ParameterizedTest(name = "{displayName} {0}")
    @MethodSource("everySampling")
    void shouldChooseByTheRuleFromTheLogitsOfItsModel(SamplingParameters sampling) {
        int[] prompt = prompt(new Random(6));
        List<Emission> said = plain(verifier(), prompt, sampling);

        TokenCounts counts = new TokenCounts(CONTEXT_MAX, 0);
        SeededChoice choice = new SeededChoice(model().config().vocabularySize());
        int[] top = new int[StepVerdict.TOP_MAX];
        try (PlainDecoder decoder = new PlainDecoder(model(), Kernels.scalar(), CONTEXT_MAX)) {
            float[] logits = {};
            for (int token : prompt) {
                counts.addPrompt(token);
                logits = decoder.next(token);
            }
            for (int i = 0; i < said.size(); i++) {
                int token = choice.choose(logits, 0, sampling, counts, prompt.length + i);
                TopIds.largest(logits, 0, logits.length, 9, top);
                Emission emission = said.get(i);
                assertThat(emission.token()).isEqualTo(token);
                assertThat(emission.logitBits()).isEqualTo(Float.floatToRawIntBits(logits[token]));
                assertThat(Double.longBitsToDouble(emission.logSumExpBits()))
                        .isEqualTo(
                                Kernels.scalar().logSumExp(logits, 0, logits.length, new float[Kernels.LOG_SUM_BLOCK]));
                assertThat(emission.topIds())
                        .isEqualTo(Arrays.stream(top, 0, 9).boxed().toList());
                counts.addOutput(token);
                logits = decoder.next(token);
            }
        }
    }

    static Stream<SamplingParameters> everySampling() {
        return Stream.of(SamplingParameters.GREEDY, WARM, PENALISED, GREEDY_PENALISED);
    }

    @Test
    void shouldRefuseABatchOfTooManyRows() {
        Verifier verifier = new CpuVerifier(model(), OPTIONS.batchRowsMax(64));
        TreeBatch batch = new TreeBatch(1);
        batch.addPrompt(0, 0, 65);

        assertThatThrownBy(() -> verifier.submit(batch))
                .hasMessage("the batch has 65 rows, the CPU verifier takes at most 64: split it");
        verifier.close();
    }

    @Test
    void shouldAllocateNothingPerStepOnceCompiled() {
        Verifier verifier = verifier();
        TreeBatch batch = new TreeBatch(1);
        VerdictsOut verdicts = new VerdictsOut(1);
        TokenTree tree = new TokenTree(9);
        long fewestBytes = Long.MAX_VALUE;
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        // The interpreter boxes what VarHandles return; steady state begins when the JIT compiler is done.
        while (fewestBytes > 0 && System.nanoTime() < limit) {
            verifier.release(0);
            open(verifier, 0, new int[] {1}, PENALISED);
            int pending = 1;
            for (int step = 0; step < 50; step++) {
                tree.restart(pending);
                for (int i = 0; i < 8; i++) {
                    tree.add(i / 2, i, 0.5f, 1);
                }
                long before = allocatedBytes();
                batch.clear();
                batch.addTree(0, tree);
                submitAndPoll(verifier, batch, verdicts);
                fewestBytes = Math.min(fewestBytes, allocatedBytes() - before);
                StepVerdict verdict = verdicts.verdict(0);
                pending = verdict.emittedToken(verdict.emittedCount() - 1);
            }
        }

        assertThat(fewestBytes).isZero();
    }

    private static long allocatedBytes() {
        return THREADS.getCurrentThreadAllocatedBytes();
    }

    @Test
    void shouldGiveAllPagesBackAfterWarmingUp() {
        CpuVerifier verifier = (CpuVerifier) verifier();

        assertThat(verifier.rehearse(5, 0)).isPositive();
        assertThat(verifier.rehearse(1, 20)).isPositive();

        assertThat(verifier.pagesInUse()).isZero();
        assertThat(plain(verifier, new int[] {1, 2}, SamplingParameters.GREEDY)).isNotEmpty();
    }

    @Test
    void shouldRefuseACacheTooSmallForOneSession() {
        assertThatThrownBy(() -> new CpuVerifier(model(), OPTIONS.kvBytesMax(1000)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageMatching("the KV cache may take 1,000 bytes and the Java heap has room for [0-9,]+, "
                        + "which is less than the [0-9,]+ of the smallest session: allow it more, or raise -Xmx");
    }

    @ParameterizedTest(name = "{0} sessions, at most {1} rows: {2}")
    @CsvSource({"1, 256, 64", "2, 256, 128", "8, 256, 256", "8, 100, 100"})
    void shouldTakeNoMoreRowsThanItsSessionsCanBring(int slots, int allowed, int rows) {
        try (Verifier verifier = new CpuVerifier(model(), OPTIONS.slots(slots).batchRowsMax(allowed))) {
            assertThat(verifier.shape().batchRowsMax()).isEqualTo(rows);
            assertThat(verifier.shape().promptRowsMax()).isEqualTo(64);
        }
    }

    @Test
    void shouldRefuseImpossibleSizes() {
        assertThatThrownBy(() -> OPTIONS.threads(0)).hasMessage("threads is 0, expected 1 or more");
        assertThatThrownBy(() -> OPTIONS.pageTokens(24))
                .hasMessage("KV page size is 24, expected a multiple of 16 tokens");
        assertThatThrownBy(() -> OPTIONS.batchRowsMax(63))
                .hasMessage("rows per batch is 63, expected 64 or more, the largest tree");
    }

    @Test
    void shouldStateItsSizes() {
        CpuVerifier verifier = (CpuVerifier) verifier();

        assertThat(verifier.shape().backend()).isEqualTo("cpu-3");
        assertThat(verifier.shape().contextMax()).isEqualTo(CONTEXT_MAX);
    }

    private static LanguageModel model() {
        return LoadedModels.load(Goldens.model(MODEL));
    }
}
