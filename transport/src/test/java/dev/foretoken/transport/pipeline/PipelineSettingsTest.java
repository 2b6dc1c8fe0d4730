package dev.foretoken.transport.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.foretoken.engine.error.InvalidInputException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class PipelineSettingsTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void shouldRefuseTimeoutsThatAreNotPositive() {
        assertThatThrownBy(() -> new PipelineSettings(1, Duration.ZERO, SECOND, SECOND))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("parked timeout is PT0S, expected more than zero");
        assertThatThrownBy(() -> new PipelineSettings(1, SECOND, Duration.ofMillis(-5), SECOND))
                .hasMessageContaining("trace stuck timeout is PT-0.005S");
        assertThatThrownBy(() -> new PipelineSettings(1, SECOND, SECOND, Duration.ZERO))
                .hasMessageContaining("close timeout is PT0S");
    }

    @Test
    void shouldTakeTheLongestDurationForAVeryLongOne() {
        Duration forever = Duration.ofSeconds(Long.MAX_VALUE);

        PipelineSettings settings = new PipelineSettings(1, forever, forever, forever);

        assertThat(settings.parkedTimeoutNs()).isEqualTo(1L << 60);
        assertThat(settings.closeTimeoutNs())
                .isEqualTo(settings.traceStuckTimeoutNs())
                .isEqualTo(1L << 60);
    }

    @Test
    void shouldRefuseAnImpossibleNumberOfDrafterThreads() {
        assertThatThrownBy(() -> new PipelineSettings(257, SECOND, SECOND, SECOND))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("drafter threads is 257, expected 1 to 256");
    }
}
