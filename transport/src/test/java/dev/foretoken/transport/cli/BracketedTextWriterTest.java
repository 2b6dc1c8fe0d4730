package dev.foretoken.transport.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.transport.stream.GeneratedToken;
import java.io.ByteArrayOutputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BracketedTextWriterTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final BracketedTextWriter writer = new BracketedTextWriter(new TextOutput(out));

    private void token(String text, @Nullable String drafter, int step) {
        writer.token(new GeneratedToken(
                7, text, step, drafter, drafter == null ? List.of() : List.of(drafter), null, List.of()));
    }

    @Test
    void shouldMarkWhatEachStepAccepted() {
        token("a", null, 0);
        token("b", "ngram", 1);
        token("c", "model", 1);
        token("d", null, 1);
        token("e", "ngram", 2);
        token("f", "ngram", 3);
        token("", null, 3);
        writer.aborted();

        assertThat(out.toString(UTF_8)).isEqualTo("a[bc]d[e][f]\n");
    }
}
