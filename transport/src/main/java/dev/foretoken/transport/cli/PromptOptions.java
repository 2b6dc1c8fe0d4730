package dev.foretoken.transport.cli;

import dev.foretoken.engine.chat.ChatMessage;
import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.session.Prompt;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** Where the prompt comes from and how it is read. */
final class PromptOptions {
    private static final String EXAMPLE = "foretoken generate \"public static int max(int a, int b) {\"";

    @Parameters(
            paramLabel = "PROMPT",
            hideParamSyntax = true,
            description = "Text to continue; - reads it from standard input.",
            arity = "0..*")
    List<String> positional = new ArrayList<>();

    @Option(names = "--prompt", paramLabel = "TEXT", description = "The same, as an option.")
    @Nullable
    String text;

    @Option(
            names = "--prompt-file",
            paramLabel = "FILE",
            description =
                    "Reads the prompt from a UTF-8 file, byte for byte (a last line break is part of it, a byte order"
                            + " mark at its start is not).")
    @Nullable
    Path file;

    @Option(names = "--chat", description = "The prompt is a user's message: wrap it in the model's chat template.")
    boolean chat;

    @Option(names = "--special", description = "Recognise special tokens that are written in the prompt.")
    boolean special;

    /**
     * @throws ParameterException if there is no prompt or more than one
     * @throws InvalidInputException if it cannot be read or is empty
     */
    Prompt prompt(CommandLine command, InputStream standardInput) {
        String argument = Arguments.onlyText(command, positional);
        long sources = Stream.of(argument, text, file).filter(Objects::nonNull).count();
        if (sources == 0) {
            throw new ParameterException(
                    command,
                    "no prompt, expected one in quotes, --prompt-file FILE or - for standard input: " + EXAMPLE);
        }
        if (sources > 1) {
            throw new ParameterException(
                    command, "several prompts given, expected one of PROMPT, --prompt TEXT and --prompt-file FILE");
        }
        if (chat && special) {
            throw new ParameterException(
                    command, "--special and --chat exclude each other: a message never becomes special tokens");
        }
        String prompt = read(argument, standardInput);
        if (prompt.isEmpty()) {
            throw new InvalidInputException("the prompt is empty, expected text to continue: " + EXAMPLE);
        }
        return chat ? new Prompt.Chat(List.of(new ChatMessage("user", prompt))) : new Prompt.Raw(prompt, special);
    }

    private String read(@Nullable String argument, InputStream standardInput) {
        if (text != null) {
            return text;
        }
        if (file == null && !"-".equals(argument)) {
            return Objects.requireNonNull(argument);
        }
        return file == null || file.toString().equals("-")
                ? InputText.ofStandardInput(standardInput)
                : InputText.ofFile(file);
    }
}
