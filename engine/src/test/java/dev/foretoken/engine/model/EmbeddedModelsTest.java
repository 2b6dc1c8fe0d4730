package dev.foretoken.engine.model;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.engine.model.EmbeddedModels.EmbeddedModel;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class EmbeddedModelsTest {
    @Test
    void shouldBeWholeGgufFilesOffHeap() {
        assertThat(EmbeddedModels.target().data().byteSize()).isEqualTo(5_306_496);
        assertThat(EmbeddedModels.draft().data().byteSize()).isEqualTo(2_787_360);
        assertThat(EmbeddedModels.target().data())
                .satisfies(data -> assertThat(new String(data.asSlice(0, 4).toArray(ValueLayout.JAVA_BYTE), US_ASCII))
                        .isEqualTo("GGUF"))
                .satisfies(data -> assertThat(data.isNative()).isTrue())
                .satisfies(data -> assertThat(data.address() % 64).isZero());
    }

    @Test
    void shouldBeFoundByTheNameThatTracesRecord() {
        String name = EmbeddedModels.draft().name();

        assertThat(name).isEqualTo("embedded:tiny-java-draft");
        assertThat(EmbeddedModels.named(name)).map(EmbeddedModel::name).contains(name);
        assertThat(EmbeddedModels.named("embedded:huge")).isEmpty();
    }
}
