package dev.foretoken.benchmarks.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Timeout(240)
class SessionBenchTest {
    @TempDir
    Path directory;

    @Test
    void shouldMeasureThroughputOfSeveralSessionsAtOnce() throws IOException {
        BenchRun run = BenchRun.of(
                "--sessions",
                "1,3",
                "--max-tokens",
                "6",
                "--limit",
                "1",
                "--pairs",
                "1",
                "--threads",
                "2",
                "--config",
                "n=ngram:4",
                "--out",
                directory.toString());

        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.out()).contains("plain", "sessions", "tokens/s", "A/A control");
        // plain twice and one configuration, with two numbers of sessions, in one round
        assertThat(Files.readAllLines(directory.resolve("results.csv"))).hasSize(1 + 3 * 2);
        JsonNode throughput = new JsonMapper()
                .readTree(Files.readString(directory.resolve("summary.json")))
                .at("/results/throughput");
        assertThat(throughput)
                .hasSize(4)
                .allSatisfy(figure ->
                        assertThat(figure.path("tokensPerSecond").asDouble()).isPositive());
        assertThat(throughput.at("/2/name").asString()).isEqualTo("n");
        assertThat(throughput.at("/2/toPlain").path("samples").asInt()).isEqualTo(1);
        assertThat(throughput.at("/3/sessions").asInt()).isEqualTo(3);
    }
}
