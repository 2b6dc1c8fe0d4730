package dev.foretoken.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.drafters.Drafters;
import dev.foretoken.engine.draft.DrafterFactory;
import dev.foretoken.engine.session.GenerationRequest;
import dev.foretoken.engine.session.Prompt;
import dev.foretoken.transport.stream.GenerationSummary;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The draft model reads a long prompt beside the target, and drafts when it has. */
@Timeout(300)
class LongPromptTest {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    @Test
    void shouldDraftWithAModelAfterALongPrompt() {
        GenerationRequest request = request();
        GenerationSummary plain = run(request, List.of());
        assertThat(plain.promptTokens()).isBetween(800, 920);

        GenerationSummary drafted = run(request, List.of(Drafters.embeddedModel()));

        assertThat(drafted.tokenIds()).isEqualTo(plain.tokenIds());
        assertThat(drafted.meanAccepted()).isGreaterThan(1.5);
        assertThat(drafted.drafters().get("model").missed()).isZero();
        assertThat(drafted.drafters().get("model").failed()).isZero();
    }

    /** The target starts at once; a draft model that had to read the prompt would be late. */
    @Test
    void shouldDraftWithAModelAtOnceWhenThePromptIsKnown() {
        try (Foretoken engine = Foretoken.builder()
                .drafters(Drafters.embeddedModel())
                .threads(1)
                .sessions(2)
                .build()) {
            GenerationSummary first = run(engine, request());

            GenerationSummary again = run(engine, request());

            assertThat(again.cachedPromptTokens()).isEqualTo(again.promptTokens() - 1);
            assertThat(again.tokenIds()).isEqualTo(first.tokenIds());
            assertThat(again.drafters().get("model").proposed()).isPositive();
            assertThat(again.drafters().get("model").missed()).isZero();
        }
    }

    private static GenerationRequest request() {
        StringBuilder prompt = new StringBuilder();
        for (int i = 0; i < 43; i++) {
            prompt.append("    private static int sum%d(int[] values) {\n        return values.length;\n    }\n\n"
                    .formatted(i));
        }
        return GenerationRequest.of(new Prompt.Raw(prompt.toString(), false))
                .maxTokens(100)
                .temperature(0)
                .penalties(1, 0, 0)
                .treeSize(8);
    }

    private static GenerationSummary run(GenerationRequest request, List<DrafterFactory> drafters) {
        try (Foretoken engine =
                Foretoken.builder().drafters(drafters).threads(1).sessions(2).build()) {
            return run(engine, request);
        }
    }

    private static GenerationSummary run(Foretoken engine, GenerationRequest request) {
        return engine.generate(request).summary().blockOptional(LIMIT).orElseThrow();
    }
}
