package dev.foretoken.transport.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.engine.draft.Drafter;
import dev.foretoken.engine.session.FinishReason;
import dev.foretoken.engine.session.GenerationRequest;
import dev.foretoken.engine.testing.HashTarget;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class GenerationTest {
    @Test
    void shouldEmitTheTokensOfPlainDecoding() {
        try (ToyEngine engine = ToyEngine.with()) {
            GenerationRequest request = ToyEngine.prompt(1, 5, 100);

            GenerationSummary summary = engine.generate(request).summary().block(Duration.ofSeconds(10));

            assertThat(summary.tokenIds()).isEqualTo(engine.expected(request));
            assertThat(summary.steps()).isEqualTo(100);
            assertThat(summary.finishReason()).isEqualTo(FinishReason.LENGTH);
        }
    }

    @Test
    void shouldEmitTheSameTokensInFewerStepsWithAGoodDrafter() {
        HashTarget target = ToyEngine.endless(4);
        Drafter oracle = ToyEngine.oracle(target);
        try (ToyEngine engine = ToyEngine.builder(target).drafters(oracle).start()) {
            GenerationRequest request = ToyEngine.prompt(2, 300, 200).treeSize(8);

            GenerationSummary summary = engine.generate(request).summary().block(Duration.ofSeconds(10));

            assertThat(summary.tokenIds()).isEqualTo(engine.expected(request));
            assertThat(summary.steps()).isEqualTo(25);
        }
    }

    @Test
    void shouldHaveRoomForTheNextRequestOnceAStreamHasEnded() {
        try (ToyEngine engine = ToyEngine.builder(ToyEngine.endless(1)).start()) {
            for (int i = 0; i < 200; i++) {
                GenerationRequest request = ToyEngine.prompt(i, 3, 5);

                assertThat(engine.generate(request)
                                .summary()
                                .block(Duration.ofSeconds(10))
                                .tokenIds())
                        .isEqualTo(engine.expected(request));
            }
        }
    }
}
