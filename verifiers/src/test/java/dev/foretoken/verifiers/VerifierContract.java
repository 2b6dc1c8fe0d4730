package dev.foretoken.verifiers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.gguf.GgufFile;
import dev.foretoken.engine.gguf.GgufTensor;
import dev.foretoken.engine.kv.CacheTenant;
import dev.foretoken.engine.sampling.SamplingParameters;
import dev.foretoken.engine.testing.Goldens;
import dev.foretoken.engine.tree.TokenTree;
import dev.foretoken.engine.verify.StepVerdict;
import dev.foretoken.engine.verify.TreeBatch;
import dev.foretoken.engine.verify.VerdictsOut;
import dev.foretoken.engine.verify.Verifier;
import dev.foretoken.engine.verify.VerifierStart;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every {@link Verifier} owes, whatever it runs on. The reference is always the same verifier decoding one session
 * token by token: trees, company, prompt cuts and slots must not change a bit of what it says.
 */
public abstract class VerifierContract {
    protected static final String MODEL = "random-smollm-f16.gguf";
    protected static final int SLOTS = 4;
    protected static final int CONTEXT_MAX = 200;
    protected static final int TOKENS = 60;
    private static final int TOP_COUNT = 9;

    private final List<Verifier> opened = new ArrayList<>();

    /** A verifier for {@link #SLOTS} sessions of at most {@link #CONTEXT_MAX} tokens each. */
    protected abstract Verifier create(Path modelFile);

    protected final Verifier verifier() {
        return opened(Goldens.model(MODEL));
    }

    private Verifier opened(Path modelFile) {
        Verifier verifier = create(modelFile);
        opened.add(verifier);
        return verifier;
    }

    @AfterEach
    void everyPageComesBack() {
        for (Verifier verifier : opened) {
            for (int slot = 0; slot < SLOTS; slot++) {
                verifier.release(slot);
            }
            assertThat(verifier.pagesInUse()).isZero();
            verifier.close();
            verifier.close();
        }
    }

    /** One emitted token with everything the verdict says about it. */
    protected record Emission(
            int token, int logitBits, long logSumExpBits, List<Integer> topIds, List<Integer> topLogitBits) {
        static Emission of(StepVerdict verdict, int index) {
            List<Integer> ids = new ArrayList<>();
            List<Integer> bits = new ArrayList<>();
            for (int rank = 0; rank < verdict.topCount(); rank++) {
                ids.add(verdict.topId(index, rank));
                bits.add(Float.floatToRawIntBits(verdict.topLogit(index, rank)));
            }
            return new Emission(
                    verdict.emittedToken(index),
                    Float.floatToRawIntBits(verdict.chosenLogit(index)),
                    Double.doubleToRawLongBits(verdict.logSumExp(index)),
                    ids,
                    bits);
        }
    }

    protected static final SamplingParameters WARM = new SamplingParameters(0.8, 0, 0.95, 0, 1, 0, 0, Map.of(), 42);
    protected static final SamplingParameters PENALISED =
            new SamplingParameters(1.2, 100, 1, 0.01, 1.3, 0.4, 0.2, Map.of(7, 2.0), -5);
    protected static final SamplingParameters GREEDY_PENALISED =
            new SamplingParameters(0, 0, 1, 0, 1.2, 0.1, 0.1, Map.of(), 0);

    static Stream<Arguments> samplings() {
        return Stream.of(SamplingParameters.GREEDY, WARM, PENALISED, GREEDY_PENALISED)
                .flatMap(sampling -> Stream.of(1L, 2L, 3L).map(seed -> Arguments.of(sampling, seed)));
    }

    @ParameterizedTest(name = "{displayName} {0} seed={1}")
    @MethodSource("samplings")
    void treesNeverChangeWhatIsSaid(SamplingParameters sampling, long seed) {
        Random random = new Random(seed);
        Verifier verifier = verifier();
        int[] prompt = prompt(random);
        List<Emission> plain = plain(verifier, prompt, sampling);

        open(verifier, 2, prompt, sampling);
        prefill(verifier, 2, prompt, random);
        List<Emission> drafted = new ArrayList<>();
        while (drafted.size() < TOKENS) {
            TokenTree tree = halfRightTree(prompt, plain, drafted.size(), random);
            int before = verifier.committedLength(2);
            StepVerdict verdict = step(verifier, 2, tree);
            assertIsAPathOf(tree, verdict);
            assertThat(verifier.committedLength(2)).isEqualTo(before + 1 + verdict.pathLength());
            append(verdict, drafted);
        }

        assertThat(drafted.subList(0, TOKENS)).isEqualTo(plain);
    }

    @ParameterizedTest(name = "{displayName} seed={0}")
    @ValueSource(longs = {1, 2, 3, 5})
    void companyNeverChangesWhatIsSaid(long seed) {
        Random random = new Random(seed);
        Verifier verifier = verifier();
        List<int[]> prompts = new ArrayList<>();
        List<SamplingParameters> samplings = List.of(SamplingParameters.GREEDY, WARM, PENALISED, GREEDY_PENALISED);
        List<List<Emission>> alone = new ArrayList<>();
        for (int slot = 0; slot < SLOTS; slot++) {
            prompts.add(prompt(random));
            alone.add(plain(verifier, prompts.get(slot), samplings.get(slot)));
        }

        List<List<Emission>> together = new ArrayList<>();
        for (int slot = 0; slot < SLOTS; slot++) {
            open(verifier, slot, prompts.get(slot), samplings.get(slot));
            together.add(new ArrayList<>());
        }
        TreeBatch batch = new TreeBatch(SLOTS);
        VerdictsOut verdicts = new VerdictsOut(SLOTS);
        while (together.stream().anyMatch(said -> said.size() < TOKENS)) {
            batch.clear();
            for (int slot = 0; slot < SLOTS; slot++) {
                if (random.nextInt(4) == 0 || together.get(slot).size() >= TOKENS) {
                    continue;
                }
                int left = prompts.get(slot).length - 1 - verifier.committedLength(slot);
                if (left > 0) {
                    batch.addPrompt(slot, verifier.committedLength(slot), 1 + random.nextInt(left));
                } else {
                    batch.addTree(
                            slot,
                            halfRightTree(
                                    prompts.get(slot),
                                    alone.get(slot),
                                    together.get(slot).size(),
                                    random));
                }
            }
            submitAndPoll(verifier, batch, verdicts);
            assertThat(verdicts.count()).isEqualTo(batch.treeCount());
            for (int i = 0; i < verdicts.count(); i++) {
                append(verdicts.verdict(i), together.get(verdicts.verdict(i).slot()));
            }
        }

        for (int slot = 0; slot < SLOTS; slot++) {
            assertThat(together.get(slot).subList(0, TOKENS))
                    .as("slot %d", slot)
                    .isEqualTo(alone.get(slot));
        }
    }

    @Test
    void shouldAcceptTheDeepestChainOfRightGuesses() {
        Verifier verifier = verifier();
        int[] prompt = prompt(new Random(4));
        List<Emission> plain = plain(verifier, prompt, WARM);
        open(verifier, 0, prompt, WARM);
        prefill(verifier, 0, prompt, new Random(4));
        TokenTree chain = new TokenTree(TokenTree.NODES_MAX);
        chain.restart(prompt[prompt.length - 1]);
        int node = 0;
        for (int i = 0; i < TokenTree.DEPTH_MAX; i++) {
            node = chain.add(node, plain.get(i).token(), 1, 1);
        }

        StepVerdict verdict = step(verifier, 0, chain);

        assertThat(verdict.pathLength()).isEqualTo(TokenTree.DEPTH_MAX);
        assertThat(verdict.emittedCount()).isEqualTo(StepVerdict.EMITTED_MAX);
        assertThat(verdict.bonusToken())
                .isEqualTo(plain.get(TokenTree.DEPTH_MAX).token());
    }

    @Test
    void shouldFindTheRightGuessAmongWrongSiblings() {
        Verifier verifier = verifier();
        int[] prompt = prompt(new Random(5));
        List<Emission> plain = plain(verifier, prompt, SamplingParameters.GREEDY);
        open(verifier, 0, prompt, SamplingParameters.GREEDY);
        prefill(verifier, 0, prompt, new Random(5));
        TokenTree tree = new TokenTree(TokenTree.NODES_MAX);
        tree.restart(prompt[prompt.length - 1]);
        int right = plain.get(0).token();
        for (int wrong = 1; wrong < 30; wrong++) {
            tree.add(0, (right + wrong) % 100, 0.9f, 1);
        }
        int rightNode = tree.add(0, right, 0.01f, 1);

        StepVerdict verdict = step(verifier, 0, tree);

        assertThat(verdict.pathLength()).isEqualTo(1);
        assertThat(verdict.pathNode(0)).isEqualTo(rightNode);
        assertThat(verdict.emittedToken(0)).isEqualTo(right);
        assertThat(verdict.bonusToken()).isEqualTo(plain.get(1).token());
    }

    @Test
    void shouldHoldPagesOnlyWhileSessionsAreOpen() {
        Verifier verifier = verifier();
        assertThat(verifier.pagesInUse()).isZero();
        for (int turn = 0; turn < 3; turn++) {
            for (int slot = 0; slot < SLOTS; slot++) {
                int[] prompt = prompt(new Random(slot));
                open(verifier, slot, prompt, WARM);
                prefill(verifier, slot, prompt, new Random(slot));
                assertThat(verifier.committedLength(slot)).isEqualTo(prompt.length - 1);
            }
            assertThat(verifier.pagesInUse())
                    .isPositive()
                    .isLessThanOrEqualTo(verifier.shape().pagesTotal());
            for (int slot = 0; slot < SLOTS; slot++) {
                verifier.release(slot);
            }
            assertThat(verifier.pagesInUse()).isZero();
        }
    }

    @Test
    void shouldServeEverySlotUpToTheWholeContext() {
        Verifier verifier = verifier();
        int tokens = verifier.shape().contextMax();
        assertThat(verifier.shape().pagesFor(tokens, TokenTree.NODES_MAX) * SLOTS)
                .isLessThanOrEqualTo(verifier.shape().pagesTotal());
        int[] prompt =
                new Random(1).ints(tokens, 0, verifier.shape().vocabularySize()).toArray();
        for (int slot = 0; slot < SLOTS; slot++) {
            open(verifier, slot, prompt, WARM);
            prefill(verifier, slot, prompt, new Random(slot));
            TokenTree widest = new TokenTree(TokenTree.NODES_MAX);
            widest.restart(prompt[prompt.length - 1]);
            while (!widest.isFull()) {
                widest.add(widest.nodeCount() / 3, widest.nodeCount(), 0.5f, 1);
            }
            assertThat(step(verifier, slot, widest).emittedCount()).isPositive();
        }
    }

    @Test
    void shouldHaveNoVerdictBeforeASubmission() {
        VerdictsOut verdicts = new VerdictsOut(1);

        assertThat(verifier().poll(verdicts)).isFalse();
        assertThat(verdicts.count()).isZero();
    }

    @Test
    void shouldRefusePromptsThatCannotBeRead() {
        Verifier verifier = verifier();
        int vocabulary = verifier.shape().vocabularySize();

        assertRefused(verifier, new int[0], 10, "the prompt is empty");
        assertRefused(
                verifier,
                new int[] {1, vocabulary},
                10,
                "prompt token %d is outside the vocabulary".formatted(vocabulary));
        assertRefused(verifier, new int[] {1, -3}, 10, "prompt token -3 is outside the vocabulary");
        assertRefused(verifier, new int[11], 10, "11 prompt tokens");
        assertRefused(
                verifier,
                new int[1],
                verifier.shape().contextMax() + 1,
                "the context holds " + verifier.shape().contextMax());
        assertThat(verifier.pagesInUse()).isZero();
    }

    private static void assertRefused(Verifier verifier, int[] prompt, int tokensMax, String message) {
        VerifierStart start = new VerifierStart(prompt, SamplingParameters.GREEDY, TOP_COUNT, tokensMax);
        assertThatThrownBy(() -> verifier.open(0, start))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(message);
    }

    @Test
    void shouldFailTheSessionWhoseLogitsAreNotNumbers(@TempDir Path folder) throws IOException {
        Verifier verifier = opened(withNanInLastNorm(folder));
        int[] prompt = {1, 2, 3};
        open(verifier, 0, prompt, WARM);
        prefill(verifier, 0, prompt, new Random(1));
        TokenTree tree = new TokenTree(1);
        tree.restart(3);

        StepVerdict verdict = step(verifier, 0, tree);

        assertThat(verdict.failure()).contains("not a number at position 3");
        assertThat(verdict.emittedCount()).isZero();
    }

    /** The model with its last norm's weights, a tensor of float32, turned into NaN. */
    private static Path withNanInLastNorm(Path folder) throws IOException {
        Path source = Goldens.model(MODEL);
        byte[] bytes = Files.readAllBytes(source);
        try (GgufFile file = GgufFile.open(source)) {
            GgufTensor norm = file.tensor("output_norm.weight").orElseThrow();
            byte[] original = file.data(norm).toArray(ValueLayout.JAVA_BYTE);
            int at = new String(bytes, StandardCharsets.ISO_8859_1)
                    .indexOf(new String(original, StandardCharsets.ISO_8859_1));
            ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putFloat(at, Float.NaN);
        }
        return Files.write(folder.resolve("nan.gguf"), bytes);
    }

    // ---- helpers ----

    protected static int[] prompt(Random random) {
        return random.ints(1 + random.nextInt(50), 0, 100).toArray();
    }

    protected static void open(Verifier verifier, int slot, int[] prompt, SamplingParameters sampling) {
        open(verifier, slot, prompt, sampling, CacheTenant.SHARED);
    }

    protected static void open(
            Verifier verifier, int slot, int[] prompt, SamplingParameters sampling, CacheTenant tenant) {
        verifier.open(
                slot,
                new VerifierStart(prompt, sampling, TOP_COUNT, verifier.shape().contextMax(), tenant));
    }

    /** Commits all prompt tokens but the last, in chunks of random length. */
    protected static void prefill(Verifier verifier, int slot, int[] prompt, Random random) {
        TreeBatch batch = new TreeBatch(1);
        VerdictsOut verdicts = new VerdictsOut(1);
        while (verifier.committedLength(slot) < prompt.length - 1) {
            int from = verifier.committedLength(slot);
            int most = Math.min(prompt.length - 1 - from, verifier.shape().promptRowsMax());
            batch.clear();
            batch.addPrompt(slot, from, 1 + random.nextInt(most));
            submitAndPoll(verifier, batch, verdicts);
            assertThat(verdicts.count()).isZero();
        }
    }

    /** The first tokens of a session without drafts, in slot 0. */
    protected static List<Emission> plain(Verifier verifier, int[] prompt, SamplingParameters sampling) {
        open(verifier, 0, prompt, sampling);
        prefill(verifier, 0, prompt, new Random(0));
        List<Emission> said = new ArrayList<>();
        TokenTree root = new TokenTree(1);
        while (said.size() < TOKENS) {
            root.restart(
                    said.isEmpty() ? prompt[prompt.length - 1] : said.getLast().token());
            StepVerdict verdict = step(verifier, 0, root);
            assertThat(verdict.emittedCount()).isEqualTo(1);
            append(verdict, said);
        }
        verifier.release(0);
        return said;
    }

    protected static StepVerdict step(Verifier verifier, int slot, TokenTree tree) {
        TreeBatch batch = new TreeBatch(1);
        batch.addTree(slot, tree);
        VerdictsOut verdicts = new VerdictsOut(1);
        submitAndPoll(verifier, batch, verdicts);
        assertThat(verdicts.count()).isEqualTo(1);
        assertThat(verdicts.verdict(0).slot()).isEqualTo(slot);
        return verdicts.verdict(0);
    }

    protected static void submitAndPoll(Verifier verifier, TreeBatch batch, VerdictsOut verdicts) {
        verifier.submit(batch);
        while (!verifier.poll(verdicts)) {
            Thread.onSpinWait();
        }
    }

    protected static void append(StepVerdict verdict, List<Emission> said) {
        assertThat(verdict.failure()).isNull();
        for (int i = 0; i < verdict.emittedCount(); i++) {
            said.add(Emission.of(verdict, i));
        }
    }

    /** A random tree in which the right tokens have a good chance to form a path. */
    protected static TokenTree halfRightTree(int[] prompt, List<Emission> plain, int said, Random random) {
        TokenTree tree = new TokenTree(TokenTree.NODES_MAX);
        tree.restart(said == 0 ? prompt[prompt.length - 1] : plain.get(said - 1).token());
        int nodes = 1 + random.nextInt(24);
        int right = 0;
        while (tree.nodeCount() < nodes) {
            int next = said + tree.depth(right);
            if (random.nextBoolean() && next < plain.size()) {
                right = tree.add(right, plain.get(next).token(), random.nextFloat(), 1);
            } else {
                tree.add(random.nextInt(tree.nodeCount()), random.nextInt(100), random.nextFloat(), 2);
            }
        }
        return tree;
    }

    private static void assertIsAPathOf(TokenTree tree, StepVerdict verdict) {
        int parent = 0;
        for (int i = 0; i < verdict.pathLength(); i++) {
            int node = verdict.pathNode(i);
            assertThat(tree.parent(node)).isEqualTo(parent);
            assertThat(tree.token(node)).isEqualTo(verdict.emittedToken(i));
            parent = node;
        }
        assertThat(verdict.emittedCount()).isEqualTo(verdict.pathLength() + 1);
        assertThat(tree.childOf(parent, verdict.bonusToken())).isEqualTo(TokenTree.NONE);
    }
}
