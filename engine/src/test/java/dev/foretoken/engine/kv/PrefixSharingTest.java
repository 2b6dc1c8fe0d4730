package dev.foretoken.engine.kv;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sessions that begin with the same tokens read the same pages, and nobody ever reads a page of another text. */
class PrefixSharingTest {
    private static final int PAGE = 16;
    private static final KvShape SHAPE = new KvShape(2, 2, 20, PAGE, 400);
    private static final CacheTenant ALICE = new CacheTenant("alice");
    private static final CacheTenant BOB = new CacheTenant("bob");

    /** So few that wrong tokens are often those of another text. */
    private static final int WORDS = 3;

    private final KvCache cache = new KvCache(SHAPE, 4, 12, 12);

    // ---- hits

    @Test
    void shouldTakeOverWhatAnEndedSessionBeganWith() {
        int[] text = text(1, 40);
        run(cache, 0, ALICE, text, 40);

        assertThat(cache.open(1, ALICE, text, 39)).isEqualTo(39);

        assertThat(cache.pagesInUse()).as("two shared, one copied in part").isEqualTo(3);
        assertHolds(cache, 1, ALICE, text, 39);
    }

    @Test
    void shouldReadThePagesOfASessionThatStillRuns() {
        int[] text = text(1, 40);
        openAndCommit(cache, 0, ALICE, text, 40);

        assertThat(cache.open(1, ALICE, text, 39))
                .as("its third page is not full, and its own")
                .isEqualTo(32);

        assertThat(cache.pagesInUse()).isEqualTo(3);
        assertHolds(cache, 1, ALICE, text, 32);
    }

    @Test
    void shouldCopyTheFirstPositionsOfAPageThatGoesOnDifferently() {
        int[] text = text(1, 40);
        int[] other = text.clone();
        other[21]++;
        run(cache, 0, ALICE, text, 40);

        assertThat(cache.open(1, ALICE, other, 39)).isEqualTo(21);
        commitTo(cache, 1, ALICE, other, 40);

        assertHolds(cache, 1, ALICE, other, 40);
        assertThat(cache.open(2, ALICE, text, 39)).isEqualTo(39);
        assertHolds(cache, 2, ALICE, text, 39);
    }

    @Test
    void shouldNotTakeMoreThanItMay() {
        int[] text = text(1, 40);
        run(cache, 0, ALICE, text, 40);

        assertThat(cache.open(0, ALICE, text, 0)).isZero();
        assertThat(cache.open(1, ALICE, text, 16)).isEqualTo(16);
        assertThat(cache.open(2, ALICE, text, 17)).isEqualTo(17);
    }

    @Test
    void shouldGoOnWithTheOtherPageWhenTwoSessionsReadTheSameTextAtOnce() {
        int[] text = text(1, 40);
        openAndCommit(cache, 0, ALICE, text, 3);
        openAndCommit(cache, 1, ALICE, text, 5);

        commitTo(cache, 0, ALICE, text, 40);
        commitTo(cache, 1, ALICE, text, 40);

        assertThat(cache.pagesInUse()).as("two shared, one each").isEqualTo(4);
        assertThat(cache.page(0, 20)).isSameAs(cache.page(1, 20));
        assertHolds(cache, 0, ALICE, text, 40);
        assertHolds(cache, 1, ALICE, text, 40);
    }

    @Test
    void shouldTakeOverWhatAnotherHasComputedSinceItWasOpened() {
        int[] text = text(1, 60);
        cache.open(0, ALICE, text, 59);
        cache.open(1, ALICE, text, 59);
        commitTo(cache, 0, ALICE, text, 39);
        commitTo(cache, 1, ALICE, text, 7);

        assertThat(cache.takeOver(1, text, 31)).as("it wants no more").isEqualTo(31);
        assertThat(cache.takeOver(1, text, 59)).isEqualTo(32);
        assertThat(cache.takeOver(0, text, 59)).isEqualTo(39);

        assertThat(cache.pagesInUse()).as("two shared, one half full").isEqualTo(3);
        cache.release(0);
        assertThat(cache.takeOver(1, text, 59)).as("and the end of it").isEqualTo(39);
        assertHolds(cache, 1, ALICE, text, 39);
    }

    @Test
    void shouldFindNothingForAnotherTenant() {
        int[] text = text(1, 40);
        run(cache, 0, ALICE, text, 40);

        assertThat(cache.open(1, BOB, text, 39)).isZero();
        assertThat(cache.open(2, CacheTenant.SHARED, text, 39)).isZero();
        assertThat(cache.open(3, new CacheTenant("alice"), text, 39)).isEqualTo(39);
    }

    @Test
    void shouldLeaveASessionAloneThatNamesNoTenant() {
        int[] text = text(1, 40);
        cache.open(0);
        commitTo(cache, 0, ALICE, text, 40);
        cache.release(0);

        assertThat(cache.open(1, ALICE, text, 39)).isZero();
        assertThat(cache.pagesKept()).isZero();
    }

    @Test
    void shouldShareNothingWithoutKeptPages() {
        KvCache off = new KvCache(SHAPE, 2, 12);
        int[] text = text(1, 40);
        run(off, 0, ALICE, text, 40);

        assertThat(off.open(1, ALICE, text, 39)).isZero();
        assertThat(off.pagesKept()).isZero();
    }

    // ---- what is kept

    @Test
    void shouldGiveUpWhatWasUsedLongestAgo() {
        int[][] texts = {text(1, 16), text(2, 16), text(3, 16), text(4, 16)};
        KvCache small = new KvCache(SHAPE, 2, 4, 4);
        for (int[] text : texts) {
            run(small, 0, ALICE, text, 16);
        }
        small.open(0, ALICE, texts[0], 16); // used again
        small.release(0);

        small.open(1);
        small.reserve(1, 2 * PAGE);

        assertThat(small.pagesKept()).isEqualTo(2);
        assertThat(hits(small, 0, texts[1])).isZero();
        assertThat(hits(small, 0, texts[2])).isZero();
        assertThat(hits(small, 0, texts[3])).isEqualTo(16);
        assertThat(hits(small, 0, texts[0])).isEqualTo(16);
    }

    @Test
    void shouldGiveUpTheEndOfATextBeforeItsBeginning() {
        KvCache small = new KvCache(SHAPE, 2, 4, 4);
        int[] text = text(1, 60);
        run(small, 0, ALICE, text, 60);
        small.open(1);

        int[] left = new int[4];
        for (int pages = 1; pages <= 3; pages++) {
            small.reserve(1, pages * PAGE);
            left[pages] = small.pagesKept();
        }
        small.release(1);

        assertThat(left).containsExactly(0, 3, 2, 1);
        assertThat(hits(small, 0, text)).isEqualTo(16);
    }

    @Test
    void shouldCountAPartlyCopiedPageAsUsed() {
        KvCache small = new KvCache(SHAPE, 2, 4, 4);
        int[] first = text(1, 16);
        int[] second = text(2, 16);
        run(small, 0, ALICE, first, 16);
        run(small, 0, ALICE, second, 16);
        small.open(0, ALICE, first, 9);
        small.open(1);

        small.reserve(1, 2 * PAGE);
        small.release(0);

        assertThat(hits(small, 0, first)).isEqualTo(16);
    }

    @Test
    void shouldKeepNoMorePagesThanAllowed() {
        KvCache modest = new KvCache(SHAPE, 2, 12, 3);
        openAndCommit(modest, 0, ALICE, text(1, 64), 64);
        openAndCommit(modest, 1, ALICE, text(2, 64), 64);
        assertThat(modest.pagesKept()).isZero();

        modest.release(0);
        assertThat(modest.pagesKept()).isEqualTo(3);
        modest.release(1);

        assertThat(modest.pagesKept()).isEqualTo(3);
        assertThat(modest.pagesInUse()).isZero();
        assertThat(hits(modest, 0, text(2, 64))).isEqualTo(48);
    }

    @Test
    void shouldNotKeepWhatALastStepCommittedBehindTheEnd() {
        int[] text = text(1, 40);
        openAndCommit(cache, 0, ALICE, text, 10);
        cache.reserve(0, 40);
        for (int position = 10; position < 40; position++) {
            store(cache, 0, position, text[position], stamp(ALICE, text, position));
        }
        cache.commitPath(0, IntStream.rangeClosed(1, 29).toArray(), 29);
        assertThat(cache.length(0)).isEqualTo(40);
        assertThat(hits(cache, 1, text)).as("not sure to be text").isZero();

        cache.release(0, 18);

        assertThat(hits(cache, 0, text)).isEqualTo(18);
    }

    @Test
    void shouldShareAnAcceptedPathWhenTheSessionGoesOn() {
        int[] text = text(1, 40);
        openAndCommit(cache, 0, ALICE, text, 10);
        cache.reserve(0, 20);
        for (int position = 10; position < 20; position++) {
            store(cache, 0, position, text[position], stamp(ALICE, text, position));
        }
        cache.commitPath(0, IntStream.rangeClosed(1, 9).toArray(), 9);

        cache.reserve(0, 21);

        assertThat(hits(cache, 1, text)).isEqualTo(16);
    }

    @Test
    void shouldKeepOnlyTheLongerOfTwoEnds() {
        int[] text = text(1, 60);
        run(cache, 0, ALICE, text, 20);
        assertThat(cache.pagesKept()).isEqualTo(2);

        run(cache, 0, ALICE, text, 25);
        assertThat(cache.pagesKept()).as("25 tokens say what 20 said").isEqualTo(2);
        run(cache, 0, ALICE, text, 22);
        assertThat(cache.pagesKept()).as("22 tokens say nothing new").isEqualTo(2);
        run(cache, 0, ALICE, text, 33);

        assertThat(cache.pagesKept()).as("so does the full page").isEqualTo(3);
        assertThat(hits(cache, 0, text)).isEqualTo(33);
    }

    @Test
    void shouldUseTheOnlyPageThereIsAsTheCopyOfItself() {
        KvCache single = new KvCache(SHAPE, 1, 1, 1);
        int[] text = text(1, 16);
        run(single, 0, ALICE, text, 16);

        assertThat(single.open(0, ALICE, text, 10)).isEqualTo(10);

        assertHolds(single, 0, ALICE, text, 10);
        assertThat(single.pagesKept()).isZero();
        assertThat(single.pagesInUse()).isEqualTo(1);
    }

    @Test
    void shouldForgetTenantsThatHaveNothingLeft() {
        KvCache small = new KvCache(SHAPE, 1, 2, 2);
        for (int user = 0; user < 1000; user++) {
            run(small, 0, new CacheTenant("user " + user), text(user, 20), 20);
        }

        PrefixTree tree = small.prefixes();
        assertThat(tree).isNotNull();
        assertThat(tree.roots().count()).isEqualTo(1);
    }

    private static int hits(KvCache cache, int slot, int[] text) {
        int hits = cache.open(slot, ALICE, text, text.length);
        cache.release(slot);
        return hits;
    }

    // ---- the law

    /** A session, and what it may still grow to. */
    private static final class Walker {
        final CacheTenant tenant;
        final int[] text;
        final int pagesReserved;

        Walker(CacheTenant tenant, int[] text, int pagesReserved) {
            this.tenant = tenant;
            this.text = text;
            this.pagesReserved = pagesReserved;
        }
    }

    /** Random sessions with random trees, ends and reservations; with hash 0 all pages collide. */
    @ParameterizedTest(name = "{displayName} seed={0} slots={1} hash={2}")
    @CsvSource({
        "1, 2, tokens",
        "2, 3, tokens",
        "3, 4, tokens",
        "5, 5, tokens",
        "8, 2, tokens",
        "13, 3, tokens",
        "21, 4, tokens",
        "34, 5, tokens",
        "1, 2, zero",
        "2, 5, zero",
        "3, 3, parent",
        "4, 4, parent"
    })
    void everySessionReadsItsOwnTextAndFindsThePagesItReserved(long seed, int slots, String hashed) {
        Random random = new Random(seed);
        int pagesTotal = 8 + random.nextInt(30);
        PrefixTree.PageHash hash = switch (hashed) {
            case "zero" -> (parent, tokens, from, count) -> 0;
            case "parent" -> (parent, tokens, from, count) -> parent;
            default -> PrefixTree.hash(seed, seed * 0x9E3779B97F4A7C15L);
        };
        KvCache shared = new KvCache(SHAPE, slots, pagesTotal, 1 + random.nextInt(pagesTotal), hash);
        Walker[] walkers = new Walker[slots];
        List<int[]> texts = new ArrayList<>(List.of(random.ints(200, 0, WORDS).toArray()));
        int reserved = 0;
        long taken = 0;
        for (int turn = 0; turn < 1500; turn++) {
            int slot = random.nextInt(slots);
            Walker walker = walkers[slot];
            if (walker == null) {
                Walker candidate = walker(random, texts, pagesTotal);
                if (reserved + candidate.pagesReserved <= pagesTotal) {
                    reserved += candidate.pagesReserved;
                    walkers[slot] = candidate;
                    int hit =
                            shared.open(slot, candidate.tenant, candidate.text, random.nextInt(candidate.text.length));
                    taken += hit;
                    assertHolds(shared, slot, candidate.tenant, candidate.text, hit);
                }
            } else if (shared.length(slot) == walker.text.length || random.nextInt(12) == 0) {
                assertHolds(shared, slot, walker.tenant, walker.text, shared.length(slot));
                if (random.nextBoolean()) {
                    shared.release(slot);
                } else {
                    int lastStep = shared.length(slot) - shared.sharedCount(slot) * PAGE;
                    shared.release(slot, shared.length(slot) - random.nextInt(lastStep + 1));
                }
                reserved -= walker.pagesReserved;
                walkers[slot] = null;
            } else if (random.nextInt(6) == 0) {
                int before = shared.length(slot);
                int after = shared.takeOver(slot, walker.text, random.nextInt(walker.text.length));
                assertThat(after).isGreaterThanOrEqualTo(before);
                taken += after - before;
            } else {
                step(shared, slot, walker, random);
            }
        }
        assertThat(taken).as("positions taken over").isPositive();
        for (int slot = 0; slot < slots; slot++) {
            if (walkers[slot] != null) {
                assertHolds(shared, slot, walkers[slot].tenant, walkers[slot].text, shared.length(slot));
                shared.release(slot);
            }
        }
        assertThat(shared.pagesInUse()).isZero();
        assertThat(PageAudit.holds(shared)).isTrue();
    }

    /** A text that goes on as an earlier one did, for a while. */
    private static Walker walker(Random random, List<int[]> texts, int pagesTotal) {
        int[] text = texts.get(random.nextInt(texts.size())).clone();
        int length = 1 + random.nextInt(Math.min(text.length, pagesTotal * PAGE - 40));
        for (int i = random.nextInt(text.length); random.nextBoolean() && i < text.length; i++) {
            text[i] = random.nextInt(WORDS);
        }
        texts.add(text);
        if (texts.size() > 5) {
            texts.removeFirst();
        }
        CacheTenant tenant = random.nextInt(4) == 0 ? BOB : ALICE;
        return new Walker(tenant, Arrays.copyOf(text, length), SHAPE.pagesFor(length + 40));
    }

    /** Stores a tree whose nodes are right or wrong, and commits the right ones. */
    private static void step(KvCache cache, int slot, Walker walker, Random random) {
        int root = cache.length(slot);
        int accepted = random.nextInt(Math.min(20, walker.text.length - root));
        int nodes = accepted + 1 + random.nextInt(20);
        int[] path = random.ints(1, nodes + 1)
                .filter(node -> node < nodes)
                .limit(accepted)
                .distinct()
                .sorted()
                .toArray();
        cache.reserve(slot, root + nodes);
        for (int node = 0, depth = 0; node < nodes; node++) {
            boolean right = node == 0 || depth < path.length && path[depth] == node;
            depth += right && node > 0 ? 1 : 0;
            int position = right ? root + depth : -1;
            store(
                    cache,
                    slot,
                    root + node,
                    right ? walker.text[position] : random.nextInt(WORDS),
                    right ? stamp(walker.tenant, walker.text, position) : -5);
        }
        cache.commitPath(slot, path, path.length);
    }

    // ---- helpers

    private static int[] text(long seed, int length) {
        return new Random(seed).ints(length, 0, 1000).toArray();
    }

    private static void run(KvCache cache, int slot, CacheTenant tenant, int[] text, int length) {
        openAndCommit(cache, slot, tenant, text, length);
        cache.release(slot);
    }

    private static void openAndCommit(KvCache cache, int slot, CacheTenant tenant, int[] text, int length) {
        cache.open(slot, tenant, text, length);
        commitTo(cache, slot, tenant, text, length);
    }

    private static void commitTo(KvCache cache, int slot, CacheTenant tenant, int[] text, int length) {
        int from = cache.length(slot);
        cache.reserve(slot, length);
        for (int position = from; position < length; position++) {
            store(cache, slot, position, text[position], stamp(tenant, text, position));
        }
        cache.commit(slot, length - from);
    }

    /** Stands for what a model computes: a function of the whole prefix, and here of the tenant too. */
    private static float stamp(CacheTenant tenant, int[] text, int position) {
        int hash = Arrays.hashCode(Arrays.copyOf(text, position + 1)) * 31
                + tenant.key().hashCode();
        return Math.abs(hash % 100_003) + 1;
    }

    private static void store(KvCache cache, int slot, int position, int token, float stamp) {
        cache.storeToken(slot, position, token);
        int floats = SHAPE.kvHeads() * SHAPE.headDim();
        float[] row = new float[2 * floats];
        for (int layer = 0; layer < SHAPE.layers(); layer++) {
            for (int i = 0; i < floats; i++) {
                row[i] = stamp + layer + i * 0.01f;
                row[floats + i] = -row[i];
            }
            for (int head = 0; head < SHAPE.kvHeads(); head++) {
                int at = head * SHAPE.headDim();
                cache.storeKey(slot, layer, head, position, 0, SHAPE.headDim(), row, at);
                cache.storeValue(slot, layer, head, position, 0, SHAPE.headDim(), row, floats + at);
            }
        }
    }

    private static void assertHolds(KvCache cache, int slot, CacheTenant tenant, int[] text, int length) {
        for (int position = 0; position < length; position++) {
            float stamp = stamp(tenant, text, position);
            float[] page = cache.page(slot, position);
            for (int layer = 0; layer < SHAPE.layers(); layer++) {
                for (int head = 0; head < SHAPE.kvHeads(); head++) {
                    int keyAt = cache.keyBlockOffset(layer, head, position) + position % KvShape.BLOCK;
                    int valueAt = cache.valueOffset(layer, head, position);
                    for (int d = 0; d < SHAPE.headDim(); d++) {
                        float expected = stamp + layer + (head * SHAPE.headDim() + d) * 0.01f;
                        if (page[keyAt + d * KvShape.BLOCK] != expected || page[valueAt + d] != -expected) {
                            throw new AssertionError("slot %d position %d layer %d head %d: %s and %s, expected %s"
                                    .formatted(
                                            slot,
                                            position,
                                            layer,
                                            head,
                                            page[keyAt + d * KvShape.BLOCK],
                                            page[valueAt + d],
                                            expected));
                        }
                    }
                }
            }
        }
    }
}
