package dev.foretoken.transport.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.transport.stream.GeneratedToken;
import dev.foretoken.transport.stream.GeneratedToken.TokenLogprob;
import java.io.ByteArrayOutputStream;
import java.util.List;
import org.junit.jupiter.api.Test;

class JsonLinesWriterTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final JsonLinesWriter writer = new JsonLinesWriter(new TextOutput(out));

    @Test
    void shouldGiveLogProbabilitiesAndAlternativesAsPairs() {
        writer.token(new GeneratedToken(
                7,
                "a",
                3,
                "model",
                List.of("model"),
                -0.25,
                List.of(new TokenLogprob(7, -0.25), new TokenLogprob(9, -2))));

        assertThat(out.toString(UTF_8)).isEqualTo("""
            {"type":"token","id":7,"text":"a","drafter":"model","step":3,"logprob":-0.25,\
            "top":[[7,-0.25],[9,-2.0]]}
            """);
    }

    @Test
    void shouldKeepAnEmptyListOfAlternativesWhenNoneWereAskedFor() {
        writer.token(new GeneratedToken(7, "a", 3, null, List.of(), -0.25, List.of()));

        assertThat(out.toString(UTF_8)).contains("\"logprob\":-0.25,\"top\":[]}");
    }

    @Test
    void shouldEscapeLineBreaksSoThatEveryTokenStaysOneLine() {
        writer.token(new GeneratedToken(7, "\"\n\u2028\u0000😀", 0, null, List.of(), null, List.of()));

        String line = out.toString(UTF_8);
        assertThat(line).hasLineCount(1).contains("\\\"\\n", "\\u0000", "😀");
    }
}
