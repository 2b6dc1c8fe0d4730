package dev.foretoken.benchmarks.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.foretoken.benchmarks.bench.EndlessStreams.Gap;
import dev.foretoken.benchmarks.bench.EndlessStreams.Range;
import dev.foretoken.benchmarks.bench.PaceOutcome.PaceFigure;
import dev.foretoken.benchmarks.bench.PaceResults.Window;
import dev.foretoken.benchmarks.bench.PromptResults.ContenderTitle;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class PaceOutcomeTest {
    private static final long MS = 1_000_000;

    /** A hundred gaps, the last few of them long. */
    private static List<Long> gaps(long ms, long longMs) {
        List<Long> gaps = new ArrayList<>(Collections.nCopies(95, ms * MS));
        gaps.addAll(Collections.nCopies(5, longMs * MS));
        return gaps;
    }

    @Test
    void shouldCompareTheLongGapsOfEachRoundWithThoseWithoutAPrompt() {
        List<Window> windows = new ArrayList<>();
        for (int round = 0; round < 3; round++) {
            windows.add(new Window(round, "plain", 0, true, 100 * MS, List.of()));
            windows.add(new Window(round, "plain", 2, false, 300 * MS, gaps(10, 20)));
            windows.add(new Window(round, "plain", 2, true, 300 * MS, gaps(15, 30 + 10 * round)));
            windows.add(new Window(round, PromptBench.CONTROL, 2, false, 300 * MS, gaps(10, 40)));
        }
        PaceOutcome outcome = new PaceOutcome(new PaceResults(
                List.of(new ContenderTitle("plain", "no drafts", true)), List.of(2), 1000, windows, List.of()));

        PaceFigure figure = outcome.figures().getFirst();
        assertThat(figure.gapMs50()).isCloseTo(10, within(0.1));
        assertThat(figure.gapMs99()).isCloseTo(20, within(0.1));
        assertThat(figure.gapMs50Beside()).isCloseTo(15, within(0.1));
        assertThat(figure.gapMs99Beside()).isCloseTo(50, within(0.1));
        assertThat(figure.gapsBeside()).isEqualTo(300);
        assertThat(figure.toAlone()).isNotNull();
        assertThat(figure.toAlone().median()).isCloseTo(2, within(0.01));
        assertThat(figure.firstTokenMs()).isEqualTo(100);
        assertThat(figure.firstTokenMsBeside()).isEqualTo(300);
        assertThat(outcome.control().ratio().median()).isEqualTo(1);
    }

    @Test
    void shouldCountGapsThatReachIntoTheWindow() {
        List<Gap> gaps = List.of(new Gap(0, 5), new Gap(5, 15), new Gap(15, 20), new Gap(20, 30), new Gap(30, 40));

        assertThat(Range.touching(gaps, 10, 25)).isEqualTo(new Range(1, 4));
        assertThat(Range.touching(gaps, 5, 20)).isEqualTo(new Range(1, 3));
        assertThat(Range.touching(gaps, 40, 50)).isEqualTo(new Range(5, 5));
    }
}
