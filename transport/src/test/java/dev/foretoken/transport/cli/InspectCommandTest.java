package dev.foretoken.transport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.engine.model.EmbeddedModels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectCommandTest {
    private static final GenerationEngine.Opener NO_ENGINE = (options, progress) -> {
        throw new AssertionError("inspect needs no engine");
    };

    @TempDir
    Path directory;

    @Test
    void shouldDescribeAModelThatRuns() {
        CliRun run = CliRun.of(NO_ENGINE, "inspect");

        assertThat(run.out())
                .contains("architecture   llama\n", "parameters     4,721,856\n", "runs here      yes\n")
                .contains("8 layers of width 192, 3 heads over 1 key-value heads of 64")
                .doesNotContain("general.architecture");
        assertThat(run.err()).isEmpty();
        assertThat(run.status()).isZero();
    }

    @Test
    void shouldListTheMetadataWhenAsked() {
        assertThat(CliRun.of(NO_ENGINE, "inspect", "--metadata").out())
                .contains("  general.architecture = \"llama\"\n", "  llama.block_count = 8");
    }

    @Test
    void shouldDescribeAndRefuseAnArchitectureItCannotRun() throws Exception {
        Path mamba = directory.resolve("mamba.gguf");
        try (var in = EmbeddedModels.class.getResourceAsStream("embedded/tiny-java-draft-q8_0.gguf")) {
            String bytes = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
            Files.writeString(mamba, bytes.replace("llama", "mamba"), StandardCharsets.ISO_8859_1);
        }

        CliRun run = CliRun.of(NO_ENGINE, "inspect", mamba.toString());

        assertThat(run.out()).contains("architecture   mamba\n", "runs here      no\n");
        assertThat(run.err())
                .startsWith("foretoken: model " + mamba + " cannot be used: ")
                .contains("mamba")
                .hasLineCount(1);
        assertThat(run.status()).isEqualTo(2);
    }

    @Test
    void shouldRefuseAFileThatIsNotThere() {
        CliRun run =
                CliRun.of(NO_ENGINE, "inspect", directory.resolve("none.gguf").toString());

        assertThat(run.err()).contains("does not exist, expected a GGUF file").hasLineCount(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.status()).isEqualTo(2);
    }
}
