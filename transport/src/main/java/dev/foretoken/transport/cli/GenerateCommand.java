package dev.foretoken.transport.cli;

import dev.foretoken.engine.session.GenerationRequest;
import dev.foretoken.engine.session.Prompt;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "generate",
        customSynopsis = "foretoken generate [OPTIONS] [PROMPT]",
        sortOptions = false,
        description = "Streams an answer to standard output and a short report to standard error.",
        footer = {
            "",
            "Examples:",
            "  foretoken generate \"public static int max(int a, int b) {\"",
            "  foretoken generate --model smollm2-135m-instruct.gguf --chat \"Explain a ring buffer.\"",
            "  foretoken generate --show-drafts --tree-size 16 --seed 7 \"for (int i = 0;\"",
            "  cat prompt.txt | foretoken generate --json --temperature 0 - | tail -1 | jq -r .text"
        })
final class GenerateCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final GenerationEngine.Opener opener;

    @Spec
    CommandSpec spec = CommandSpec.create();

    @Mixin
    PromptOptions promptOptions = new PromptOptions();

    @Mixin
    SamplingOptions samplingOptions = new SamplingOptions();

    @Mixin
    EngineOptions engineOptions = new EngineOptions();

    @Option(
            names = "--show-drafts",
            description =
                    "On a terminal: each token in the colour of the drafter that guessed it (in brackets where there"
                            + " are no colours).")
    boolean showDrafts;

    @Option(names = "--json", description = "JSON Lines: one object per token and a last one with the summary.")
    boolean json;

    GenerateCommand(Terminal terminal, GenerationEngine.Opener opener) {
        this.terminal = terminal;
        this.opener = opener;
    }

    @Override
    public Integer call() {
        CommandLine command = spec.commandLine();
        if (json && showDrafts) {
            throw new ParameterException(
                    command, "--show-drafts and --json exclude each other: the JSON names each drafter");
        }
        if (samplingOptions.logprobs != null && !json) {
            throw new ParameterException(command, "--logprobs needs --json, which has room for them");
        }
        engineOptions.check(command);
        Prompt prompt = promptOptions.prompt(command, terminal.in());
        GenerationRequest request = samplingOptions.request(prompt, engineOptions.fixedTreeSize());

        try (Progress progress = new Progress(terminal);
                GenerationRun run = new GenerationRun(writer(), progress)) {
            progress.begin("loading the model");
            GenerationEngine engine = run.own(opener.open(engineOptions, progress::loading));
            run.generate(engine, request).ifPresent(summary -> {
                if (!json) {
                    terminal.errorParagraph(GenerationReport.of(summary, engine.traceDirectory()));
                }
            });
        }
        return CommandLine.ExitCode.OK;
    }

    private GenerationWriter writer() {
        TextOutput out = new TextOutput(terminal.out());
        if (json) {
            return new JsonLinesWriter(out);
        }
        if (!showDrafts || !terminal.outIsTerminal()) {
            return new PlainTextWriter(out);
        }
        return terminal.colorsOutput() ? new ColoredTextWriter(out) : new BracketedTextWriter(out);
    }
}
