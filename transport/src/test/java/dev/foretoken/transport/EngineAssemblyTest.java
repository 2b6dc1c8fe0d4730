package dev.foretoken.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.foretoken.drafters.Drafters;
import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.model.EmbeddedModels;
import dev.foretoken.engine.session.GenerationRequest;
import dev.foretoken.transport.cost.CacheDirectory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EngineAssemblyTest {
    @TempDir
    Path directory;

    @Test
    void shouldRefuseAContextAboveTheModels() {
        assertRefused(
                Foretoken.builder().drafters("none").context(1 << 20),
                "context is 1048576, the model was trained for 1024: choose a smaller one");
        assertRefused(Foretoken.builder().context(0), "context is 0, expected 1 or more");
    }

    @Test
    void shouldRefuseSizesOutOfRangeBeforeItLoadsTheModel() {
        Path missing = directory.resolve("none.gguf");
        assertRefused(Foretoken.builder().model(missing).threads(1025), "threads is 1025, expected 1 to 1024");
        assertRefused(Foretoken.builder().model(missing).sessions(0), "sessions is 0, expected 1 to 65536");
        assertRefused(Foretoken.builder().model(missing).kvBytes(-1), "KV bytes is -1, expected 1 to 1125899906842624");
        assertRefused(
                Foretoken.builder().model(missing).prefixCacheBytes(0),
                "prefix cache bytes is 0, expected 1 to 1125899906842624");
        assertRefused(
                Foretoken.builder().model(missing).drafterThreads(257), "drafter threads is 257, expected 1 to 256");
        assertRefused(
                Foretoken.builder().model(missing).parkedTimeout(Duration.ZERO),
                "parked timeout is PT0S, expected more than zero");
    }

    @Test
    void shouldRefuseMoreSessionsThanTheHeapHasRoomForBeforeItLoadsTheModel() {
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(Foretoken.builder()
                        .model(directory.resolve("none.gguf"))
                        .sessions(1 << 16)::build)
                .withMessageMatching("65536 sessions need 7680 MiB of Java heap for their rings, \\d+ MiB are left:"
                        + " lower the sessions or raise -Xmx");
    }

    @Test
    void shouldRefuseDraftersOfOneName() {
        assertRefused(
                Foretoken.builder().drafters(Drafters.ngram(), Drafters.recycling(), Drafters.ngram()),
                "two drafters are called \"ngram\", expected different names: give each once");
    }

    @Test
    void shouldRefuseADraftModelThatNoDrafterUses() {
        Path draft = directory.resolve("draft.gguf");
        String message =
                "draft model %s would not be used, because model is not among the drafters: add it or leave the draft model out"
                        .formatted(draft);

        assertRefused(Foretoken.builder().draftModel(draft).drafters("ngram"), message);
        assertRefused(Foretoken.builder().draftModel(draft).drafters("none"), message);
        assertRefused(Foretoken.builder().draftModel(draft).drafters(Drafters.recycling()), message);
        assertRefused(
                Foretoken.builder().draftModel(draft),
                "model %s does not exist, expected a GGUF file; check the path".formatted(draft));
    }

    @Test
    void shouldTakeTheWholeContextOfTheModel() {
        try (Foretoken foretoken =
                Foretoken.builder().drafters("none").context(1024).build()) {
            assertThat(foretoken.context()).isEqualTo(1024);
        }
    }

    @Test
    void shouldRefuseARequestThatNeverFitsBeforeAnybodySubscribes() {
        GenerationRequest request = GenerationRequest.raw("int").maxTokens(900);
        try (Foretoken foretoken =
                Foretoken.builder().drafters("none").kvBytes(2 << 20).build()) {
            assertThatExceptionOfType(InvalidInputException.class)
                    .isThrownBy(() -> foretoken.generate(request))
                    .withMessageMatching("prompt and answer of 902 tokens need 16 KV pages, the engine has \\d+:"
                            + " lower max tokens or allow more KV memory, by a larger heap \\(-Xmx\\) or, in a program,"
                            + " kvBytes");
            assertThat(foretoken
                            .generate(request.maxTokens(1))
                            .summary()
                            .block()
                            .completionTokens())
                    .isEqualTo(1);
        }
    }

    @Test
    void shouldNameTheFileWhoseTokenizerCannotBeUsed() throws IOException {
        Path model = directory.resolve("broken.gguf");
        try (InputStream in = EmbeddedModels.class.getResourceAsStream("embedded/tiny-java-draft-q8_0.gguf")) {
            String bytes = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
            Files.writeString(model, bytes.replace("gpt-2", "gpt-7"), StandardCharsets.ISO_8859_1);
        }

        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(Foretoken.builder().model(model)::build)
                .withMessageStartingWith("model %s cannot be used: ", model)
                .withMessageContaining("gpt-7");
    }

    @Test
    void shouldLookAtTheTraceDirectoryBeforeItLoadsTheModel() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        Foretoken.Builder builder = Foretoken.builder().model(directory.resolve("none.gguf"));

        assertRefused(
                builder.traceTo(file),
                "trace directory %s is a file, expected a directory: pass another one".formatted(file));
        assertRefused(
                builder.traceTo(Path.of("")),
                "the path of the trace directory is empty, expected a directory: name one, . for the current one");
    }

    @Test
    void shouldLeaveNoDirectoryBehindWhenLoadingFails() throws IOException {
        Path missing = directory.resolve("none.gguf");

        assertRefused(
                Foretoken.builder().model(missing).traceTo(directory.resolve("a/b/traces")),
                "model %s does not exist, expected a GGUF file; check the path".formatted(missing));

        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void shouldSayInPlainWordsWhyATraceDirectoryCannotBeMade() {
        Assumptions.assumeTrue(Files.exists(Path.of("/dev/null")), "no /dev/null here");

        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(Foretoken.builder().traceTo(Path.of("/dev/null/x"))::build)
                .withMessageStartingWith("trace directory /dev/null/x cannot be written (")
                .withMessageEndingWith("), expected a writable directory: check its permissions or pass another one")
                .withMessageNotContaining("Exception");
    }

    @Test
    void shouldLeaveTheFirstEngineAloneWhenTheSecondCannotBeBuilt() {
        Foretoken.Builder builder = Foretoken.builder().drafters("none").context(64);
        try (Foretoken first = builder.build()) {
            assertThatExceptionOfType(InvalidInputException.class)
                    .isThrownBy(builder.model(directory.resolve("none.gguf"))::build);

            GenerationRequest request =
                    GenerationRequest.raw("int").maxTokens(3).temperature(0);
            assertThat(first.generate(request).summary().block().completionTokens())
                    .isEqualTo(3);
        }
    }

    @Test
    void shouldStartFromTheCostsThatAnEarlierEngineMeasured() throws IOException {
        Path cache = directory.resolve("cache");
        GenerationRequest request = GenerationRequest.raw("int i = 0; int j = 0; int")
                .maxTokens(300)
                .temperature(0)
                .treeSize(1)
                .logitBias(Map.of(0, -100.0));
        List<Integer> first = ids(cache, request);
        Path file = onlyFile(cache);
        String kept = Files.readString(file);

        assertThat(kept).contains("format=3", "backend=cpu-3", "threads=2", "rows.1=", "position=");
        assertThat(ids(cache, request)).isEqualTo(first);
        assertThat(onlyFile(cache)).isEqualTo(file);

        Files.writeString(file, "rows.1=damaged");
        assertThat(ids(cache, request)).isEqualTo(first);
        assertThat(Files.readString(onlyFile(cache)))
                .as("replaced")
                .contains("rows.1=")
                .doesNotContain("damaged");
    }

    @Test
    void shouldUseTheStandardCacheUnlessToldNotTo() {
        Path standard = directory.resolve("standard");
        String before = System.setProperty(CacheDirectory.PROPERTY, standard.toString());
        try {
            answer(Foretoken.builder().withoutCostMemory());
            assertThat(standard).doesNotExist();
            answer(Foretoken.builder().costMemory(directory.resolve("own")).withoutCostMemory());
            assertThat(directory).isEmptyDirectory();

            answer(Foretoken.builder());
            assertThat(standard).isNotEmptyDirectory();
        } finally {
            if (before == null) {
                System.clearProperty(CacheDirectory.PROPERTY);
            } else {
                System.setProperty(CacheDirectory.PROPERTY, before);
            }
        }
    }

    /** Enough steps that their costs are worth keeping. */
    private static void answer(Foretoken.Builder builder) {
        GenerationRequest request =
                GenerationRequest.raw("int").maxTokens(300).treeSize(1).logitBias(Map.of(0, -100.0));
        try (Foretoken foretoken = builder.drafters("ngram").build()) {
            foretoken.generate(request).summary().block();
        }
    }

    private static List<Integer> ids(Path cache, GenerationRequest request) {
        try (Foretoken foretoken = Foretoken.builder()
                .costMemory(cache)
                .threads(2)
                .drafters("ngram,recycling")
                .build()) {
            return foretoken.generate(request).summary().block().tokenIds();
        }
    }

    private static Path onlyFile(Path cache) throws IOException {
        try (Stream<Path> files = Files.list(cache)) {
            List<Path> all = files.toList();
            assertThat(all).hasSize(1);
            return all.getFirst();
        }
    }

    private static void assertRefused(Foretoken.Builder builder, String message) {
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(builder::build)
                .withMessage(message);
    }
}
