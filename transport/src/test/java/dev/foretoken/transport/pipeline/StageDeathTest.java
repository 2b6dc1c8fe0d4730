package dev.foretoken.transport.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.foretoken.engine.error.EngineClosedException;
import dev.foretoken.engine.error.SessionFailedException;
import dev.foretoken.engine.testing.HashTarget;
import dev.foretoken.engine.testing.HashVocabulary;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class StageDeathTest {
    private final Pipeline pipeline = new Pipeline(
            new HashTarget(2, 100, 1000, 0), new HashVocabulary(), List.of(), null, PipelineSettings.STANDARD);

    @Test
    void shouldFailEverySessionAndRefuseNewOnesWhenAStageHasDied() {
        try (pipeline) {
            Session session = pipeline.admit(StressSessions.start(), new int[] {1});

            pipeline.stageDied(new IllegalStateException("a defect"));

            assertThat(session.failure())
                    .isInstanceOf(SessionFailedException.class)
                    .hasMessageContaining("a defect");
            assertThatThrownBy(() -> pipeline.admit(StressSessions.start(), new int[] {1}))
                    .isInstanceOf(EngineClosedException.class)
                    .hasMessageContaining("build another");
            assertThat(pipeline.counters().get(EngineCounter.STAGES_DIED)).isEqualTo(1);
        }
    }

    @Test
    void shouldGoOnWithoutADrafterWhoseThreadHasDied() {
        try (pipeline) {
            pipeline.slowDrafterDied();

            assertThat(pipeline.admit(StressSessions.start(), new int[] {1}).failure())
                    .isNull();
        }
    }
}
