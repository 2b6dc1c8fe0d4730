package dev.foretoken.drafters.ngram;

import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.drafters.DrafterContract;
import dev.foretoken.engine.draft.DraftLesson;
import dev.foretoken.engine.draft.DraftSession;
import dev.foretoken.engine.draft.DraftText;
import dev.foretoken.engine.draft.Drafter;
import dev.foretoken.engine.tree.TokenTree;
import dev.foretoken.engine.verify.StepVerdict;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class NgramDrafterTest extends DrafterContract {
    @Override
    protected Drafter newDrafter() {
        return new NgramDrafter();
    }

    @Test
    void shouldProposeWhatFollowedTheLastTwoTokens() {
        assertThat(proposal(2, 64, 'a', 'b', 'c', 'd', 'a', 'b')).hasToString("TokenTree[-1>98 0>99 1>100]");
    }

    @Test
    void shouldProposeNothingForATextWithoutRepeats() {
        assertThat(proposal(5, 64, 1, 2, 3, 4, 5).nodeCount()).isEqualTo(1);
    }

    @Test
    void shouldPreferTheMostRecentPlace() {
        TokenTree tree = proposal(1, 64, 1, 2, 3, 10, 1, 2, 3, 20, 1, 2, 3);

        assertThat(tree.token(1)).isEqualTo(20);
        assertThat(tree.token(2)).as("the older place is a second branch").isEqualTo(10);
        assertThat(tree.score(2)).as("both agree over as many tokens").isEqualTo(tree.score(1));
    }

    @Test
    void shouldPreferTheLongerNgramToTheMoreRecentOne() {
        TokenTree tree = proposal(1, 64, 1, 2, 3, 10, 9, 2, 3, 20, 1, 2, 3);

        assertThat(tree.token(1)).isEqualTo(10);
        assertThat(tree.token(2)).isEqualTo(20);
        assertThat(tree.score(1)).isGreaterThan(tree.score(2));
    }

    @Test
    void shouldLetPlacesThatAgreeOutvoteALongerOne() {
        TokenTree tree = proposal(1, 64, 1, 2, 3, 10, 9, 2, 3, 20, 8, 2, 3, 20, 7, 2, 3, 20, 6, 2, 3, 20, 1, 2, 3);

        assertThat(tree.token(1)).isEqualTo(20);
        assertThat(tree.token(2)).isEqualTo(10);
    }

    @Test
    void shouldBeSurerTheLongerTheAgreementAndTheDeeperTheNode() {
        TokenTree one = proposal(3, 64, 5, 6, 7, 8, 5);
        TokenTree two = proposal(3, 64, 4, 5, 6, 7, 8, 4, 5);

        assertThat(one.score(1)).isLessThan(0.2f);
        assertThat(two.score(1)).isGreaterThan(2 * one.score(1));
        assertThat(one.score(2) / one.score(1))
                .as("once 6 is right, two tokens agree")
                .isEqualTo(two.score(1));
    }

    @Test
    void shouldTrustTheAnswersOwnWordsMoreThanThePrompts() {
        DraftText answer = new DraftText(new int[] {9}, 20);
        for (int token : new int[] {5, 6, 7, 5}) {
            answer.append(token);
        }

        TokenTree fromPrompt = proposal(1, 64, 9, 5, 6, 7, 5);
        TokenTree fromAnswer = proposal(answer, 1, 64);

        assertThat(fromAnswer).hasToString(fromPrompt.toString());
        assertThat(fromAnswer.score(1)).isGreaterThan(fromPrompt.score(1));
    }

    @Test
    void shouldBranchWhereThePlacesPart() {
        TokenTree tree = proposal(3, 64, 1, 2, 3, 4, 10, 9, 1, 2, 3, 4, 20, 8, 1, 2);

        assertThat(tree.token(1)).isEqualTo(3);
        assertThat(tree.token(2)).isEqualTo(4);
        assertThat(tree.childOf(2, 10)).isNotEqualTo(TokenTree.NONE);
        assertThat(tree.childOf(2, 20)).isNotEqualTo(TokenTree.NONE);
    }

    @Test
    void shouldRaiseATokenThatNearlyBecameThePendingOne() {
        DraftText text = new DraftText(new int[] {1, 2, 3, 10, 1, 2, 3, 20, 1, 2}, 20);
        StepVerdict verdict = new StepVerdict();
        verdict.restart(0, 2, DraftLesson.TOP_IDS);
        verdict.emit(3, 1, 2);
        int[] tops = {3, 10, 40, 41, 42, 43, 44, 45};
        for (int rank = 0; rank < tops.length; rank++) {
            verdict.top(0, rank, tops[rank], -rank);
        }
        TokenTree tree = new TokenTree(64);
        try (DraftSession session = newDrafter().open(start(text, 20))) {
            text.append(3);
            session.observe(verdict);
            tree.restart(3);
            session.propose(text, 1, tree);
        }

        assertThat(tree.token(1)).isEqualTo(10);
        assertThat(tree.score(1)).isGreaterThan(tree.score(2));
    }

    @Test
    void shouldGoOnInTheRhythmOfALoop() {
        assertThat(proposal(5, 64, 1, 2, 1, 2, 1, 2)).hasToString("TokenTree[-1>2 0>1 1>2 2>1 3>2 4>1]");
    }

    @Test
    void shouldStopAtTheEndToken() {
        int end = VOCABULARY_SIZE - 1;

        assertThat(proposal(5, 64, 1, 2, 3, end, 4, 1, 2, 3)).hasToString("TokenTree[-1>3 0>199]");
    }

    @Test
    void shouldFindTheSamePlacesAsASearchThroughTheText() {
        SplittableRandom random = new SplittableRandom(17);
        int[] tokens = new int[600];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = random.nextInt(6);
        }
        DraftText text = new DraftText(tokens, tokens.length);
        for (int gram = 1; gram <= 3; gram++) {
            NgramIndex index = new NgramIndex(gram, tokens.length);
            for (int end = 0; end < tokens.length; end++) {
                int expected = NgramIndex.NONE;
                for (int other = gram - 1; other < end; other++) {
                    expected = equal(tokens, other, end, gram) ? other : expected;
                }
                assertThat(index.lastEnd(text, end))
                        .as("gram=%d end=%d", gram, end)
                        .isEqualTo(expected);
                index.add(text, end);
                if (end >= gram - 1) {
                    assertThat(index.previousEnd(end)).isEqualTo(expected);
                }
            }
        }
    }

    private static boolean equal(int[] tokens, int end1, int end2, int gram) {
        for (int back = 0; back < gram; back++) {
            if (end2 - back < 0 || tokens[end1 - back] != tokens[end2 - back]) {
                return false;
            }
        }
        return true;
    }

    private TokenTree proposal(int depthMax, int nodesMax, int... tokens) {
        return proposal(new DraftText(tokens, tokens.length), depthMax, nodesMax);
    }

    private TokenTree proposal(DraftText text, int depthMax, int nodesMax) {
        TokenTree tree = new TokenTree(nodesMax);
        tree.restart(text.pendingToken());
        try (DraftSession session = newDrafter().open(start(text, text.length()))) {
            session.propose(text, depthMax, tree);
        }
        return tree;
    }
}
