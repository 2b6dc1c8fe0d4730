package dev.foretoken.benchmarks.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Timeout(240)
class StepBenchTest {
    @TempDir
    Path directory;

    @Test
    void shouldMeasureStepsInTurnWithAPeer() throws IOException {
        BenchRun run = BenchRun.of(
                "--steps",
                "2,80",
                "--past",
                "40",
                "--pairs",
                "3",
                "--threads",
                "2",
                "--peer-command",
                FakePeer.command("steps"),
                "--out",
                directory.toString());

        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.out()).contains("GFLOP/s", "GB/s", "of roofline", "peer ms", "Peer: fake 1.0", "A/A control");

        // rows 1 (added), 2 and 80, by the forward twice, the verifier and the peer, in 3 rounds
        List<String> csv = Files.readAllLines(directory.resolve("results.csv"));
        assertThat(csv)
                .hasSize(1 + 3 * 4 * 3)
                .filteredOn(line -> line.contains(",peer,80,"))
                .allMatch(line -> line.endsWith(",80.000000"));

        JsonNode summary = new JsonMapper().readTree(Files.readString(directory.resolve("summary.json")));
        JsonNode steps = summary.at("/results/steps");
        assertThat(steps).hasSize(3);
        assertThat(steps.at("/0/rows").asInt()).isEqualTo(1);
        assertThat(steps.at("/0/cost/median").asDouble()).isEqualTo(1);
        assertThat(steps.at("/2/toPeer/median").asDouble())
                .isCloseTo(
                        80 / steps.at("/2/forwardMs").asDouble(), org.assertj.core.api.Assertions.withinPercentage(60));
        assertThat(steps.at("/1/gigaflopsPerSecond").asDouble()).isPositive();
        assertThat(summary.at("/results/roofline/gigabytesPerSecond").asDouble())
                .isPositive();
    }

    @Test
    void shouldRefuseStepsThatDoNotFitTheContext() {
        assertThat(BenchRun.of("--steps", "1", "--past", "1000000"))
                .satisfies(run -> assertThat(run.status()).isEqualTo(2))
                .satisfies(run -> assertThat(run.err()).contains("lower --past").hasLineCount(1));
        assertThat(BenchRun.of("--steps", "2000").err()).contains("--steps has 2000 rows, expected at most 1024");
    }
}
