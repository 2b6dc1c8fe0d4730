package dev.foretoken.transport.cli;

import dev.foretoken.engine.gguf.GgufFile;
import dev.foretoken.engine.tokenizer.Tokenizer;
import dev.foretoken.engine.tokenizer.Tokenizers;
import dev.foretoken.engine.tokenizer.Vocabulary;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

@Command(
        name = "tokenize",
        customSynopsis = "foretoken tokenize [OPTIONS] [TEXT]",
        sortOptions = false,
        description =
                "Prints the tokens of a text: one line each with its id and its piece as the model file spells it. "
                        + "No begin-of-sequence token is added.",
        footer = {
            "",
            "Examples:",
            "  foretoken tokenize \"int[] a = {1, 2};\"",
            "  foretoken tokenize --model smollm2-135m-instruct.gguf --special --json \"<|im_start|>user\"",
            "  foretoken tokenize --json - < Main.java"
        })
final class TokenizeCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Spec
    CommandSpec spec = CommandSpec.create();

    @Parameters(
            paramLabel = "TEXT",
            hideParamSyntax = true,
            description = "The text; - reads it from standard input.",
            arity = "0..*")
    List<String> positional = new ArrayList<>();

    @Option(
            names = "--model",
            paramLabel = "FILE",
            description = "GGUF file whose tokenizer it is (default: the embedded tiny model).")
    @Nullable
    Path model;

    @Option(names = "--special", description = "Recognise special tokens that are written in the text.")
    boolean special;

    @Option(names = "--json", description = "One JSON object: {\"ids\":[...],\"pieces\":[...]}.")
    boolean json;

    TokenizeCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        String text = Arguments.onlyText(spec.commandLine(), positional);
        if (text == null) {
            throw new ParameterException(
                    spec.commandLine(),
                    "no text, expected one in quotes or - for standard input: foretoken tokenize \"int i = 0;\"");
        }
        if (text.equals("-")) {
            text = InputText.ofStandardInput(terminal.in());
        }
        try (GgufFile file = ModelFiles.open(model)) {
            Tokenizer tokenizer = Tokenizers.of(file);
            int[] ids = tokenizer.encode(text, special);
            new TextOutput(terminal.out())
                    .write(json ? json(ids, tokenizer.vocabulary()) : lines(ids, tokenizer.vocabulary()));
        }
        return CommandLine.ExitCode.OK;
    }

    private static String json(int[] ids, Vocabulary vocabulary) {
        JsonMapper mapper = new JsonMapper();
        ObjectNode object = mapper.createObjectNode();
        ArrayNode idNodes = object.putArray("ids");
        ArrayNode pieceNodes = object.putArray("pieces");
        for (int id : ids) {
            idNodes.add(id);
            pieceNodes.add(vocabulary.piece(id));
        }
        return mapper.writeValueAsString(object) + "\n";
    }

    private static String lines(int[] ids, Vocabulary vocabulary) {
        StringBuilder lines = new StringBuilder();
        for (int id : ids) {
            lines.append("%6d  %s%n".formatted(id, Terminal.visible(vocabulary.piece(id))));
        }
        return lines.toString();
    }
}
