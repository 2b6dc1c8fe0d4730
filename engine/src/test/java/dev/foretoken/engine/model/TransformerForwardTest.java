package dev.foretoken.engine.model;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TransformerForwardTest {
    private static final int SO_MANY_THAT_AN_INT_WRAPS = (1 << 24) + 1;

    private final LanguageModel model = LoadedModels.random("random-llama-q8_0.gguf");

    @Test
    void shouldRefuseSoManyRowsThatTheirWorkSpaceHasNoIndex() {
        assertThatThrownBy(() -> new TransformerForward(model, 1, SO_MANY_THAT_AN_INT_WRAPS, 1, 64))
                .isInstanceOf(ArithmeticException.class);
    }
}
