package dev.foretoken.benchmarks.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.transport.stream.GeneratedToken;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RunRecorderTest {
    private static GeneratedToken token(int id, int step, @Nullable String drafter) {
        return new GeneratedToken(id, "", step, drafter, List.of(), null, List.of());
    }

    @Test
    void shouldTimeTokensAndCountThoseOfTheFirstBlock() {
        RunRecorder recorder = new RunRecorder(100);
        recorder.token(token(7, 2, "ngram"), 150); // steps need not begin at 0
        recorder.token(token(8, 2, "ngram"), 151);
        recorder.token(token(9, 2, null), 152);
        recorder.token(token(7, 3, null), 200);
        recorder.token(token(8, 4, "ngram"), 250);
        recorder.token(token(9, 4, null), 251);

        PromptRun run = recorder.run();

        assertThat(run.ids()).containsExactly(7, 8, 9, 7, 8, 9);
        assertThat(run.firstBlock()).isEqualTo(3);
        assertThat(run.firstTokenNs()).isEqualTo(50);
        assertThat(run.totalNs()).isEqualTo(151);
        assertThat(run.gapsNs()).containsExactly(1L, 1L, 48L, 50L, 1L);
        assertThat(run.restTokens()).isEqualTo(3);
        assertThat(run.restNs()).isEqualTo(251 - 152);
    }
}
