package dev.foretoken.drafters.echo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.engine.draft.DraftLesson;
import dev.foretoken.engine.verify.StepVerdict;
import org.junit.jupiter.api.Test;

class RunnersUpTest {
    private static final int NO_TOKEN = -1;

    private final RunnersUp runnersUp = new RunnersUp();

    @Test
    void shouldRaiseTheOddsOfWhatNearlyBecameTheTokenByItsRank() {
        runnersUp.observe(lesson(5, 9, 5, 7, 8));

        assertThat(runnersUp.oddsFactor(9)).isEqualTo(6);
        assertThat(runnersUp.oddsFactor(7)).isEqualTo(3.5);
        assertThat(runnersUp.oddsFactor(5)).as("the token itself").isEqualTo(1);
        assertThat(runnersUp.oddsFactor(6)).isEqualTo(1);
    }

    @Test
    void shouldKnowOnlyTheLastRow() {
        runnersUp.observe(lesson(5, 5, 9));
        runnersUp.observe(lesson(5, 5, 8));

        assertThat(runnersUp.oddsFactor(8)).isEqualTo(6);
        assertThat(runnersUp.oddsFactor(9)).isEqualTo(1);
    }

    @Test
    void shouldNeverTakeAnEmptyRankForAToken() {
        assertThat(runnersUp.oddsFactor(NO_TOKEN)).as("before the first lesson").isEqualTo(1);

        runnersUp.observe(lesson(0, 0, 1)); // two tokens are the whole vocabulary

        assertThat(runnersUp.oddsFactor(NO_TOKEN)).isEqualTo(1);
        assertThat(runnersUp.oddsFactor(1)).isEqualTo(6);
    }

    private static DraftLesson lesson(int emitted, int... best) {
        StepVerdict verdict = new StepVerdict();
        verdict.restart(0, 1, DraftLesson.TOP_IDS);
        verdict.emit(emitted, 1, 2);
        for (int rank = 0; rank < DraftLesson.TOP_IDS; rank++) {
            verdict.top(0, rank, rank < best.length ? best[rank] : NO_TOKEN, -rank);
        }
        return verdict;
    }
}
