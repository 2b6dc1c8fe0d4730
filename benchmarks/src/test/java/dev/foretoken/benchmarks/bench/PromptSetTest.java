package dev.foretoken.benchmarks.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.foretoken.engine.error.InvalidInputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PromptSetTest {
    @TempDir
    Path directory;

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve("set.jsonl"), text);
    }

    @Test
    void shouldReadQuestionsInOrderAndIgnoreOtherFieldsAndBlankLines() throws IOException {
        Path set = file("""
            {"question_id": 81, "category": "writing", "task": "mt_bench", "turns": ["One", "Two"]}

            {"question_id": "b", "category": "qa", "turns": ["Drei ☃"]}\r
            """);

        assertThat(PromptSet.read(set))
                .containsExactly(
                        new Question("81", "writing", List.of("One", "Two")),
                        new Question("b", "qa", List.of("Drei ☃")));
    }

    @Test
    void shouldKeepTheFirstQuestionsOfEachCategory() {
        List<Question> questions = List.of(
                new Question("1", "a", List.of("x")),
                new Question("2", "b", List.of("x")),
                new Question("3", "a", List.of("x")),
                new Question("4", "a", List.of("x")));

        assertThat(PromptSet.limited(questions, 2)).extracting(Question::id).containsExactly("1", "2", "3");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldShipAHandfulOfShortPrompts(boolean chat) {
        assertThat(PromptSet.embedded(chat))
                .hasSizeBetween(4, 8)
                .allSatisfy(question -> assertThat(question.turns())
                        .allSatisfy(turn -> assertThat(turn.length()).isLessThan(300)));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"question_id\":1                                           | is not JSON",
                "[1]                                                          | is not an object",
                "{\"category\":\"a\",\"turns\":[\"x\"]}                       | has no usable question_id",
                "{\"question_id\":1,\"turns\":[\"x\"]}                        | has no usable category",
                "{\"question_id\":1,\"category\":\" \",\"turns\":[\"x\"]}     | has no usable category",
                "{\"question_id\":1,\"category\":\"a\\u0007\",\"turns\":[\"x\"]} | has no usable category",
                "{\"question_id\":1,\"category\":\"a\"}                       | has no usable turns",
                "{\"question_id\":1,\"category\":\"a\",\"turns\":[]}          | has no usable turns",
                "{\"question_id\":1,\"category\":\"a\",\"turns\":[7]}         | has a turn that is no text",
                "{\"question_id\":1,\"category\":\"a\",\"turns\":[\"\"]}      | has a turn that is no text"
            })
    void shouldNameTheLineThatIsNotOfTheForm(String line, String problem) throws IOException {
        Path set = file("{\"question_id\":0,\"category\":\"a\",\"turns\":[\"x\"]}\n" + line + "\n");

        assertThatThrownBy(() -> PromptSet.read(set))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageStartingWith("line 2 of prompt set " + set + " " + problem)
                .message()
                .doesNotContain("\n");
    }

    @Test
    void shouldRefuseAnIdThatIsTaken() throws IOException {
        Path set = file("{\"question_id\":1,\"category\":\"a\",\"turns\":[\"x\"]}\n".repeat(2));

        assertThatThrownBy(() -> PromptSet.read(set))
                .hasMessageContaining("line 2")
                .hasMessageContaining("question_id 1");
    }

    @Test
    void shouldRefuseMissingEmptyBinaryAndEndlessFiles() throws IOException {
        assertThatThrownBy(() -> PromptSet.read(directory)).hasMessageContaining("is not a file");
        assertThatThrownBy(() -> PromptSet.read(file("\n\n"))).hasMessageContaining("is empty");
        Path binary = Files.write(directory.resolve("binary"), new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1});
        assertThatThrownBy(() -> PromptSet.read(binary)).hasMessageContaining("is not UTF-8");
        Path endless = Files.write(directory.resolve("endless"), new byte[PromptSet.LINE_BYTES_MAX + 1]);
        assertThatThrownBy(() -> PromptSet.read(endless)).hasMessageContaining("is longer than 1,048,576 bytes");
        Path deep = Files.writeString(directory.resolve("deep"), "[".repeat(500_000));
        assertThatThrownBy(() -> PromptSet.read(deep)).isInstanceOf(InvalidInputException.class);
    }

    /** Whatever a damaged line holds, it is read or refused in one sentence. */
    @Test
    void shouldReadOrRefuseEveryMutant() throws IOException {
        byte[] line = "{\"question_id\": 81, \"category\": \"writing\", \"turns\": [\"One\", \"Two\"]}"
                .getBytes(StandardCharsets.UTF_8);
        Random random = new Random(3);
        for (int i = 0; i < 2000; i++) {
            byte[] mutant = line.clone();
            for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                mutant[random.nextInt(mutant.length)] = (byte) random.nextInt(256);
            }
            Path set = Files.write(directory.resolve("mutant"), mutant);
            try {
                assertThat(PromptSet.read(set)).isNotEmpty();
            } catch (InvalidInputException e) {
                assertThat(e.getMessage()).doesNotContain("\n").contains("prompt set");
            }
        }
    }
}
