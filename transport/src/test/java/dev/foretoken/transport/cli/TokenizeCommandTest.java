package dev.foretoken.transport.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizeCommandTest {
    private static final GenerationEngine.Opener NO_ENGINE = (options, progress) -> {
        throw new AssertionError("tokenize needs no engine");
    };

    @Test
    void shouldPrintOneJsonObjectWithIdsAndPieces() {
        CliRun run = CliRun.of(NO_ENGINE, "tokenize", "--json", "int[] a = {1};");

        assertThat(run)
                .isEqualTo(new CliRun(
                        0,
                        "{\"ids\":[511,643,363,299,278,17,6384],"
                                + "\"pieces\":[\"int\",\"[]\",\"Ġa\",\"Ġ=\",\"Ġ{\",\"1\",\"};\"]}\n",
                        ""));
    }

    @Test
    void shouldPrintOneLinePerTokenForPeople() {
        CliRun run = CliRun.of(NO_ENGINE, "int a".getBytes(UTF_8), "tokenize", "-");

        assertThat(run.out()).isEqualTo("   511  int\n   363  Ġa\n");
    }

    @Test
    void shouldDropAByteOrderMarkBeforeTheText() {
        CliRun plain = CliRun.of(NO_ENGINE, "int".getBytes(UTF_8), "tokenize", "-");

        assertThat(CliRun.of(NO_ENGINE, "\uFEFFint".getBytes(UTF_8), "tokenize", "-"))
                .isEqualTo(plain);
    }

    @Test
    void shouldRecogniseSpecialTokensOnlyWhenAsked() {
        assertThat(CliRun.of(NO_ENGINE, "tokenize", "--json", "--special", "<|endoftext|>")
                        .out())
                .isEqualTo("{\"ids\":[0],\"pieces\":[\"<|endoftext|>\"]}\n");
        assertThat(CliRun.of(NO_ENGINE, "tokenize", "--json", "<|endoftext|>").out())
                .doesNotContain("\"ids\":[0]");
    }

    @Test
    void shouldFindNoTokensInAnEmptyText() {
        assertThat(CliRun.of(NO_ENGINE, "tokenize", "--json", ""))
                .isEqualTo(new CliRun(0, "{\"ids\":[],\"pieces\":[]}\n", ""));
    }

    @Test
    void shouldRefuseInOneLineWhatIsNoModel(@TempDir Path directory) throws Exception {
        Path text = Files.writeString(directory.resolve("notes.txt"), "not a model");

        CliRun run = CliRun.of(NO_ENGINE, "tokenize", "--model", text.toString(), "x");

        assertThat(run.err())
                .startsWith("foretoken: model " + text)
                .contains("not a GGUF file")
                .hasLineCount(1);
        assertThat(run.status()).isEqualTo(2);
        assertThat(CliRun.of(NO_ENGINE, "tokenize").err()).startsWith("foretoken: no text, expected one in quotes");
    }
}
