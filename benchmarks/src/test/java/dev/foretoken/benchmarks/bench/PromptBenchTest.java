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

/** The whole command on the embedded model. */
@Timeout(240)
class PromptBenchTest {
    @TempDir
    Path directory;

    @Test
    void shouldMeasureTheEmbeddedModelWithoutArgumentsButSmallOnes() throws IOException {
        Path out = directory.resolve("new/results");

        BenchRun run = BenchRun.of(
                "--max-tokens",
                "12",
                "--limit",
                "1",
                "--pairs",
                "2",
                "--threads",
                "2",
                "--config",
                "fixed=ngram,recycling:4",
                "--config",
                "all=auto",
                "--out",
                out.toString());

        assertThat(run.err())
                .isEqualTo("written: results.csv, report.html and summary.json in " + out + System.lineSeparator());
        assertThat(run.status()).isZero();
        assertThat(run.out()).contains("plain", "fixed", "all", "class", "method", "mean of categories", "A/A control");

        // 3 prompts x 2 rounds x (plain twice, two configurations), and the header
        List<String> csv = Files.readAllLines(out.resolve("results.csv"));
        assertThat(csv)
                .hasSize(1 + 3 * 2 * 4)
                .allSatisfy(line -> assertThat(line.split(",", -1)).hasSize(16));

        JsonNode summary = new JsonMapper().readTree(Files.readString(out.resolve("summary.json")));
        assertThat(summary.path("kind").asString()).isEqualTo("prompts");
        assertThat(summary.at("/control").has("fit")).isTrue();
        assertThat(summary.at("/results/configurations")).hasSize(3);
        JsonNode fixed = summary.at("/results/configurations/1");
        assertThat(fixed.path("name").asString()).isEqualTo("fixed");
        assertThat(fixed.at("/all/emittedPerStep").asDouble()).isBetween(1.0, 5.0);
        assertThat(fixed.path("categories")).hasSize(3);
        assertThat(summary.at("/results/configurations/0/all/emittedPerStep").asDouble())
                .isEqualTo(1.0);
    }

    @Test
    void shouldMeasureWarmTablesInRowsOfTheirOwn() throws IOException {
        Path out = directory.resolve("results");

        BenchRun run = BenchRun.of(
                "--warm",
                "--max-tokens",
                "24",
                "--limit",
                "2",
                "--pairs",
                "1",
                "--config",
                "ngram=ngram:4",
                "--config",
                "table=recycling:4",
                "--out",
                out.toString());

        assertThat(run.status()).as(run.err()).isZero();
        JsonNode configurations = new JsonMapper()
                .readTree(Files.readString(out.resolve("summary.json")))
                .at("/results/configurations");
        assertThat(configurations.valueStream().map(node -> node.path("name").asString()))
                .containsExactly("plain", "ngram", "table", "table warm");
        assertThat(configurations.get(3).path("description").asString()).isEqualTo("recycling, 4 nodes, warm table");
        double cold = configurations.get(2).at("/all/emittedPerStep").asDouble();
        double warm = configurations.get(3).at("/all/emittedPerStep").asDouble();
        assertThat(warm).as("tokens per step, cold %s", cold).isGreaterThan(cold);
    }

    @Test
    void shouldSayWhatAWarmTableNeeds() {
        assertThat(BenchRun.of("--warm", "--config", "a=ngram", "--limit", "1", "--max-tokens", "2")
                        .err())
                .contains("no configuration has it");
        assertThat(BenchRun.of("--warm", "--steps", "1").err()).contains("--warm is measured on prompts");
    }

    @Test
    void shouldAnswerTwoTokensToAPromptSetOfItsOwnWithTwoTurns() throws IOException {
        Path prompts = Files.writeString(
                directory.resolve("p.jsonl"),
                "{\"question_id\":\"x\",\"category\":\"c\",\"turns\":[\"int i = 0;\",\"int j = 1;\"]}\n");

        BenchRun run =
                BenchRun.of("--prompts", prompts.toString(), "--max-tokens", "2", "--pairs", "1", "--config", "a=none");

        assertThat(run.err()).isEmpty();
        assertThat(run.status()).isZero();
        assertThat(run.out()).contains("2 answers in each of 1 rounds").contains("answers are too short to time");
    }

    @Test
    void shouldLeaveOutAQuestionThatDoesNotFitTheContext() throws IOException {
        String question = "{\"question_id\":\"%s\",\"category\":\"c\",\"turns\":[\"%s\"]}\n";
        Path prompts = Files.writeString(
                directory.resolve("p.jsonl"),
                question.formatted("long", "int i = 0; ".repeat(5000)) + question.formatted("short", "int i = 0;"));
        Path out = directory.resolve("results");

        BenchRun run = BenchRun.of(
                "--prompts",
                prompts.toString(),
                "--max-tokens",
                "2",
                "--pairs",
                "1",
                "--config",
                "plain",
                "--out",
                out.toString());

        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.out())
                .contains("1 answers in each of 1 rounds")
                .containsPattern("Questions left out or cut short: 1, the first because the prompt has \\d+ tokens");
        assertThat(new JsonMapper()
                        .readTree(Files.readString(out.resolve("summary.json")))
                        .at("/results/skipped")
                        .asInt())
                .isEqualTo(1);
    }

    @Test
    void shouldKeepTheAnswersWhereTheCostOfAStepCannotBeMeasured() {
        Path out = directory.resolve("results");

        BenchRun run = BenchRun.of(
                "--limit",
                "1",
                "--max-tokens",
                "2",
                "--pairs",
                "1",
                "--config",
                "plain",
                "--past",
                "1000000",
                "--out",
                out.toString());

        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.out()).contains("The report does without the cost of a step: --past 1000000", "lower --past.");
        assertThat(out.resolve("results.csv")).isRegularFile();
        assertThat(out.resolve("report.html")).isRegularFile();
    }

    @Test
    void shouldSayWhyNoQuestionCanBeAsked() throws IOException {
        Path prompts = Files.writeString(
                directory.resolve("p.jsonl"),
                "{\"question_id\":\"x\",\"category\":\"c\",\"turns\":[\"int i = 0;\"]}\n");

        assertThat(BenchRun.of("--prompts", prompts.toString(), "--max-tokens", "2147483647"))
                .satisfies(run -> assertThat(run.status()).isEqualTo(2))
                .satisfies(run -> assertThat(run.err())
                        .contains("none of the 1 questions can be asked, the first because the prompt has")
                        .contains("lower --max-tokens")
                        .hasLineCount(1));
    }

    @Test
    void shouldRefuseBadInputInOneLine() {
        assertThat(BenchRun.of("--prompts", directory.resolve("none").toString()))
                .satisfies(run -> assertThat(run.status()).isEqualTo(2))
                .satisfies(
                        run -> assertThat(run.err()).contains("is not a file").hasLineCount(1));
        assertThat(BenchRun.of("--config", "x=quantum", "--max-tokens", "2").err())
                .contains("drafter \"quantum\" is unknown");
        assertThat(BenchRun.of("--pairs", "0").err()).contains("--pairs is 0, expected 1 or more");
        assertThat(BenchRun.of("--steps", "1,x").err()).contains("--steps is \"1,x\", expected up to 32 different");
        assertThat(BenchRun.of("--steps", "1", "--sessions", "1").err()).contains("leave out");
        assertThat(BenchRun.of("--out", "/proc/nothing/here").err()).contains("--out directory /proc/nothing/here");
    }
}
