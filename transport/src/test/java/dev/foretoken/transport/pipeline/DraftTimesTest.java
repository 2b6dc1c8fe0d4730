package dev.foretoken.transport.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DraftTimesTest {
    private final DraftTimes times = new DraftTimes();

    @Test
    void shouldNotGuessBeforeTheFirstDraft() {
        assertThat(times.estimateNs(8)).isZero();
    }

    @Test
    void shouldKeepSizesApart() {
        times.took(4, 1_000);
        times.took(40, 90_000);

        assertThat(times.estimateNs(5)).isEqualTo(1_000);
        assertThat(times.estimateNs(63)).isEqualTo(90_000);
    }

    @Test
    void shouldEstimateUnmeasuredSizesFromTheirNeighbours() {
        times.took(8, 4_000);

        assertThat(times.estimateNs(2)).as("no longer than a larger one").isEqualTo(4_000);
        assertThat(times.estimateNs(32))
                .as("as many times as there are more nodes")
                .isEqualTo(16_000);
    }

    @Test
    void shouldFollowWhatDraftsTake() {
        times.took(8, 1_000);
        for (int draft = 0; draft < 50; draft++) {
            times.took(8, 2_000);
        }

        assertThat(times.estimateNs(8)).isBetween(1_990.0, 2_000.0);
    }

    @Test
    void shouldGiveMoreTimeAfterALateDraft() {
        times.took(8, 1_000);
        times.tookLonger(8, 3_000);

        assertThat(times.estimateNs(8)).isEqualTo(1_500);
    }
}
