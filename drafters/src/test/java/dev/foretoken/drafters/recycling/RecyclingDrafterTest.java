package dev.foretoken.drafters.recycling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.foretoken.drafters.DrafterContract;
import dev.foretoken.engine.draft.DraftSession;
import dev.foretoken.engine.draft.DraftText;
import dev.foretoken.engine.draft.Drafter;
import dev.foretoken.engine.tree.TokenTree;
import dev.foretoken.engine.verify.StepVerdict;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class RecyclingDrafterTest extends DrafterContract {
    private final DraftText text = new DraftText(new int[] {5}, 5000);
    private final TokenTree tree = new TokenTree(TokenTree.NODES_MAX);

    @Override
    protected Drafter newDrafter() {
        return new RecyclingDrafter(WarmStart.EMPTY);
    }

    @Test
    void shouldProposeNothingBeforeAnyLesson() {
        try (DraftSession session = newDrafter().open(start(text, 5000))) {
            propose(session, 4);
        }

        assertThat(tree.nodeCount()).isEqualTo(1);
    }

    @Test
    void shouldProposeTheBestIdsOfTheTokensRow() {
        try (DraftSession session = newDrafter().open(start(text, 5000))) {
            session.observe(lesson(5, new int[] {10}, new int[] {10, 11, 12, 13, 14, 15, 16, 17}));
            propose(session, 1);
        }

        assertThat(tree.nodeCount()).isEqualTo(9);
        for (int rank = 0; rank < 8; rank++) {
            assertThat(tree.token(1 + rank)).isEqualTo(10 + rank);
        }
    }

    @Test
    void shouldReplaceARowByTheLatestOne() {
        try (DraftSession session = newDrafter().open(start(text, 5000))) {
            session.observe(lesson(5, new int[] {10}, new int[] {10, 11, 12, 13, 14, 15, 16, 17}));
            session.observe(lesson(5, new int[] {20}, new int[] {20, 21, 22, 23, 24, 25, 26, 27}));
            session.observe(lesson(20, new int[] {5}, best(5, 90)));
            propose(session, 1);
        }

        assertThat(tree.token(1)).isEqualTo(20);
        assertThat(tree.token(8)).isEqualTo(27);
    }

    @Test
    void shouldGrowBestFirstBelowWhatItKnows() {
        try (DraftSession session = newDrafter().open(start(text, 5000))) {
            session.observe(lesson(
                    5, new int[] {6, 5}, new int[] {6, 1, 2, 3, 4, 7, 8, 9}, new int[] {5, 11, 12, 13, 14, 15, 16, 17
                    }));
            propose(session, 6);
        }

        assertThat(tree.token(1)).isEqualTo(6);
        assertThat(tree.token(2))
                .as("the child of the best node before its sibling")
                .isEqualTo(5);
        assertThat(tree.parent(2)).isEqualTo(1);
        for (int node = 2; node < tree.nodeCount(); node++) {
            assertThat(tree.score(node)).as("node %d", node).isLessThanOrEqualTo(tree.score(node - 1));
        }
    }

    @Test
    void shouldDropRepeatedSuccessors() {
        try (DraftSession session = newDrafter().open(start(text, 5000))) {
            session.observe(lesson(5, new int[] {0}, new int[8]));
            propose(session, 1);
        }

        assertThat(tree).hasToString("TokenTree[-1>5 0>0]");
    }

    @Test
    void shouldRaiseTheRatesOfRanksThatComeTrue() {
        SuccessorRates rates = new SuccessorRates();
        int kind = SuccessorRates.kindOf(1, 0);
        int other = SuccessorRates.kindOf(2, 0);
        double before = rates.of(kind, 2);
        double otherBefore = rates.of(other, 2);
        for (int i = 0; i < 300; i++) {
            rates.observe(kind, i % 2 == 0 ? 0 : 2);
        }

        assertThat(before).isLessThan(0.1);
        assertThat(rates.of(kind, 0)).isBetween(0.4, 0.6);
        assertThat(rates.of(kind, 2)).as("no more than a better rank").isEqualTo(rates.of(kind, 1));
        assertThat(rates.of(other, 2)).as("another kind of row").isEqualTo(otherBefore);
        for (int i = 0; i < 300; i++) {
            rates.observe(kind, -1);
        }
        assertThat(rates.of(kind, 0)).isLessThan(0.01);
    }

    @Test
    void shouldTrustARowThatWasRightAndDoubtOneThatWasWrong() {
        float once = scoreAfter(10);
        float right = scoreAfter(10, 10);
        float wrong = scoreAfter(10, 20);

        assertThat(right).isGreaterThan(once + 0.1f);
        assertThat(wrong).isLessThan(once - 0.1f);
    }

    @Test
    void shouldTrustARowMoreTheFurtherTheTextBeforeItAgrees() {
        float[] score = new float[3];
        for (int agreement = 1; agreement <= 3; agreement++) {
            int[] tokens = {3, 4, 5, 6, agreement > 2 ? 3 : 7, agreement > 1 ? 4 : 8, 5};
            DraftText grown = new DraftText(Arrays.copyOf(tokens, 3), 20);
            try (DraftSession session = newDrafter().open(start(grown, 20))) {
                for (int i = 3; i < tokens.length; i++) {
                    append(session, grown, tokens[i]);
                }
                tree.restart(5);
                session.propose(grown, 1, tree);
            }
            assertThat(tree.token(1)).isEqualTo(6);
            score[agreement - 1] = tree.score(1);
        }

        assertThat(score[1]).isGreaterThan(score[0] + 0.1f);
        assertThat(score[2]).isGreaterThan(score[1] + 0.1f);
    }

    @Test
    void shouldRaiseATokenThatNearlyBecameThePendingOne() {
        try (DraftSession session = newDrafter().open(start(text, 5000))) {
            session.observe(lesson(5, new int[] {10}, new int[] {10, 11, 12, 13, 14, 15, 16, 17}));
            session.observe(lesson(9, new int[] {5}, new int[] {5, 13, 90, 91, 92, 93, 94, 95}));
            propose(session, 1);
        }

        assertThat(tree.token(1)).isEqualTo(10);
        assertThat(tree.token(2))
                .as("it was the runner-up of the pending token")
                .isEqualTo(13);
        assertThat(tree.token(3)).isEqualTo(11);
        assertThat(tree.score(2)).isGreaterThan(tree.score(3));
    }

    @Test
    void shouldStandOnTheWarmStartWithoutChangingIt() {
        WarmStart warmStart =
                new WarmStart(new int[] {3, 5}, new int[] {0, 1, 2, 3, 4, 5, 6, 7, 30, 31, 32, 33, 34, 35, 36, 37});
        RecyclingDrafter drafter = new RecyclingDrafter(warmStart);
        try (DraftSession session = drafter.open(start(text, 5000))) {
            propose(session, 1);
            assertThat(tree.token(1)).isEqualTo(30);
            session.observe(lesson(5, new int[] {10}, new int[] {10, 11, 12, 13, 14, 15, 16, 17}));
            session.observe(lesson(10, new int[] {5}, best(5, 90)));
            propose(session, 1);
            assertThat(tree.token(1)).isEqualTo(10);
        }
        try (DraftSession next = drafter.open(start(text, 5000))) {
            propose(next, 1);
            assertThat(tree.token(1)).isEqualTo(30);
        }
        assertThat(drafter.warmStartFingerprint()).isNotZero();
        assertThat(new RecyclingDrafter(WarmStart.EMPTY).warmStartFingerprint()).isZero();
    }

    @Test
    void shouldRefuseAWarmStartThatIsNotInOrder() {
        assertThatThrownBy(() -> new WarmStart(new int[] {5, 3}, new int[16]))
                .hasMessage("tokens must ascend, but 3 follows 5");
        assertThatThrownBy(() -> new WarmStart(new int[] {5}, new int[7]))
                .hasMessage("1 tokens need 8 successors each, not 7 in all");
    }

    @Test
    void shouldRememberThousandsOfTokens() {
        SuccessorTable table = new SuccessorTable(WarmStart.EMPTY);
        for (int token = 0; token < 3000; token++) {
            table.learn(lesson(token * 64, new int[] {1}, new int[] {token, 1, 2, 3, 4, 5, 6, 7}), 0, 1, 2);
        }
        for (int token = 0; token < 3000; token++) {
            assertThat(table.successor(table.rowOf(token * 64), 0)).isEqualTo(token);
        }
        assertThat(table.rowOf(1)).isEqualTo(SuccessorTable.UNKNOWN);
    }

    /** The first proposal's score below 5 after these tokens followed it, each time in another context. */
    private float scoreAfter(int... followers) {
        DraftText grown = new DraftText(new int[] {5}, 100);
        try (DraftSession session = newDrafter().open(start(grown, 100))) {
            for (int follower : followers) {
                append(session, grown, follower);
                append(session, grown, 60 + grown.length());
                append(session, grown, 5);
            }
            tree.restart(5);
            session.propose(grown, 1, tree);
        }
        assertThat(tree.token(1)).isEqualTo(followers[followers.length - 1]);
        return tree.score(1);
    }

    private static void append(DraftSession session, DraftText text, int token) {
        session.observe(lesson(text.pendingToken(), new int[] {token}, best(token, 100 + 8 * text.length())));
        text.append(token);
    }

    private static int[] best(int first, int others) {
        int[] ids = new int[8];
        for (int rank = 0; rank < ids.length; rank++) {
            ids[rank] = rank == 0 ? first : others + rank;
        }
        return ids;
    }

    private void propose(DraftSession session, int depthMax) {
        tree.restart(text.pendingToken());
        session.propose(text, depthMax, tree);
    }

    private static StepVerdict lesson(int inputToken, int[] emitted, int[]... tops) {
        StepVerdict verdict = new StepVerdict();
        verdict.restart(0, inputToken, 8);
        for (int index = 0; index < emitted.length; index++) {
            verdict.emit(emitted[index], 0, 0);
            for (int rank = 0; rank < 8; rank++) {
                verdict.top(index, rank, tops[index][rank], 0);
            }
        }
        return verdict;
    }
}
