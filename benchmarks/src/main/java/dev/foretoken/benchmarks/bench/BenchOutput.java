package dev.foretoken.benchmarks.bench;

import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.error.IoProblem;
import dev.foretoken.transport.cli.Terminal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Shows a result on the terminal and writes its files. */
final class BenchOutput {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /** What {@code summary.json} holds. */
    record SummaryFile(
            String kind,
            Host host,
            ModelTitle model,
            MemoryFigures memory,
            Settings settings,
            ControlFigure control,
            Object results) {}

    /** How it was measured. */
    record Settings(
            List<Configuration> configurations,
            int maxTokens,
            double temperature,
            String seed,
            int past,
            @Nullable String prompts,
            @Nullable String peerCommand,
            @Nullable String peerUrl) {}

    /** The A/A control and whether it is within 1 ± 0.01. */
    record ControlFigure(@Nullable Interval ratio, boolean fit) {}

    private final Terminal terminal;
    private final BenchOptions options;

    /** @throws InvalidInputException if files are wanted and the directory cannot be used */
    BenchOutput(Terminal terminal, BenchOptions options) {
        this.terminal = terminal;
        this.options = options;
        Path out = options.out();
        if (out != null) {
            try {
                Files.createDirectories(out);
            } catch (IOException e) {
                throw unwritable(out, e);
            }
            if (!Files.isWritable(out)) {
                throw unwritable(out, new IOException("no permission"));
            }
        }
    }

    private static InvalidInputException unwritable(Path out, IOException cause) {
        return new InvalidInputException(
                "--out directory %s cannot be written (%s), expected one that exists or can be made"
                        .formatted(out, IoProblem.of(cause)),
                cause);
    }

    void show(BenchResult result, ProgressBar progress) {
        progress.close();
        Host host = Host.current(options.threads());
        ModelTitle model = ModelTitle.of(options.model());
        MemoryFigures memory = MemoryFigures.of(options.model());
        print(result, host, model, memory);
        if (options.out() != null) {
            write(options.out(), result, host, model, memory);
            terminal.err().println("written: results.csv, report.html and summary.json in " + options.out());
        }
    }

    private void print(BenchResult result, Host host, ModelTitle model, MemoryFigures memory) {
        StringBuilder text = new StringBuilder();
        text.append(result.table().text()).append('\n');
        result.notes().forEach(note -> text.append(note).append('\n'));
        text.append(model.sentence()).append('\n');
        text.append(host.sentence()).append('\n');
        text.append(memory.sentence()).append('\n');
        text.append(result.control().sentence()).append('\n');
        try {
            terminal.out().write(text.toString().getBytes(StandardCharsets.UTF_8));
            terminal.out().flush();
        } catch (IOException e) {
            terminal.err().println("the table cannot be written: " + e.getMessage());
        }
    }

    private void write(Path out, BenchResult result, Host host, ModelTitle model, MemoryFigures memory) {
        SummaryFile summary = new SummaryFile(
                result.kind(),
                host,
                model,
                memory,
                settings(),
                new ControlFigure(result.control().ratio(), result.control().isFit()),
                result.summary());
        try {
            Files.writeString(out.resolve("results.csv"), csv(result.csv()));
            Files.writeString(out.resolve("summary.json"), JSON.writeValueAsString(summary) + "\n");
            Files.writeString(out.resolve("report.html"), HtmlReport.of(result, host, model, memory, options));
        } catch (IOException e) {
            throw unwritable(out, e);
        }
    }

    private Settings settings() {
        return new Settings(
                options.configurations(),
                options.maxTokens(),
                options.temperature(),
                Long.toUnsignedString(options.seed()),
                options.past(),
                options.prompts() == null
                        ? null
                        : String.valueOf(options.prompts().getFileName()),
                options.peerCommand(),
                options.peerUrl());
    }

    /** RFC 4180, with line feeds. */
    static String csv(List<List<String>> rows) {
        return rows.stream()
                .map(row -> row.stream().map(BenchOutput::cell).collect(Collectors.joining(",")))
                .collect(Collectors.joining("\n", "", "\n"));
    }

    private static String cell(String text) {
        boolean plain = text.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
        return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
    }
}
