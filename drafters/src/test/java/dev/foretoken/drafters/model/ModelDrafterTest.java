package dev.foretoken.drafters.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.foretoken.drafters.DrafterContract;
import dev.foretoken.drafters.Drafters;
import dev.foretoken.drafters.testing.NumberedVocabulary;
import dev.foretoken.engine.draft.DraftEnvironment;
import dev.foretoken.engine.draft.DraftSession;
import dev.foretoken.engine.draft.DraftStart;
import dev.foretoken.engine.draft.DraftText;
import dev.foretoken.engine.draft.Drafter;
import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.gguf.GgufFile;
import dev.foretoken.engine.kv.CacheTenant;
import dev.foretoken.engine.model.EmbeddedModels;
import dev.foretoken.engine.model.LanguageModel;
import dev.foretoken.engine.model.LoadProgress;
import dev.foretoken.engine.model.ModelConfig;
import dev.foretoken.engine.model.PlainDecoder;
import dev.foretoken.engine.sampling.SamplingParameters;
import dev.foretoken.engine.sampling.SeededChoice;
import dev.foretoken.engine.sampling.TokenCounts;
import dev.foretoken.engine.testing.Goldens;
import dev.foretoken.engine.tokenizer.Vocabulary;
import dev.foretoken.engine.tree.TokenTree;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelDrafterTest extends DrafterContract {
    private static final LanguageModel RANDOM = RandomModel.of(VOCABULARY_SIZE, 5000, 1);
    private static final long KV_BYTES_MAX = 1L << 24;
    private static final SamplingParameters WARM = new SamplingParameters(0.9, 0, 0.95, 0, 1.1, 0, 0, Map.of(), 7);

    @Override
    protected Drafter newDrafter() {
        return drafter(RANDOM, 2);
    }

    private static ModelDrafter drafter(LanguageModel model, int sessionsMax) {
        return new ModelDrafter(model, environment(model, sessionsMax), KV_BYTES_MAX);
    }

    private static DraftEnvironment environment(LanguageModel model, int sessionsMax) {
        return new DraftEnvironment(
                model.tokenizer().vocabulary(),
                model.config().contextLength(),
                sessionsMax,
                1,
                (stage, fraction) -> {});
    }

    private static DraftStart start(DraftText text, SamplingParameters sampling, int tokensMax) {
        return new DraftStart(1, text, sampling, new NumberedVocabulary(VOCABULARY_SIZE), tokensMax);
    }

    /** The tree with its scores' bits. */
    private static String draft(DraftSession session, DraftText text, int nodes, int depth) {
        TokenTree tree = new TokenTree(nodes);
        tree.restart(text.pendingToken());
        session.propose(text, depth, tree);
        return tree + " "
                + IntStream.range(0, tree.nodeCount())
                        .mapToObj(n -> Float.toHexString(tree.score(n)))
                        .toList();
    }

    @ParameterizedTest(name = "{displayName} seed={0} greedy={1}")
    @CsvSource({"1,true", "2,false", "3,true", "5,false", "8,true", "13,false"})
    void shouldDraftAsIfItHadReadTheTextFromTheStart(long seed, boolean isGreedy) {
        Random random = new Random(seed);
        SamplingParameters sampling = isGreedy ? SamplingParameters.GREEDY : WARM;
        DraftText text = new DraftText(
                random.ints(1 + random.nextInt(150), 0, VOCABULARY_SIZE).toArray(), 400);
        try (ModelDrafter drafter = drafter(RANDOM, 2);
                DraftSession session = drafter.open(start(text, sampling, 400))) {
            while (text.length() < 350) {
                int nodes = 2 + random.nextInt(30);
                int depth = 1 + random.nextInt(6);
                String drafted = draft(session, text, nodes, depth);

                try (DraftSession fresh = drafter.open(start(text, sampling, 400))) {
                    assertThat(drafted).isEqualTo(draft(fresh, text, nodes, depth));
                }
                appendVerdict(text, session, random);
            }
        }
    }

    @ParameterizedTest(name = "{displayName} promptLength={0}")
    @ValueSource(ints = {1, 2, 17, 18, 33, 150})
    void shouldDraftTheSameAfterReadingThePromptAhead(int promptLength) {
        Random random = new Random(promptLength);
        DraftText text =
                new DraftText(random.ints(promptLength, 0, VOCABULARY_SIZE).toArray(), 400);
        try (ModelDrafter drafter = drafter(RANDOM, 2);
                DraftSession session = drafter.open(start(text, WARM, 400));
                DraftSession fresh = drafter.open(start(text, WARM, 400))) {
            int pieces = 1;
            while (session.prepare()) {
                pieces++;
                if (pieces == 3) {
                    text.append(5); // the target does not wait
                }
            }
            assertThat(pieces).isEqualTo(Math.max(1, (text.length() - 1) / ModelDrafter.PREPARED_ROWS));
            for (int step = 0; step < 5; step++) {
                assertThat(draft(session, text, 20, 6)).isEqualTo(draft(fresh, text, 20, 6));
                text.append(random.nextInt(VOCABULARY_SIZE));
            }
            assertThat(session.prepare())
                    .as("after the first draft nothing is left to prepare")
                    .isFalse();
        }
    }

    /** Texts that go on from each other, with random trees and ends: a draft is that of a drafter without a cache. */
    @ParameterizedTest(name = "{displayName} seed={0}")
    @ValueSource(longs = {1, 2, 3, 5})
    void shouldDraftTheSameWithAPrefixCache(long seed) {
        Random random = new Random(seed);
        int[] words = random.ints(200, 0, VOCABULARY_SIZE).toArray();
        int taken = 0;
        try (ModelDrafter cached = new ModelDrafter(RANDOM, withPrefixCache(environment(RANDOM, 2)), KV_BYTES_MAX);
                ModelDrafter fresh = drafter(RANDOM, 2)) {
            for (int session = 0; session < 30; session++) {
                int[] prompt = Arrays.copyOf(words, 1 + random.nextInt(words.length));
                prompt[random.nextInt(prompt.length)] = random.nextInt(VOCABULARY_SIZE);
                DraftText text = new DraftText(prompt, 400);
                CacheTenant tenant = new CacheTenant(random.nextInt(5) == 0 ? "alice" : "bob");
                DraftStart start = start(text, WARM, 400);
                try (ModelDraftSession one = (ModelDraftSession) cached.open(withTenant(start, tenant));
                        DraftSession other = fresh.open(start)) {
                    taken += cached.committed(one.slot());
                    for (int step = random.nextInt(20); step >= 0; step--) {
                        assertThat(draft(one, text, 12, 4)).isEqualTo(draft(other, text, 12, 4));
                        appendVerdict(text, one, random);
                    }
                }
                assertThat(cached.pagesInUse()).isZero();
                words = IntStream.range(0, Math.max(text.length(), 20))
                        .map(i -> i < text.length() ? text.token(i) : 3)
                        .limit(300)
                        .toArray();
            }
        }
        assertThat(taken).as("tokens that were not read again").isGreaterThan(200);
    }

    @Test
    void shouldTakeOverWhatAnotherSessionHasReadMeanwhile() {
        DraftText text =
                new DraftText(new Random(1).ints(150, 0, VOCABULARY_SIZE).toArray(), 400);
        DraftStart start = withTenant(start(text, WARM, 400), CacheTenant.SHARED);
        try (ModelDrafter cached = new ModelDrafter(RANDOM, withPrefixCache(environment(RANDOM, 2)), KV_BYTES_MAX);
                ModelDrafter fresh = drafter(RANDOM, 2);
                ModelDraftSession first = (ModelDraftSession) cached.open(start);
                ModelDraftSession second = (ModelDraftSession) cached.open(start);
                DraftSession other = fresh.open(start)) {
            while (first.prepare()) {
                continue;
            }
            assertThat(cached.committed(second.slot())).isZero();

            second.prepare();

            assertThat(cached.committed(second.slot())).isGreaterThanOrEqualTo(128);
            assertThat(draft(second, text, 12, 4)).isEqualTo(draft(other, text, 12, 4));
        }
    }

    private static DraftEnvironment withPrefixCache(DraftEnvironment without) {
        return new DraftEnvironment(
                without.vocabulary(),
                without.contextMax(),
                without.sessionsMax(),
                without.threads(),
                without.progress(),
                true);
    }

    private static DraftStart withTenant(DraftStart start, CacheTenant tenant) {
        return new DraftStart(
                start.sessionId(), start.text(), start.sampling(), start.vocabulary(), start.tokensMax(), tenant);
    }

    @Test
    void shouldNotReadAPromptThatIsTooLongForIt() {
        LanguageModel shortContext = RandomModel.of(VOCABULARY_SIZE, 20, 3);
        DraftText text = new DraftText(IntStream.range(0, 100).toArray(), 200);
        try (ModelDrafter drafter = drafter(shortContext, 1);
                DraftSession session = drafter.open(start(text, SamplingParameters.GREEDY, 200))) {
            assertThat(session.prepare()).isFalse();
            assertThat(drafter.pagesInUse()).isZero();
        }
    }

    /** A verdict that goes along a random path of what the drafter would say, then elsewhere; sometimes several at once. */
    private static void appendVerdict(DraftText text, DraftSession session, Random random) {
        TokenTree tree = new TokenTree(20);
        tree.restart(text.pendingToken());
        session.propose(text, 5, tree);
        int node = 0;
        while (random.nextInt(4) > 0 && tree.firstChild(node) != TokenTree.NONE) {
            node = tree.firstChild(node);
            if (random.nextInt(3) == 0 && tree.nextSibling(node) != TokenTree.NONE) {
                node = tree.nextSibling(node);
            }
            text.append(tree.token(node));
        }
        for (int extra = random.nextInt(4) == 0 ? random.nextInt(20) : 1; extra >= 0; extra--) {
            text.append(random.nextInt(VOCABULARY_SIZE));
        }
    }

    /** A page is allocated when a text first grows into it, and vectors while kernels are interpreted; steps allocate nothing. */
    @Override
    @Test
    public void shouldAllocateNothingInSteadyState() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        DraftText text = new DraftText(IntStream.range(0, 100).toArray(), 400);
        TokenTree tree = new TokenTree(16);
        long fewestBytes = Long.MAX_VALUE;
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        try (ModelDrafter drafter = drafter(RANDOM, 1);
                DraftSession session = drafter.open(start(text, WARM, 400))) {
            while (fewestBytes > 0 && System.nanoTime() < limit) {
                long before = threads.getCurrentThreadAllocatedBytes();
                tree.restart(text.pendingToken());
                session.propose(text, 6, tree);
                fewestBytes = Math.min(fewestBytes, threads.getCurrentThreadAllocatedBytes() - before);
            }
        }
        assertThat(fewestBytes).isZero();
    }

    @Test
    void shouldReturnPagesAndRefuseSessionsThatDoNotFit() {
        LanguageModel model = RANDOM;
        try (ModelDrafter drafter = new ModelDrafter(model, environment(model, 3), 1)) {
            DraftText text = new DraftText(new int[] {1, 2, 3}, 5000);
            DraftSession first = drafter.open(start(text, SamplingParameters.GREEDY, 5000));
            draft(first, text, 8, 4);
            assertThat(drafter.pagesInUse()).isPositive();

            assertThatThrownBy(() -> drafter.open(start(text, SamplingParameters.GREEDY, 100)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("no room for 100 tokens: 2 sessions and 0 of");
            first.close();
            first.close();
            assertThat(drafter.pagesInUse()).isZero();
            drafter.open(start(text, SamplingParameters.GREEDY, 100)).close();
        }
    }

    @Test
    void shouldStopDraftingWhereItsOwnContextEnds() {
        LanguageModel shortContext = RandomModel.of(VOCABULARY_SIZE, 20, 3);
        DraftText text = new DraftText(IntStream.range(0, 18).toArray(), 100);
        try (ModelDrafter drafter = drafter(shortContext, 1);
                DraftSession session = drafter.open(start(text, SamplingParameters.GREEDY, 100))) {
            TokenTree tree = new TokenTree(30);
            tree.restart(text.pendingToken());
            session.propose(text, 10, tree);
            assertThat(IntStream.range(0, tree.nodeCount()).map(tree::depth).max())
                    .hasValue(2);

            for (int token = 0; token < 10; token++) {
                text.append(token);
                tree.restart(text.pendingToken());
                session.propose(text, 10, tree);
                assertThat(tree.nodeCount()).isLessThanOrEqualTo(token == 0 ? 30 : 1);
            }
        }
    }

    @ParameterizedTest(name = "{displayName} temperature={0}")
    @CsvSource({"0, 1", "0.8, 1", "1.2, 1.2"})
    void shouldProposeFirstWhatItsOwnModelWouldChoose(double temperature, double repetitionPenalty) {
        SamplingParameters sampling =
                new SamplingParameters(temperature, 0, 0.95, 0, repetitionPenalty, 0, 0, Map.of(), 99);
        LanguageModel model = embedded(EmbeddedModels.draft());
        int[] prompt = model.tokenizer().encode("public final class Ring {\n    private final long[] ", false);
        DraftText text = new DraftText(prompt, 200);
        try (ModelDrafter drafter = drafter(model, 1);
                DraftSession session = drafter.open(
                        new DraftStart(1, text, sampling, model.tokenizer().vocabulary(), 200))) {
            TokenTree tree = new TokenTree(16);
            tree.restart(text.pendingToken());
            session.propose(text, 1, tree);

            assertThat(tree.nodeCount()).isGreaterThan(1);
            assertThat(tree.token(1)).isEqualTo(ownChoice(model, prompt, sampling));
        }
    }

    private static int ownChoice(LanguageModel model, int[] prompt, SamplingParameters sampling) {
        TokenCounts counts = new TokenCounts(prompt.length, 0);
        float[] logits = {};
        try (PlainDecoder decoder = new PlainDecoder(model, prompt.length)) {
            for (int token : prompt) {
                counts.addPrompt(token);
                logits = decoder.next(token);
            }
        }
        return new SeededChoice(logits.length).choose(logits, 0, sampling, counts, prompt.length);
    }

    @ParameterizedTest(name = "{displayName} temperature={0}")
    @CsvSource({"0, 3.5", "0.8, 2.5"})
    void shouldSaveTheEmbeddedTargetManySteps(double temperature, double tokensPerStepMin) {
        SamplingParameters sampling = new SamplingParameters(temperature, 0, 1, 0, 1, 0, 0, Map.of(), 5);
        LanguageModel target = embedded(EmbeddedModels.target());
        LanguageModel model = embedded(EmbeddedModels.draft());
        int steps = 0;
        int tokens = 0;
        for (int seed = 0; seed < 4; seed++) {
            int[] prompt =
                    Goldens.ints(Goldens.lines("greedy-tiny.jsonl").get(seed).get("prompt_ids"));
            int[] truth = continuation(target, prompt, sampling, 40);
            DraftText text = new DraftText(prompt, truth.length + 1);
            try (ModelDrafter drafter = drafter(model, 1);
                    DraftSession session = drafter.open(
                            new DraftStart(1, text, sampling, target.tokenizer().vocabulary(), truth.length + 1))) {
                while (text.length() < truth.length) {
                    TokenTree tree = new TokenTree(8);
                    tree.restart(text.pendingToken());
                    session.propose(text, 8, tree);
                    int node = 0;
                    while (node != TokenTree.NONE && text.length() < truth.length) {
                        node = tree.childOf(node, truth[text.length()]);
                        text.append(truth[text.length()]);
                        tokens++;
                    }
                    steps++;
                }
            }
        }

        assertThat((double) tokens / steps).isGreaterThan(tokensPerStepMin);
    }

    /** Prompt and the target's own answer. */
    private static int[] continuation(LanguageModel target, int[] prompt, SamplingParameters sampling, int length) {
        int[] all = Arrays.copyOf(prompt, prompt.length + length);
        TokenCounts counts = new TokenCounts(all.length, 0);
        SeededChoice choice = new SeededChoice(target.config().vocabularySize());
        try (PlainDecoder decoder = new PlainDecoder(target, all.length)) {
            for (int i = 0; i < all.length - 1; i++) {
                float[] logits = decoder.next(all[i]);
                if (i + 1 >= prompt.length) {
                    all[i + 1] = choice.choose(logits, 0, sampling, counts, i + 1);
                }
            }
        }
        return all;
    }

    private static LanguageModel embedded(EmbeddedModels.EmbeddedModel model) {
        GgufFile file = GgufFile.of(model.data(), model.name());
        return LanguageModel.load(file, ModelConfig.read(file), 1, LoadProgress.NONE);
    }

    @Test
    void shouldRefuseADraftModelOfAnotherVocabulary() {
        Vocabulary target = RANDOM.tokenizer().vocabulary();

        assertThatThrownBy(() -> Drafters.embeddedModel()
                        .create(new DraftEnvironment(target, 100, 1, 1, (stage, fraction) -> {})))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(
                        "draft model embedded:tiny-java-draft has a vocabulary of 8192 tokens, the target one of 200: "
                                + "use a draft model of the target's family");
    }

    @Test
    void shouldRefuseADraftModelWithOtherTokens() {
        Vocabulary target = new NumberedVocabulary(8192);

        assertThatThrownBy(() -> Drafters.embeddedModel()
                        .create(new DraftEnvironment(target, 100, 1, 1, (stage, fraction) -> {})))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("has other tokens than the target (both 8192, first difference at token 0)");
    }

    @Test
    void shouldLoadTheEmbeddedDraftModelForTheEmbeddedTarget() {
        LanguageModel target = embedded(EmbeddedModels.target());
        List<String> stages = new ArrayList<>();
        DraftEnvironment environment = new DraftEnvironment(
                target.tokenizer().vocabulary(),
                target.config().contextLength(),
                2,
                1,
                (stage, fraction) -> stages.add("%s %.0f".formatted(stage, fraction)));

        try (Drafter drafter = Drafters.embeddedModel().create(environment)) {
            assertThat(stages)
                    .contains("draft model, packing weights 0")
                    .last()
                    .isEqualTo("draft model, weights packed 1");
            assertThat(drafter.name()).isEqualTo("model");
            assertThat(drafter.needsOwnThread()).isTrue();
            assertThat(drafter.observes()).isFalse();
            assertThat("%016x".formatted(drafter.warmStartFingerprint()))
                    .as("a trace tells which draft model drafted")
                    .isEqualTo(embedded(EmbeddedModels.draft()).identity().contentHash());
        }
    }
}
