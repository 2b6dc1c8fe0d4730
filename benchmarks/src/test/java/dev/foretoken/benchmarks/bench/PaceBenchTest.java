package dev.foretoken.benchmarks.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Timeout(240)
class PaceBenchTest {
    @TempDir
    Path directory;

    @Test
    void shouldMeasureTheGapsOfStreamsBesideALongPromptAndWithout() throws IOException {
        BenchRun run = BenchRun.of(
                "--sessions",
                "1,2",
                "--long-prompt",
                "100",
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
        assertThat(run.out()).contains("p99 ratio", "prompt beside ms", "a prompt of 100 tokens", "A/A control");
        // two configurations: the prompt alone, and both sides of two numbers of streams; plain once more without
        assertThat(Files.readAllLines(directory.resolve("results.csv"))).hasSize(1 + 2 * (1 + 2 * 2) + 2);
        JsonNode results = new JsonMapper()
                .readTree(Files.readString(directory.resolve("summary.json")))
                .at("/results");
        assertThat(results.path("promptTokens").asInt()).isEqualTo(100);
        assertThat(results.path("pace")).hasSize(4).allSatisfy(figure -> {
            assertThat(figure.path("gapMs99").asDouble()).isPositive();
            assertThat(figure.path("gapsBeside").asInt()).isPositive();
            assertThat(figure.at("/toAlone/median").asDouble()).isPositive();
            assertThat(figure.path("firstTokenMs").asDouble()).isPositive();
        });
        assertThat(results.at("/pace/3/name").asString()).isEqualTo("n");
        assertThat(results.at("/pace/3/sessions").asInt()).isEqualTo(2);
        assertThat(Files.readString(directory.resolve("report.html"))).contains("Streams beside a long prompt");
    }

    /** The number of gaps stands for the tokens: a stream always gives the same ones. */
    @Test
    void shouldCompareTheSameTokensOfEveryConfigurationInEveryRound() throws IOException {
        BenchRun run = BenchRun.of(
                "--sessions",
                "2",
                "--long-prompt",
                "300",
                "--max-tokens",
                "6",
                "--limit",
                "1",
                "--pairs",
                "4",
                "--threads",
                "2",
                "--config",
                "n=ngram:4",
                "--config",
                "same=ngram:4",
                "--out",
                directory.toString());

        assertThat(run.status()).as(run.err()).isZero();
        Map<String, Set<String>> gaps = Files.readAllLines(directory.resolve("results.csv")).stream()
                .skip(1)
                .map(line -> List.of(line.split(",", -1)))
                .filter(row -> !row.get(2).equals("0"))
                .collect(Collectors.groupingBy(
                        row -> row.get(0) + " " + row.get(1).replace(PromptBench.CONTROL, "plain"),
                        Collectors.mapping(row -> row.get(5), Collectors.toSet())));
        assertThat(gaps)
                .hasSize(3 * 4)
                .allSatisfy((place, counts) ->
                        assertThat(counts).as("numbers of gaps").hasSize(1));
    }

    @Test
    void shouldBeginStreamsWhoseAnswersAreShorterThanWhatTheyBeginWith() {
        BenchRun run = BenchRun.of(
                "--sessions",
                "1",
                "--long-prompt",
                "5",
                "--max-tokens",
                "4",
                "--limit",
                "1",
                "--pairs",
                "1",
                "--config",
                "plain");

        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.out()).contains("a prompt of 5 tokens");
    }

    @Test
    void shouldRefuseALongPromptThatHasNoStreamsOrDoesNotFit() {
        assertThat(BenchRun.of("--long-prompt", "10"))
                .satisfies(run -> assertThat(run.status()).isEqualTo(2))
                .satisfies(
                        run -> assertThat(run.err()).contains("give --sessions").hasLineCount(1));
        assertThat(BenchRun.of("--sessions", "1", "--long-prompt", "0").err()).contains("--long-prompt is 0");
        assertThat(BenchRun.of("--sessions", "1", "--long-prompt", "1000000", "--limit", "1", "--max-tokens", "2")
                        .err())
                .contains("--long-prompt is 1000000, expected less than the model's context");
    }
}
