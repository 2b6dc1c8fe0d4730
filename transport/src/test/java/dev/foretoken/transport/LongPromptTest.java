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
        StringBuilder prompt = new StringBuilder();
        for (int i = 0; i < 43; i++) {
            prompt.append("    private static int sum%d(int[] values) {\n        return values.length;\n    }\n\n"
                    .formatted(i));
        }
        GenerationRequest request = GenerationRequest.of(new Prompt.Raw(prompt.toString(), false))
                .maxTokens(100)
                .temperature(0)
                .penalties(1, 0, 0)
                .treeSize(8);
        GenerationSummary plain = run(request, List.of());
        assertThat(plain.promptTokens()).isBetween(800, 920);

        GenerationSummary drafted = run(request, List.of(Drafters.embeddedModel()));

        assertThat(drafted.tokenIds()).isEqualTo(plain.tokenIds());
        assertThat(drafted.meanAccepted()).isGreaterThan(1.5);
        assertThat(drafted.drafters().get("model").missed()).isZero();
        assertThat(drafted.drafters().get("model").failed()).isZero();
    }

    private static GenerationSummary run(GenerationRequest request, List<DrafterFactory> drafters) {
        try (Foretoken engine =
                Foretoken.builder().drafters(drafters).threads(1).sessions(2).build()) {
            return engine.generate(request).summary().blockOptional(LIMIT).orElseThrow();
        }
    }
}
