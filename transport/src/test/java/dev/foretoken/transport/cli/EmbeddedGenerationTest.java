package dev.foretoken.transport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.engine.model.EmbeddedModels;
import dev.foretoken.transport.trace.RecordedSession;
import dev.foretoken.transport.trace.TraceReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The commands with a real engine and the embedded model. */
class EmbeddedGenerationTest {
    private static final String PROMPT = "public static int max(int a, int b) {";
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    Path directory;

    private static CliRun run(String... arguments) {
        return CliRun.of(ForetokenEngine::open, arguments);
    }

    private static List<JsonNode> json(String... arguments) {
        CliRun run = run(Stream.concat(Stream.of("generate", "--json"), Stream.of(arguments))
                .toArray(String[]::new));
        assertThat(run.status()).as(run.err()).isZero();
        return run.outLines().stream().map(JSON::readTree).toList();
    }

    private static List<Integer> ids(JsonNode summary) {
        return StreamSupport.stream(summary.get("token_ids").spliterator(), false)
                .map(JsonNode::asInt)
                .toList();
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "--drafters ngram --tree-size 8",
                "--drafters recycling --tree-size 16",
                "--drafters model --tree-size 8",
                "--drafters model,ngram,recycling --tree-size 24",
                "--drafters auto --tree-size auto",
                "--drafters ngram --tree-size 64 --threads 1"
            })
    void shouldEmitTheTokensOfPlainDecodingWhateverDrafts(String options) {
        String sampling = "--max-tokens 40 --seed 11 --temperature 0.7";
        JsonNode plain = json((sampling + " --drafters none " + PROMPT.replace(' ', '_')).split(" "))
                .getLast();

        JsonNode drafted = json((sampling + " " + options + " " + PROMPT.replace(' ', '_')).split(" "))
                .getLast();

        assertThat(ids(drafted)).isEqualTo(ids(plain));
        assertThat(drafted.get("text")).isEqualTo(plain.get("text"));
        assertThat(plain.get("mean_accepted").asDouble()).isEqualTo(1);
        assertThat(plain.get("drafters").isEmpty()).isTrue();
    }

    @Test
    void shouldKeepTheJsonLinesConsistentWithTheirSummary() {
        List<JsonNode> lines = json(PROMPT, "--max-tokens", "60", "--seed", "3", "--tree-size", "8", "--logprobs", "3");
        List<JsonNode> tokens = lines.subList(0, lines.size() - 1);
        JsonNode summary = lines.getLast();

        assertThat(tokens).allMatch(line -> line.get("type").asString().equals("token"));
        assertThat(summary.get("type").asString()).isEqualTo("summary");
        assertThat(tokens.stream().map(line -> line.get("id").asInt()).toList()).isEqualTo(ids(summary));
        assertThat(String.join(
                        "",
                        tokens.stream().map(line -> line.get("text").asString()).toList()))
                .isEqualTo(summary.get("text").asString());
        assertThat(summary.get("completion_tokens").asInt()).isEqualTo(tokens.size());
        assertThat(tokens.getFirst().get("step").asInt()).isZero();
        assertThat(tokens.getLast().get("step").asInt())
                .isEqualTo(summary.get("steps").asInt() - 1);
        assertThat(summary.get("mean_accepted").asDouble())
                .isEqualTo((double) tokens.size() / summary.get("steps").asInt());
        assertThat(tokens).allSatisfy(line -> {
            assertThat(line.get("logprob").asDouble()).isNegative();
            assertThat(line.get("top").size()).isEqualTo(3);
        });
        assertThat(steps(tokens)).isSorted();
    }

    private static List<Integer> steps(List<JsonNode> tokens) {
        return tokens.stream().map(line -> line.get("step").asInt()).toList();
    }

    @Test
    void shouldEndBeforeAStopStringAndSayWhy() {
        String full = json(PROMPT, "--max-tokens", "40", "--temperature", "0")
                .getLast()
                .get("text")
                .asString();
        String stop = full.substring(full.length() / 2, full.length() / 2 + 3);

        JsonNode summary = json(PROMPT, "--max-tokens", "40", "--temperature", "0", "--stop", stop)
                .getLast();

        assertThat(summary.get("text").asString()).isEqualTo(full.substring(0, full.indexOf(stop)));
        assertThat(summary.get("finish_reason").asString()).isEqualTo("stop");
    }

    @Test
    void shouldReplayWhatItRecordedAndNoticeAnotherModel() throws IOException {
        Path traces = directory.resolve("traces");
        Path otherModel = directory.resolve("other.gguf");
        try (InputStream in = EmbeddedModels.class.getResourceAsStream("embedded/tiny-java-draft-q8_0.gguf")) {
            Files.copy(in, otherModel);
        }
        json(PROMPT, "--max-tokens", "30", "--seed", "5", "--tree-size", "8", "--trace", traces.toString());

        CliRun same = run("replay", traces.toString(), "--threads", "1");
        CliRun other = run("replay", traces.toString(), "--model", otherModel.toString());

        assertThat(same.out()).matches("1 session, \\d+ steps, 30 tokens replayed: every bit is equal\\R");
        assertThat(same.status()).isZero();
        assertThat(other.err())
                .startsWith("foretoken: replay differs")
                .contains("model file")
                .hasLineCount(1);
        assertThat(other.out()).isEmpty();
        assertThat(other.status()).isEqualTo(1);
    }

    @Test
    void shouldLetItsOneSessionHaveTheHeapAndWaitForItsReader() {
        Path traces = directory.resolve("traces");
        json(PROMPT, "--max-tokens", "1", "--trace", traces.toString());

        try (Stream<RecordedSession> sessions = TraceReader.open(traces).sessions()) {
            String configuration =
                    sessions.findFirst().orElseThrow().started().start().engineConfiguration();
            assertThat(configuration)
                    .contains(" kvBytes=" + Runtime.getRuntime().maxMemory() + " ")
                    .endsWith(" parkedTimeout=" + Duration.ofDays(3650));
        }
    }

    @Test
    void shouldRecordWhereAModelLiesSoThatATraceIsReplayedFromAnywhere() throws IOException {
        Path traces = directory.resolve("traces");
        Path model = directory.resolve("model.gguf");
        try (InputStream in = EmbeddedModels.class.getResourceAsStream("embedded/tiny-java-draft-q8_0.gguf")) {
            Files.copy(in, model);
        }
        Path relative = Path.of("").toAbsolutePath().relativize(model);
        json(PROMPT, "--max-tokens", "1", "--model", relative.toString(), "--trace", traces.toString());

        try (Stream<RecordedSession> sessions = TraceReader.open(traces).sessions()) {
            Path recorded = Path.of(
                    sessions.findFirst().orElseThrow().started().start().model().path());
            assertThat(recorded).isAbsolute();
            assertThat(Files.isSameFile(recorded, model)).isTrue();
        }
    }

    @Test
    void shouldReplayWhatIsSoundOfADamagedTraceAndFail() throws IOException {
        Path traces = directory.resolve("traces");
        json(PROMPT, "--max-tokens", "30", "--seed", "5", "--tree-size", "8", "--trace", traces.toString());
        json(PROMPT, "--max-tokens", "20", "--seed", "6", "--tree-size", "8", "--trace", traces.toString());
        Path file = firstTraceFile(traces);
        String content = Files.readString(file, StandardCharsets.ISO_8859_1);
        int secondStep = content.indexOf("FTRC", content.indexOf("FTRC", content.indexOf("FTRC") + 4) + 4);
        byte[] bytes = content.getBytes(StandardCharsets.ISO_8859_1);
        bytes[secondStep + 40] ^= 1;
        Files.write(file, bytes);

        CliRun run = run("replay", traces.toString(), "--threads", "1");

        assertThat(run.out()).isEmpty();
        assertThat(run.err())
                .startsWith("foretoken: trace file " + file + " is damaged")
                .hasLineCount(2)
                .containsPattern(
                        "2 sessions \\(1 unfinished\\), .* replayed: every bit that could be compared is equal");
        assertThat(run.status()).isEqualTo(1);
    }

    private static Path firstTraceFile(Path traces) throws IOException {
        try (Stream<Path> files = Files.walk(traces)) {
            return files.filter(file -> file.toString().endsWith(".cq4"))
                    .sorted()
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void shouldRefuseInOneLineWhatTheModelCannotDo() {
        String longPrompt =
                String.join(" ", IntStream.range(0, 200).mapToObj(i -> "x" + i).toList());

        assertThat(run("generate", "--context", "64", longPrompt)).satisfies(refusedWith("the 64 of the context"));
        assertThat(run("generate", "--chat", "hi")).satisfies(refusedWith("no chat template"));
        assertThat(run("generate", "--device", "cuda", "x")).satisfies(refusedWith("device cuda cannot be used"));
        assertThat(run("generate", "--logit-bias", "8192=1", "x")).satisfies(refusedWith("expected 0 to 8191"));
        assertThat(run("replay", directory.resolve("none").toString())).satisfies(refusedWith("does not exist"));
        assertThat(run("replay", directory.toString())).satisfies(refusedWith("holds no run"));
    }

    private static Consumer<CliRun> refusedWith(String text) {
        return run -> {
            assertThat(run.err()).contains(text).hasLineCount(1);
            assertThat(run.out()).isEmpty();
            assertThat(run.status()).isEqualTo(2);
        };
    }
}
