package dev.foretoken.transport.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.engine.session.GenerationRequest;
import java.time.Duration;
import java.util.List;

/** Proof that an engine still works: it answers as plain decoding would. */
final class ToyEngineProbe {
    private ToyEngineProbe() {}

    static List<Integer> tokens(ToyEngine engine, int seed, int maxTokens) {
        GenerationRequest request = ToyEngine.prompt(seed, 10, maxTokens);
        List<Integer> ids = engine.generate(request)
                .tokens()
                .map(GeneratedToken::id)
                .collectList()
                .block(Duration.ofSeconds(10));
        assertThat(ids).isEqualTo(engine.expected(request));
        return ids;
    }
}
