package dev.foretoken.drafters.ngram;

import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.drafters.DrafterContract;
import dev.foretoken.engine.draft.DraftSession;
import dev.foretoken.engine.draft.DraftText;
import dev.foretoken.engine.draft.Drafter;
import dev.foretoken.engine.tree.TokenTree;
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
        assertThat(tree.score(1)).isEqualTo(0.8f);
        assertThat(tree.score(2)).isLessThan(0.2f);
    }

    @Test
    void shouldPreferTheLongerNgramToTheMoreRecentOne() {
        TokenTree tree = proposal(1, 64, 1, 2, 3, 10, 9, 2, 3, 20, 1, 2, 3);

        assertThat(tree.token(1)).isEqualTo(10);
        assertThat(tree.token(2)).isEqualTo(20);
    }

    @Test
    void shouldUseOneEqualTokenOnlyWhenThereIsNothingElse() {
        assertThat(proposal(1, 64, 5, 6, 7, 5).score(1)).isEqualTo(0.3f);
        assertThat(proposal(1, 64, 8, 5, 6, 9, 5, 7, 8, 5).nodeCount())
                .as("5 was followed by 7 too")
                .isEqualTo(2);
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
        DraftText text = new DraftText(tokens, tokens.length);
        TokenTree tree = new TokenTree(nodesMax);
        tree.restart(text.pendingToken());
        try (DraftSession session = newDrafter().open(start(text, tokens.length))) {
            session.propose(text, depthMax, tree);
        }
        return tree;
    }
}
