package dev.foretoken.drafters;

import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.drafters.testing.Lessons;
import dev.foretoken.drafters.testing.NumberedVocabulary;
import dev.foretoken.engine.draft.DraftSession;
import dev.foretoken.engine.draft.DraftStart;
import dev.foretoken.engine.draft.DraftText;
import dev.foretoken.engine.draft.Drafter;
import dev.foretoken.engine.sampling.SamplingParameters;
import dev.foretoken.engine.tree.TokenTree;
import dev.foretoken.engine.verify.StepVerdict;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every drafter promises; one subclass per drafter. */
public abstract class DrafterContract {
    protected static final int VOCABULARY_SIZE = 200;

    protected abstract Drafter newDrafter();

    @ParameterizedTest(name = "{displayName} seed={0}")
    @ValueSource(longs = {1, 2, 3, 4, 5})
    public void shouldProposeTreesWithinTheBudget(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int[] truth = repetitiveText(random, 400);
        drive(truth, 20, (session, text, step) -> {
            int nodes = 1 + random.nextInt(TokenTree.NODES_MAX);
            int depth = 1 + random.nextInt(TokenTree.DEPTH_MAX);
            TokenTree tree = new TokenTree(TokenTree.NODES_MAX);
            tree.restart(text.pendingToken(), nodes);
            session.propose(text, depth, tree);
            assertValid(tree, nodes, depth);
            return tree;
        });
    }

    @Test
    public void shouldProposeTheSameAfterTheSameVerdicts() {
        int[] truth = repetitiveText(new SplittableRandom(9), 300);

        assertThat(proposals(truth)).isEqualTo(proposals(truth));
    }

    @ParameterizedTest(name = "{displayName} promptLength={0}")
    @ValueSource(ints = {1, 2, 3})
    public void shouldSurviveTheShortestPrompts(int promptLength) {
        int[] truth = repetitiveText(new SplittableRandom(3), 40);
        drive(truth, promptLength, (session, text, step) -> {
            TokenTree tree = new TokenTree(16);
            tree.restart(text.pendingToken());
            session.propose(text, 4, tree);
            assertValid(tree, 16, 4);
            return tree;
        });
    }

    @Test
    public void shouldLearnFromVerdictsOnly() {
        int[] truth = repetitiveText(new SplittableRandom(21), 200);
        TokenTree extra = new TokenTree(32);
        List<String> asked = new ArrayList<>();
        drive(truth, 10, (session, text, step) -> {
            // Proposals that nobody verifies, asked for in between, leave no trace.
            for (int i = 0; i < step % 3; i++) {
                extra.restart(text.pendingToken(), 1 + step % 32);
                session.propose(text, 1 + step % 5, extra);
            }
            return record(session, text, asked);
        });

        assertThat(asked).isEqualTo(proposals(truth));
    }

    @Test
    public void shouldKeepSessionsApart() {
        int[] truth = repetitiveText(new SplittableRandom(33), 200);
        Drafter shared = newDrafter();
        List<String> first = new ArrayList<>();
        List<String> second = new ArrayList<>();
        drive(shared, truth, 10, (session, text, step) -> record(session, text, first));
        drive(shared, truth, 10, (session, text, step) -> record(session, text, second));

        assertThat(second).isEqualTo(first);
        shared.close();
    }

    @Test
    public void shouldAllocateNothingInSteadyState() {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        int[] truth = repetitiveText(new SplittableRandom(5), 4000);
        TokenTree tree = new TokenTree(TokenTree.NODES_MAX);
        StepVerdict verdict = new StepVerdict();
        DraftText text = new DraftText(Arrays.copyOf(truth, 20), truth.length + 40);
        try (Drafter drafter = newDrafter();
                DraftSession session = drafter.open(start(text, truth.length + 40))) {
            long allocated = 0;
            for (int step = 0; text.length() < truth.length - 40; step++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                tree.restart(text.pendingToken());
                session.propose(text, 16, tree);
                Lessons.judge(tree, truth, text.length(), VOCABULARY_SIZE, verdict);
                append(text, verdict);
                session.observe(verdict);
                allocated += text.length() > 2000 ? threads.getCurrentThreadAllocatedBytes() - before : 0;
            }
            assertThat(allocated).as("bytes in the second half").isLessThan(1024);
        }
    }

    /** One step of a driven session: returns the tree that is verified. */
    protected interface Step {
        TokenTree propose(DraftSession session, DraftText text, int step);
    }

    protected void drive(int[] truth, int promptLength, Step step) {
        try (Drafter drafter = newDrafter()) {
            drive(drafter, truth, promptLength, step);
        }
    }

    private void drive(Drafter drafter, int[] truth, int promptLength, Step step) {
        DraftText text = new DraftText(Arrays.copyOf(truth, promptLength), truth.length);
        StepVerdict verdict = new StepVerdict();
        try (DraftSession session = drafter.open(start(text, truth.length))) {
            for (int count = 0; text.length() < truth.length; count++) {
                TokenTree tree = step.propose(session, text, count);
                Lessons.judge(tree, truth, text.length(), VOCABULARY_SIZE, verdict);
                append(text, verdict);
                session.observe(verdict);
            }
        }
    }

    private List<String> proposals(int[] truth) {
        List<String> proposals = new ArrayList<>();
        drive(truth, 10, (session, text, step) -> record(session, text, proposals));
        return proposals;
    }

    private static TokenTree record(DraftSession session, DraftText text, List<String> proposals) {
        TokenTree tree = new TokenTree(24);
        tree.restart(text.pendingToken());
        session.propose(text, 6, tree);
        StringBuilder scores = new StringBuilder(tree.toString());
        for (int node = 0; node < tree.nodeCount(); node++) {
            scores.append(' ').append(tree.score(node));
        }
        proposals.add(scores.toString());
        return tree;
    }

    private static void append(DraftText text, StepVerdict verdict) {
        for (int i = 0; i < verdict.emittedCount(); i++) {
            text.append(verdict.emittedToken(i));
        }
    }

    protected static DraftStart start(DraftText text, int tokensMax) {
        return new DraftStart(1, text, SamplingParameters.GREEDY, new NumberedVocabulary(VOCABULARY_SIZE), tokensMax);
    }

    private static void assertValid(TokenTree tree, int nodesMax, int depthMax) {
        assertThat(tree.nodeCount()).isBetween(1, nodesMax);
        for (int node = 1; node < tree.nodeCount(); node++) {
            assertThat(tree.depth(node)).isBetween(1, depthMax);
            assertThat(tree.token(node)).isBetween(0, VOCABULARY_SIZE - 1);
            assertThat(tree.score(node)).isBetween(0f, tree.score(tree.parent(node)));
            assertThat(tree.proposers(node)).as("the caller sets the proposer").isZero();
            assertThat(tree.token(tree.parent(node)))
                    .as("nothing follows an end")
                    .isNotEqualTo(VOCABULARY_SIZE - 1);
        }
    }

    /** A text that quotes itself: what drafters live on. */
    protected static int[] repetitiveText(SplittableRandom random, int length) {
        int[] text = new int[length];
        for (int i = 0; i < length; ) {
            if (i > 10 && random.nextInt(4) > 0) {
                int from = random.nextInt(i - 5);
                for (int j = 0; j < 12 && i < length; j++) {
                    text[i] = text[from + j];
                    i++;
                }
            } else {
                text[i++] = random.nextInt(VOCABULARY_SIZE - 1);
            }
        }
        return text;
    }
}
