package dev.foretoken.verifiers.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.kv.CacheTenant;
import dev.foretoken.engine.model.LanguageModel;
import dev.foretoken.engine.model.LoadedModels;
import dev.foretoken.engine.sampling.SamplingParameters;
import dev.foretoken.engine.testing.Goldens;
import dev.foretoken.engine.tree.TokenTree;
import dev.foretoken.engine.verify.StepVerdict;
import dev.foretoken.engine.verify.TreeBatch;
import dev.foretoken.engine.verify.VerdictsOut;
import dev.foretoken.engine.verify.Verifier;
import dev.foretoken.verifiers.VerifierContract;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** All that a verifier owes, owed by one with a prefix cache; and hits say the same as misses, bit by bit. */
class PrefixCacheTest extends VerifierContract {
    private static final int PAGE = 16;
    private static final CpuVerifierOptions OFF = CpuVerifierOptions.STANDARD
            .threads(2)
            .slots(SLOTS)
            .contextMax(CONTEXT_MAX)
            .pageTokens(PAGE);
    private static final CpuVerifierOptions ON = OFF.prefixBytesMax(1L << 20);
    private static final CacheTenant OTHER = new CacheTenant("other");

    @Override
    protected Verifier create(Path modelFile) {
        return new CpuVerifier(LoadedModels.load(modelFile), ON);
    }

    // ---- what a hit saves

    @Test
    void shouldComputeOnlyWhatIsNewInAChatsNextTurn() {
        Verifier verifier = verifier();
        int[] first = new Random(1).ints(45, 0, 100).toArray();
        List<Emission> answer = plain(verifier, first, WARM); // its last token was never an input
        int[] question = {7, 8, 9};
        int[] second = concat(first, tokens(answer), question);

        open(verifier, 1, second, WARM);

        int known = first.length + answer.size() - 1;
        assertThat(verifier.committedLength(1)).isEqualTo(known);
        assertThat(second.length - 1 - known)
                .as("the answer's last token, and the question but for its last")
                .isEqualTo(3);
        prefill(verifier, 1, second, new Random(1));
        try (Verifier fresh = new CpuVerifier(model(), OFF)) {
            assertThat(decode(verifier, 1, second)).isEqualTo(plain(fresh, second, WARM));
        }
    }

    @Test
    void shouldServeTheSamePromptAgainWithoutComputingIt() {
        Verifier verifier = verifier();
        int[] prompt = new Random(2).ints(50, 0, 100).toArray();
        List<Emission> said = plain(verifier, prompt, PENALISED);

        open(verifier, 0, prompt, PENALISED);

        assertThat(verifier.committedLength(0)).isEqualTo(49);
        assertThat(decode(verifier, 0, prompt)).isEqualTo(said);
    }

    @Test
    void shouldFollowAPromptThatComputesWhatItNeeds() {
        Verifier verifier = verifier();
        int[] prompt = new Random(2).ints(50, 0, 100).toArray();
        int[] early = prompt.clone();
        int[] late = prompt.clone();
        early[3]++;
        late[20]++;
        open(verifier, 0, prompt, WARM);
        open(verifier, 1, prompt, PENALISED);
        open(verifier, 2, late, WARM);
        open(verifier, 3, early, WARM);

        assertThat(verifier.followsPrompt(1, 0)).isTrue();
        assertThat(verifier.followsPrompt(2, 0)).as("its first page").isTrue();
        assertThat(verifier.followsPrompt(3, 0)).isFalse();
        TreeBatch batch = new TreeBatch(1);
        batch.addPrompt(0, 0, 20);
        submitAndPoll(verifier, batch, new VerdictsOut(1));
        assertThat(verifier.takeOverPrompt(1)).isEqualTo(PAGE);
        assertThat(verifier.takeOverPrompt(2)).isEqualTo(PAGE);
        assertThat(verifier.followsPrompt(1, 0)).isTrue();
        assertThat(verifier.followsPrompt(0, 1)).as("that one is behind").isFalse();
        assertThat(verifier.followsPrompt(2, 0)).as("their second pages differ").isFalse();
        verifier.release(3);
        open(verifier, 3, prompt, WARM, OTHER);
        assertThat(verifier.followsPrompt(3, 0)).as("another tenant").isFalse();
    }

    @Test
    void shouldNotFollowForAPageThatWillNotBeFull() {
        Verifier verifier = verifier();
        int[] prompt = new Random(2).ints(PAGE, 0, 100).toArray(); // its last token is not read before the first tree
        open(verifier, 0, prompt, WARM);
        open(verifier, 1, prompt, WARM);

        assertThat(verifier.followsPrompt(1, 0)).isFalse();
        try (Verifier without = new CpuVerifier(model(), OFF)) {
            int[] longer = new Random(2).ints(50, 0, 100).toArray();
            open(without, 0, longer, WARM);
            open(without, 1, longer, WARM);
            assertThat(without.followsPrompt(1, 0)).isFalse();
            without.release(0);
            without.release(1);
        }
    }

    @Test
    void shouldComputeEverythingForAnotherTenant() {
        Verifier verifier = verifier();
        int[] prompt = new Random(2).ints(50, 0, 100).toArray();
        plain(verifier, prompt, WARM);

        open(verifier, 0, prompt, WARM, OTHER);

        assertThat(verifier.committedLength(0)).isZero();
    }

    @Test
    void shouldGoOnAfterADraftWasRejectedInsideAPage() {
        // given a session whose tree had wrong nodes stored where the right ones ended up
        Verifier verifier = verifier();
        int[] prompt = new Random(3).ints(14, 0, 100).toArray();
        List<Emission> plain = plain(verifier, prompt, WARM, OTHER);
        open(verifier, 0, prompt, WARM);
        prefill(verifier, 0, prompt, new Random(3));
        List<Emission> said = new ArrayList<>();
        while (said.size() < TOKENS) {
            append(step(verifier, 0, halfRightTree(prompt, plain, said.size(), new Random(said.size()))), said);
        }
        int committed = verifier.committedLength(0);
        verifier.release(0);

        // when another reads all of it
        int[] longer = Arrays.copyOf(concat(prompt, tokens(said)), committed + 1);
        open(verifier, 1, longer, WARM);

        assertThat(verifier.committedLength(1)).isEqualTo(committed);
        try (Verifier fresh = new CpuVerifier(model(), OFF)) {
            assertThat(decode(verifier, 1, longer)).isEqualTo(plain(fresh, longer, WARM));
        }
    }

    // ---- the law

    /** One conversation: what it has said so far must be what a verifier without a cache says. */
    private static final class Talk {
        final CacheTenant tenant;
        final int[] prompt;
        final SamplingParameters sampling;
        final List<Emission> expected;
        final List<Emission> said = new ArrayList<>();

        Talk(CacheTenant tenant, int[] prompt, SamplingParameters sampling, List<Emission> expected) {
            this.tenant = tenant;
            this.prompt = prompt;
            this.sampling = sampling;
            this.expected = expected;
        }
    }

    /**
     * Random conversations that go on from each other, in random company, with random trees and cancellations, in a cache that
     * has room for hardly more than the sessions themselves.
     */
    @ParameterizedTest(name = "{displayName} seed={0} pageTokens={1} threads={2}")
    @CsvSource({"1,16,1", "2,32,2", "3,16,2", "5,32,1", "8,16,1", "13,32,2"})
    void hitsNeverChangeABit(long seed, int pageTokens, int threads) {
        Random random = new Random(seed);
        CpuVerifierOptions sizes = OFF.pageTokens(pageTokens).threads(threads);
        long pageBytes = model().kvShape(sizes.pageTokens(), CONTEXT_MAX + TokenTree.NODES_MAX)
                .pageBytes();
        int pagesOfSession = Math.ceilDiv(CONTEXT_MAX + TokenTree.NODES_MAX, sizes.pageTokens());
        long kvBytes = pageBytes * (SLOTS * pagesOfSession - random.nextInt(pagesOfSession));
        CpuVerifierOptions tight = sizes.kvBytesMax(kvBytes).prefixBytesMax(kvBytes);
        try (Verifier fresh = new CpuVerifier(model(), OFF);
                CpuVerifier cached = new CpuVerifier(model(), tight)) {
            int sessions = cached.shape().pagesTotal() / pagesOfSession; // what admission would let in
            Conversations conversations = new Conversations(cached, fresh, sessions, random);
            for (int turn = 0; turn < 400; turn++) {
                conversations.turn();
            }
            conversations.end();
            assertThat(conversations.taken).as("positions taken over").isGreaterThan(500);
            assertThat(conversations.mostPages)
                    .as("pages in use or kept")
                    .isEqualTo(cached.shape().pagesTotal());
        }
    }

    private static final class Conversations {
        private final CpuVerifier cached;
        private final Verifier fresh;
        private final Random random;
        private final @Nullable Talk[] talks;
        private final List<int[]> texts = new ArrayList<>();
        private final TreeBatch batch = new TreeBatch(SLOTS);
        private final VerdictsOut verdicts = new VerdictsOut(SLOTS);
        int taken;
        int mostPages;

        Conversations(CpuVerifier cached, Verifier fresh, int sessions, Random random) {
            this.cached = cached;
            this.fresh = fresh;
            this.random = random;
            talks = new Talk[sessions];
            texts.add(random.ints(30, 0, 100).toArray());
        }

        void turn() {
            batch.clear();
            for (int slot = 0; slot < talks.length; slot++) {
                Talk talk = talks[slot];
                if (talk == null) {
                    talks[slot] = begin(slot);
                } else if (talk.said.size() >= TOKENS || random.nextInt(30) == 0) {
                    end(slot, talk);
                } else if (random.nextInt(4) > 0) {
                    add(slot, talk);
                }
            }
            submitAndPoll(cached, batch, verdicts);
            for (int i = 0; i < verdicts.count(); i++) {
                append(verdicts.verdict(i), talks[verdicts.verdict(i).slot()].said);
            }
            mostPages = Math.max(mostPages, cached.pagesInUse() + cached.pagesKept());
        }

        /** Goes on with a part of an earlier text. */
        private Talk begin(int slot) {
            int[] earlier = texts.get(random.nextInt(texts.size()));
            int common = 1 + random.nextInt(Math.min(earlier.length, CONTEXT_MAX - 80));
            int[] prompt = concat(
                    Arrays.copyOf(earlier, common),
                    random.ints(random.nextInt(10), 0, 100).toArray());
            SamplingParameters sampling = random.nextBoolean() ? WARM : GREEDY_PENALISED;
            CacheTenant tenant = random.nextInt(4) == 0 ? OTHER : CacheTenant.SHARED;
            Talk talk = new Talk(tenant, prompt, sampling, plain(fresh, prompt, sampling));
            open(cached, slot, prompt, sampling, tenant);
            taken += cached.committedLength(slot);
            return talk;
        }

        private void add(int slot, Talk talk) {
            int left = talk.prompt.length - 1 - cached.committedLength(slot);
            if (left > 0 && random.nextBoolean()) {
                int before = cached.committedLength(slot);
                left = talk.prompt.length - 1 - cached.takeOverPrompt(slot);
                taken += cached.committedLength(slot) - before;
            }
            if (left > 0) {
                int rows = Math.min(left, 40);
                batch.addPrompt(slot, cached.committedLength(slot), 1 + random.nextInt(rows));
            } else {
                batch.addTree(slot, halfRightTree(talk.prompt, talk.expected, talk.said.size(), random));
            }
        }

        private void end(int slot, Talk talk) {
            int compared = Math.min(TOKENS, talk.said.size());
            assertThat(talk.said.subList(0, compared)).isEqualTo(talk.expected.subList(0, compared));
            cached.release(slot);
            talks[slot] = null;
            texts.add(concat(talk.prompt, tokens(talk.said)));
            if (texts.size() > 4) {
                texts.remove(random.nextInt(texts.size()));
            }
        }

        void end() {
            for (int slot = 0; slot < talks.length; slot++) {
                if (talks[slot] != null) {
                    end(slot, talks[slot]);
                }
            }
            assertThat(cached.pagesInUse()).isZero();
        }
    }

    // ---- sizes

    @Test
    void shouldAllocateNothingPerStepOnceCompiled() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        Verifier verifier = verifier();
        TreeBatch batch = new TreeBatch(1);
        VerdictsOut verdicts = new VerdictsOut(1);
        TokenTree root = new TokenTree(1);
        long mostBytes = Long.MAX_VALUE;
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        // Every step of a session counts: some of them fill a page, and put it into the tree.
        for (int session = 0; mostBytes > 0 && System.nanoTime() < limit; session++) {
            verifier.release(0);
            open(verifier, 0, new int[] {session % 100, session / 100 % 100}, WARM);
            prefill(verifier, 0, new int[] {session % 100, session / 100 % 100}, new Random(1));
            int pending = session / 100 % 100;
            mostBytes = 0;
            for (int step = 0; step < 3 * PAGE; step++) {
                root.restart(pending);
                long before = threads.getCurrentThreadAllocatedBytes();
                batch.clear();
                batch.addTree(0, root);
                submitAndPoll(verifier, batch, verdicts);
                mostBytes = Math.max(mostBytes, threads.getCurrentThreadAllocatedBytes() - before);
                StepVerdict verdict = verdicts.verdict(0);
                pending = verdict.emittedToken(0);
            }
        }

        assertThat(mostBytes).isZero();
    }

    @Test
    void shouldRefuseANegativeSize() {
        assertThatThrownBy(() -> OFF.prefixBytesMax(-1))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("prefix cache size is -1, expected 0 bytes (off) or more");
    }

    // ---- helpers

    private static LanguageModel model() {
        return LoadedModels.load(Goldens.model(MODEL));
    }

    private static int[] tokens(List<Emission> said) {
        return said.stream().mapToInt(Emission::token).toArray();
    }

    private static int[] concat(int[]... parts) {
        return Arrays.stream(parts).flatMapToInt(IntStream::of).toArray();
    }

    private static List<Emission> plain(
            Verifier verifier, int[] prompt, SamplingParameters sampling, CacheTenant tenant) {
        open(verifier, 0, prompt, sampling, tenant);
        prefill(verifier, 0, prompt, new Random(0));
        List<Emission> said = decode(verifier, 0, prompt);
        verifier.release(0);
        return said;
    }

    /** The first tokens of a prefilled session without drafts. */
    private static List<Emission> decode(Verifier verifier, int slot, int[] prompt) {
        List<Emission> said = new ArrayList<>();
        TokenTree root = new TokenTree(1);
        while (said.size() < TOKENS) {
            root.restart(
                    said.isEmpty() ? prompt[prompt.length - 1] : said.getLast().token());
            append(step(verifier, slot, root), said);
        }
        return said;
    }
}
