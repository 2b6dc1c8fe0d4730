package dev.foretoken.transport.example;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.engine.testing.Goldens;
import dev.foretoken.transport.trace.TraceReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadmeTest {
    private static final Path ROOT = Path.of(System.getProperty("foretoken.root"));
    private static final Path EXAMPLE =
            ROOT.resolve("transport/src/test/java/dev/foretoken/transport/example/Chat.java");

    @Test
    void shouldShowTheExampleThatIsCompiledHere() throws IOException {
        String shown = fenced("java");

        String compiled = Files.readString(EXAMPLE)
                .split("// README")[1]
                .stripTrailing()
                .stripIndent()
                .strip();

        assertThat(shown.strip()).isEqualTo(compiled);
    }

    @Test
    void shouldNameTheCommandThatContinuousIntegrationRuns() throws IOException {
        assertThat(Files.readString(ROOT.resolve("README.md"))).contains("\nmvn verify ");
        assertThat(Files.readString(ROOT.resolve(".ci/run"))).contains("\nmvn --batch-mode verify\n");
    }

    @Test
    void shouldLinkOnlyToFilesThatExist() throws IOException {
        List<String> links = links();

        assertThat(links).isNotEmpty();
        assertThat(links).allSatisfy(link -> assertThat(ROOT.resolve(link)).exists());
    }

    @Test
    void shouldCompleteTheSameTokensWithAndWithoutSpeculation() {
        String out = printedBy(() -> Complete.main(new String[0]));

        assertThat(out).contains(" tokens in ").endsWith("same tokens: true" + System.lineSeparator());
    }

    @Test
    void shouldChatWithARealModelAndRecordIt(@TempDir Path directory) {
        Path model = Goldens.largeModel("smollm2-135m-instruct-q4_1.gguf");

        String out = printedBy(() -> Chat.ask(model, directory));

        assertThat(out).isNotBlank();
        assertThat(TraceReader.open(directory).sessions()).hasSize(1).first().satisfies(session -> {
            assertThat(session.end()).isNotNull();
            assertThat(session.emittedTokens()).hasSizeBetween(2, 200);
        });
    }

    private static String printedBy(Runnable program) {
        PrintStream console = System.out;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        System.setOut(new PrintStream(out, true, UTF_8));
        try {
            program.run();
        } finally {
            System.setOut(console);
        }
        return out.toString(UTF_8);
    }

    private static String fenced(String language) throws IOException {
        Matcher block = Pattern.compile("(?s)```" + language + "\n(.*?)```")
                .matcher(Files.readString(ROOT.resolve("README.md")));
        assertThat(block.find()).as("a block of %s in the README", language).isTrue();
        return block.group(1);
    }

    private static List<String> links() throws IOException {
        Matcher link =
                Pattern.compile("\\]\\((?!https?:)([^)#]+)\\)").matcher(Files.readString(ROOT.resolve("README.md")));
        return Stream.iterate(link, Matcher::find, same -> same)
                .map(found -> found.group(1))
                .toList();
    }
}
