package dev.foretoken.engine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TransformerForwardTest {
    private static final int SO_MANY_THAT_AN_INT_WRAPS = (1 << 24) + 1;

    private final LanguageModel model = LoadedModels.random("random-llama-q8_0.gguf");

    @Test
    void shouldRefuseSoManyRowsThatTheirWorkSpaceHasNoIndex() {
        assertThatThrownBy(() -> new TransformerForward(model, 1, SO_MANY_THAT_AN_INT_WRAPS, 1, 64))
                .isInstanceOf(ArithmeticException.class);
    }

    @Test
    void shouldLeaveNoThreadBehindWhenItsBuffersCannotBeMade() {
        Set<Thread> before = Thread.getAllStackTraces().keySet();

        assertThatThrownBy(() -> new TransformerForward(model, 3, 1, 1, -1000))
                .isInstanceOf(NegativeArraySizeException.class);

        Set<Thread> started = new HashSet<>(Thread.getAllStackTraces().keySet());
        started.removeAll(before);
        assertThat(started).extracting(Thread::getName).noneMatch(name -> name.startsWith("foretoken-compute"));
    }
}
