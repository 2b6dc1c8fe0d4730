package dev.foretoken.transport.cli;

import dev.foretoken.engine.gguf.GgufFile;
import dev.foretoken.engine.model.ModelInspection;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "inspect",
        description = "Says what is in a GGUF file and whether it can run; exit status 2 if it cannot.",
        footer = {
            "",
            "Examples:",
            "  foretoken inspect smollm2-135m-instruct.gguf",
            "  foretoken inspect --metadata smollm2-135m-instruct.gguf"
        })
final class InspectCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(paramLabel = "MODEL", arity = "0..1", description = "The GGUF file (default: the embedded tiny model).")
    @Nullable
    Path model;

    @Option(names = "--metadata", description = "Lists every metadata key with its value, too.")
    boolean metadata;

    InspectCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        try (GgufFile file = ModelFiles.open(model)) {
            ModelInspection inspection = ModelInspection.of(file);
            new TextOutput(terminal.out()).write(InspectionText.of(inspection, metadata));
            inspection.refusal().ifPresent(reason -> {
                throw GgufFile.refused(file.name(), reason);
            });
        }
        return CommandLine.ExitCode.OK;
    }
}
