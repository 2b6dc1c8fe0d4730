package dev.foretoken.engine.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.engine.kernel.Kernels;
import dev.foretoken.engine.kv.KvCache;
import dev.foretoken.engine.kv.KvShape;
import dev.foretoken.engine.tree.TokenTree;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The law behind every promise: a row's logits are a function of its own context. Several sessions with random prompts and
 * trees are run in random company, and each logit is compared, bit by bit, with a single session that reads one token at a
 * time on the scalar kernels.
 */
class BatchInvarianceTest {
    private static final int SESSIONS = 3;
    private static final int LOGIT_ROWS_MAX = 37;
    private static final int POSITIONS_MAX = 480;
    private static final int STEPS = 3;

    /** A session in the batch and the reference that follows it. */
    private static final class Follower implements AutoCloseable {
        final int slot;
        final List<Integer> prompt;
        final PlainDecoder reference;
        final TokenTree tree = new TokenTree(TokenTree.NODES_MAX);
        int fed;

        Follower(int slot, List<Integer> prompt, LanguageModel model) {
            this.slot = slot;
            this.prompt = prompt;
            reference = new PlainDecoder(model, Kernels.scalar(), POSITIONS_MAX);
            prompt.forEach(reference::next);
        }

        @Override
        public void close() {
            reference.close();
        }
    }

    @ParameterizedTest(name = "{displayName} {0} {1} seed={2}")
    @CsvSource({
        "random-llama-q8_0.gguf, fastest, 1",
        "random-llama-q4_k.gguf, fastest, 2",
        "random-llama-q6_k.gguf, fastest, 3",
        "random-llama3-f16.gguf, fastest, 4",
        "random-qwen2-f16.gguf, fastest, 5",
        "random-smollm-f16.gguf, fastest, 6",
        "random-llama-bf16.gguf, fastest, 7",
        "random-llama-q4_1.gguf, fastest, 8",
        "random-llama-q5_1.gguf, fastest, 9",
        "random-smollm-f16.gguf, fastest, 10",
        "random-llama-q8_0.gguf, scalar, 11",
        "random-llama-q4_k.gguf, scalar, 12",
        "random-qwen2-f16.gguf, scalar, 13"
    })
    void logitsDependOnTheContextAlone(String name, String kernelsNamed, long seed) {
        LanguageModel model = LoadedModels.random(name);
        Random random = new Random(seed);
        Kernels kernels = kernelsNamed.equals("scalar") ? Kernels.scalar() : Kernels.fastest();
        KvCache cache = poisonedCache(model, random);
        try (TransformerForward forward =
                new TransformerForward(model, kernels, 1 + random.nextInt(3), 256, LOGIT_ROWS_MAX, POSITIONS_MAX)) {
            List<Follower> followers = followers(model, random);
            followers.forEach(follower -> cache.open(follower.slot));
            RowBatch batch = new RowBatch(256);
            prefill(followers, forward, cache, batch, random);
            for (int step = 0; step < STEPS; step++) {
                judge(followers, model, forward, cache, batch, random);
            }
            followers.forEach(follower -> cache.release(follower.slot));
            followers.forEach(Follower::close);
        }
        assertThat(cache.pagesInUse()).isZero();
    }

    /** Pages in random order, every number of them NaN: what is read without having been written shows. */
    private static KvCache poisonedCache(LanguageModel model, Random random) {
        KvShape shape = model.kvShape(16 * (1 + random.nextInt(3)), POSITIONS_MAX);
        KvCache cache = new KvCache(shape, SESSIONS, SESSIONS * shape.pagesFor(POSITIONS_MAX));
        for (int slot = 0; slot < SESSIONS; slot++) {
            cache.open(slot);
        }
        int[] held = new int[SESSIONS];
        for (int i = 0; i < 100; i++) {
            int slot = random.nextInt(SESSIONS);
            held[slot] = Math.min(POSITIONS_MAX, held[slot] + shape.pageTokens());
            cache.reserve(slot, held[slot]);
        }
        for (int slot = 0; slot < SESSIONS; slot++) {
            for (int position = 0; position < held[slot]; position += shape.pageTokens()) {
                Arrays.fill(cache.page(slot, position), Float.NaN);
            }
        }
        List<Integer> slots = new ArrayList<>(List.of(0, 1, 2));
        Collections.shuffle(slots, random);
        slots.forEach(cache::release);
        return cache;
    }

    private static List<Follower> followers(LanguageModel model, Random random) {
        List<Follower> followers = new ArrayList<>();
        for (int slot = 0; slot < SESSIONS; slot++) {
            List<Integer> prompt = new ArrayList<>();
            // The longer ones reach into the second and third block of attention.
            int length = random.nextInt(3) == 0 ? 115 + random.nextInt(160) : 1 + random.nextInt(40);
            for (int i = 0; i < length; i++) {
                prompt.add(random.nextInt(model.config().vocabularySize()));
            }
            followers.add(new Follower(slot, prompt, model));
        }
        return followers;
    }

    /** Chunks of random length, of random sessions together. */
    private static void prefill(
            List<Follower> followers, TransformerForward forward, KvCache cache, RowBatch batch, Random random) {
        while (followers.stream().anyMatch(follower -> follower.fed < follower.prompt.size())) {
            batch.clear();
            List<Follower> taken = new ArrayList<>();
            int[] counts = new int[SESSIONS];
            for (Follower follower : shuffled(followers, random)) {
                int left = follower.prompt.size() - follower.fed;
                if (left > 0 && random.nextInt(3) > 0) {
                    counts[follower.slot] = 1 + random.nextInt(Math.min(left, 80));
                    int[] tokens =
                            follower.prompt.stream().mapToInt(Integer::intValue).toArray();
                    cache.reserve(follower.slot, follower.fed + counts[follower.slot]);
                    batch.addChain(follower.slot, follower.fed, tokens, follower.fed, counts[follower.slot]);
                    taken.add(follower);
                }
            }
            forward.run(batch, cache);
            taken.forEach(follower -> {
                cache.commit(follower.slot, counts[follower.slot]);
                follower.fed += counts[follower.slot];
            });
        }
    }

    private static void judge(
            List<Follower> followers,
            LanguageModel model,
            TransformerForward forward,
            KvCache cache,
            RowBatch batch,
            Random random) {
        batch.clear();
        List<Follower> order = shuffled(followers, random);
        int[] firstRow = new int[SESSIONS];
        for (Follower follower : order) {
            growTree(follower.tree, model.config().vocabularySize(), random);
            firstRow[follower.slot] = batch.rowCount();
            cache.reserve(follower.slot, cache.length(follower.slot) + follower.tree.nodeCount());
            batch.addTree(follower.slot, cache.length(follower.slot), follower.tree);
        }
        forward.run(batch, cache);
        float[][] logits = allLogits(model, forward, batch.rowCount(), random);
        for (Follower follower : order) {
            for (int node = 0; node < follower.tree.nodeCount(); node++) {
                assertSameBits(
                        logits[firstRow[follower.slot] + node],
                        referenceLogits(follower, node),
                        follower.tree + " node " + node);
            }
            commitRandomPath(follower, cache, random);
        }
    }

    private static List<Follower> shuffled(List<Follower> followers, Random random) {
        List<Follower> order = new ArrayList<>(followers);
        Collections.shuffle(order, random);
        return order;
    }

    private static void growTree(TokenTree tree, int vocabularySize, Random random) {
        tree.restart(random.nextInt(vocabularySize));
        int nodes = 1 + random.nextInt(16);
        boolean chain = random.nextInt(4) == 0;
        while (tree.nodeCount() < nodes) {
            int parent = chain ? tree.nodeCount() - 1 : random.nextInt(tree.nodeCount());
            tree.add(parent, random.nextInt(vocabularySize), 1, 0);
        }
    }

    /** All rows in random order, in tiles of random size. */
    private static float[][] allLogits(LanguageModel model, TransformerForward forward, int rows, Random random) {
        List<Integer> order = new ArrayList<>();
        for (int row = 0; row < rows; row++) {
            order.add(row);
        }
        Collections.shuffle(order, random);
        float[][] logits = new float[rows][];
        int next = 0;
        while (next < rows) {
            int count = Math.min(rows - next, 1 + random.nextInt(LOGIT_ROWS_MAX));
            int[] tile = order.subList(next, next + count).stream()
                    .mapToInt(Integer::intValue)
                    .toArray();
            float[] values = forward.logits(tile, count);
            for (int i = 0; i < count; i++) {
                int at = i * forward.logitStride();
                logits[tile[i]] =
                        Arrays.copyOfRange(values, at, at + model.config().vocabularySize());
            }
            next += count;
        }
        return logits;
    }

    private static float[] referenceLogits(Follower follower, int node) {
        int committed = follower.prompt.size();
        follower.reference.truncateTo(committed);
        float[] logits = {};
        for (int i = 0; i <= node; i++) {
            if ((follower.tree.ancestors(node) >>> i & 1) != 0) {
                logits = follower.reference.next(follower.tree.token(i));
            }
        }
        return logits;
    }

    private static void commitRandomPath(Follower follower, KvCache cache, Random random) {
        TokenTree tree = follower.tree;
        int last = random.nextInt(tree.nodeCount());
        int[] path = new int[TokenTree.DEPTH_MAX];
        for (int node = last; node != 0; node = tree.parent(node)) {
            path[tree.depth(node) - 1] = node;
        }
        cache.commitPath(follower.slot, path, tree.depth(last));
        follower.reference.truncateTo(follower.prompt.size());
        follower.reference.next(tree.token(0));
        follower.prompt.add(tree.token(0));
        for (int depth = 1; depth <= tree.depth(last); depth++) {
            follower.reference.next(tree.token(path[depth - 1]));
            follower.prompt.add(tree.token(path[depth - 1]));
        }
        assertThat(cache.length(follower.slot)).isEqualTo(follower.prompt.size());
    }

    private static void assertSameBits(float[] actual, float[] expected, String what) {
        assertThat(expected).as(what).doesNotContain(Float.NaN);
        for (int id = 0; id < expected.length; id++) {
            if (Float.floatToRawIntBits(actual[id]) != Float.floatToRawIntBits(expected[id])) {
                throw new AssertionError(
                        "%s: logit %d is %s, alone it is %s".formatted(what, id, actual[id], expected[id]));
            }
        }
    }

    @Test
    void shouldTellARowThatReadsItsSibling() {
        // The law must be able to fail: a tree whose second child is wrongly placed below the first gives other bits.
        LanguageModel model = LoadedModels.random("random-llama-q8_0.gguf");
        try (Follower follower = new Follower(0, new ArrayList<>(List.of(1, 2, 3)), model)) {
            follower.tree.restart(4);
            follower.tree.add(0, 5, 1, 0);
            follower.tree.add(0, 6, 1, 0);
            float[] sibling = referenceLogits(follower, 2);
            follower.tree.restart(4);
            follower.tree.add(0, 5, 1, 0);
            follower.tree.add(1, 6, 1, 0);

            assertThat(referenceLogits(follower, 2)).isNotEqualTo(sibling);
        }
    }
}
