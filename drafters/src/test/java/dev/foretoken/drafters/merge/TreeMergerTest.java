package dev.foretoken.drafters.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.foretoken.drafters.testing.Lessons;
import dev.foretoken.engine.tree.TokenTree;
import dev.foretoken.engine.verify.StepVerdict;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TreeMergerTest {
    private static final int ROOT = 100;

    private final AcceptanceCalibration calibration = new AcceptanceCalibration(3);
    private final TreeMerger merger = new TreeMerger(3, calibration);
    private final TokenTree merged = new TokenTree(TokenTree.NODES_MAX);

    @Test
    void shouldMergeEqualPrefixesAndRememberEveryProposer() {
        TokenTree first = chain(0.5f, 1, 2, 3);
        TokenTree second = chain(0.5f, 1, 2, 4);

        merge(64, first, second);

        assertThat(merged).hasToString("TokenTree[-1>100 0>1 1>2 2>3 2>4]");
        assertThat(merged.proposers(1)).isEqualTo(0b11);
        assertThat(merged.proposers(2)).isEqualTo(0b11);
        assertThat(merged.proposers(3)).isEqualTo(0b01);
        assertThat(merged.proposers(4)).isEqualTo(0b10);
    }

    @Test
    void shouldBelieveTheSurestOfTheProposers() {
        merge(64, chain(0.5f, 1), chain(0.6f, 1), chain(0.1f, 1));

        assertThat(merged.score(1)).isCloseTo(0.6f, within(1e-6f));
    }

    @Test
    void shouldNeverBeCertain() {
        merge(64, chain(1f, 1), chain(0.9f, 1));
        assertThat(merged.score(1)).isEqualTo(0.98f);

        merge(64, chain(0.9f, 1), chain(0.6f, 2));
        assertThat(merged.score(1) + merged.score(2)).as("siblings share").isCloseTo(0.98f, within(1e-6f));
        assertThat(merged.score(1) / merged.score(2)).isCloseTo(1.5f, within(1e-5f));
    }

    @Test
    void shouldKeepTheBestNodesOfTheBudget() {
        TokenTree first = chain(0.5f, 1, 2, 3); // 0.5 0.25 0.125
        TokenTree second = chain(0.3f, 9, 8); // 0.3 0.09

        merge(4, first, second);

        assertThat(merged).hasToString("TokenTree[-1>100 0>1 1>2 0>9]");
    }

    @Test
    void shouldNumberDepthFirstWithTheBestChildFirst() {
        TokenTree wide = new TokenTree(64);
        wide.restart(ROOT);
        wide.add(0, 7, 0.2f, 0);
        int best = wide.add(0, 5, 0.6f, 0);
        wide.add(best, 1, 0.1f, 0);
        wide.add(best, 2, 0.4f, 0);

        merge(64, wide);

        assertThat(merged).hasToString("TokenTree[-1>100 0>5 1>2 1>1 0>7]");
    }

    @Test
    void shouldBreakTiesByTokenId() {
        TokenTree wide = new TokenTree(64);
        wide.restart(ROOT);
        for (int token : new int[] {4, 2, 3, 1}) {
            wide.add(0, token, 0.2f, 0);
        }

        merge(3, wide);

        assertThat(merged).hasToString("TokenTree[-1>100 0>1 0>2]");
    }

    @Test
    void shouldIgnoreDraftsOutsideTheMask() {
        TokenTree[] drafts = {chain(0.5f, 1), chain(0.5f, 2), chain(0.5f, 3)};
        merged.restart(ROOT);
        merger.merge(drafts, 0b101, 64, merged);

        assertThat(merged).hasToString("TokenTree[-1>100 0>1 0>3]");
        merged.restart(ROOT);
        merger.merge(drafts, 0, 64, merged);
        assertThat(merged.nodeCount()).isEqualTo(1);
    }

    @ParameterizedTest(name = "{displayName} seed={0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void shouldKeepLawsOnRandomDrafts(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 200; round++) {
            TokenTree[] drafts = {randomTree(random), randomTree(random), randomTree(random)};
            int budget = 1 + random.nextInt(64);
            merge(budget, drafts);

            assertThat(merged.nodeCount()).isLessThanOrEqualTo(budget);
            float worst = 1;
            for (int node = 1; node < merged.nodeCount(); node++) {
                assertThat(merged.parent(node)).isLessThan(node);
                assertThat(merged.score(node)).isBetween(0f, merged.score(merged.parent(node)));
                assertThat(merged.proposers(node)).isEqualTo(proposersOf(drafts, pathOf(merged, node)));
                worst = Math.min(worst, merged.score(node));
            }
            int size = merged.nodeCount();
            String small = merged.toString();
            merge(64, drafts);
            int better = 0;
            for (int node = 1; node < merged.nodeCount(); node++) {
                better += merged.score(node) > worst ? 1 : 0;
            }
            assertThat(better).as("nodes better than the worst kept").isLessThan(size);
            merge(budget, drafts);
            assertThat(merged).hasToString(small);
        }
    }

    @Test
    void shouldReplaceScoresByWhatTheyTurnedOutToBeWorth() {
        StepVerdict verdict = new StepVerdict();
        TokenTree draft = chain(0.8f, 1, 2);
        int[] truth = {1, 3};
        for (int i = 0; i < 100; i++) {
            Lessons.judge(draft, truth, 0, 50, verdict);
            assertThat(calibration.observe(1, draft, verdict)).isEqualTo(1);
        }

        assertThat(calibration.of(1, 1, 0.8)).isGreaterThan(0.95);
        assertThat(calibration.of(1, 2, 0.8)).isLessThan(0.05);
        assertThat(calibration.of(1, 1, 0.6)).as("a score never tried").isEqualTo(0.6);
        assertThat(calibration.of(0, 1, 0.8)).as("another drafter").isEqualTo(0.8);
    }

    @Test
    void shouldAllocateNothing() {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        SplittableRandom random = new SplittableRandom(8);
        TokenTree[] drafts = {randomTree(random), randomTree(random), randomTree(random)};
        merge(30, drafts);
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 200; i++) {
            merge(30, drafts);
        }
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(512);
    }

    private void merge(int budget, TokenTree... drafts) {
        merged.restart(ROOT);
        merger.merge(drafts, (1 << drafts.length) - 1, budget, merged);
    }

    private static TokenTree chain(float conditional, int... tokens) {
        TokenTree tree = new TokenTree(64);
        tree.restart(ROOT);
        float score = 1;
        int node = 0;
        for (int token : tokens) {
            score *= conditional;
            node = tree.add(node, token, score, 0);
        }
        return tree;
    }

    private static TokenTree randomTree(SplittableRandom random) {
        TokenTree tree = new TokenTree(64);
        tree.restart(ROOT);
        for (int i = random.nextInt(100); i > 0 && !tree.isFull(); i--) {
            int parent = random.nextInt(tree.nodeCount());
            tree.add(parent, random.nextInt(5), tree.score(parent) * (random.nextInt(5) / 5f), 0);
        }
        return tree;
    }

    private static List<Integer> pathOf(TokenTree tree, int end) {
        List<Integer> path = new ArrayList<>();
        for (int node = end; node != 0; node = tree.parent(node)) {
            path.addFirst(tree.token(node));
        }
        return path;
    }

    private static int proposersOf(TokenTree[] drafts, List<Integer> path) {
        int proposers = 0;
        for (int i = 0; i < drafts.length; i++) {
            int node = 0;
            for (int token : path) {
                node = node == TokenTree.NONE ? node : drafts[i].childOf(node, token);
            }
            proposers |= node == TokenTree.NONE ? 0 : 1 << i;
        }
        return proposers;
    }
}
