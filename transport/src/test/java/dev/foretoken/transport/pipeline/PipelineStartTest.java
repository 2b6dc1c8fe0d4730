package dev.foretoken.transport.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.foretoken.engine.testing.HashTarget;
import dev.foretoken.engine.testing.HashVocabulary;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class PipelineStartTest {
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void shouldStopWhatWasStartedWhenAnotherThreadCannotStart(int possible) {
        List<Thread> started = new ArrayList<>();
        ThreadFactory scarce = stage -> {
            if (started.size() == possible) {
                throw new OutOfMemoryError("no thread left");
            }
            Thread thread = new Thread(stage);
            started.add(thread);
            return thread;
        };
        HashTarget target = new HashTarget(2, 100, 1000, 0);

        assertThatThrownBy(() -> new Pipeline(
                        target,
                        new HashVocabulary(),
                        List.of(),
                        null,
                        PipelineSettings.STANDARD,
                        CostMemory.NONE,
                        scarce))
                .isInstanceOf(OutOfMemoryError.class)
                .hasMessage("no thread left");

        assertThat(started).hasSize(possible).noneMatch(Thread::isAlive);
        assertThat(target.isClosed()).isEqualTo(possible > 0);
    }
}
