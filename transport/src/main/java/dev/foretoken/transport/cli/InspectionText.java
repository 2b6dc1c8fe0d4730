package dev.foretoken.transport.cli;

import dev.foretoken.engine.model.ModelConfig;
import dev.foretoken.engine.model.ModelInspection;
import dev.foretoken.engine.model.ModelInspection.TypeShare;
import dev.foretoken.engine.model.ModelMemory;
import dev.foretoken.engine.session.SamplingDefaults;
import java.util.Locale;
import java.util.stream.Collectors;

/** A model file described for people, one fact a line. */
final class InspectionText {
    private final StringBuilder text = new StringBuilder();

    private InspectionText() {}

    static String of(ModelInspection inspection, boolean withMetadata) {
        InspectionText lines = new InspectionText();
        lines.describe(inspection);
        if (withMetadata) {
            lines.text.append("\nmetadata\n");
            inspection
                    .metadata()
                    .forEach((key, value) -> lines.text
                            .append("  ")
                            .append(key)
                            .append(" = ")
                            .append(value)
                            .append('\n'));
        }
        return lines.text.toString();
    }

    private void describe(ModelInspection inspection) {
        line(
                "file",
                "%s, %s, GGUF version %d"
                        .formatted(inspection.file(), size(inspection.sizeBytes()), inspection.ggufVersion()));
        line("name", inspection.name());
        line("architecture", inspection.architecture());
        line("parameters", format("%,d", inspection.parameterCount()));
        line(
                "weights",
                inspection.weightTypes().stream().map(InspectionText::share).collect(Collectors.joining(", ")));
        inspection.config().ifPresent(this::describe);
        line("tokenizer", inspection.tokenizer());
        line("chat template", inspection.hasChatTemplate() ? "yes: --chat works" : "none: it continues texts");
        inspection.memory().ifPresent(this::describe);
        line("runs here", inspection.canRun() ? "yes" : "no");
    }

    private void describe(ModelConfig config) {
        line(
                "shape",
                format(
                        "%d layers of width %,d, %d heads over %d key-value heads of %d, feed-forward %,d, vocabulary"
                                + " %,d",
                        config.layers(),
                        config.width(),
                        config.heads(),
                        config.kvHeads(),
                        config.headDim(),
                        config.feedForward(),
                        config.vocabularySize()));
        line("context", format("%,d tokens", config.contextLength()));
        SamplingDefaults sampling = config.samplingDefaults();
        line(
                "sampling",
                format(
                        "temperature %s, top-k %s, top-p %s, min-p %s, repetition penalty %s, unless a request says"
                                + " otherwise",
                        sampling.temperature(),
                        sampling.topK() == 0 ? "off" : sampling.topK(),
                        sampling.topP(),
                        sampling.minP() == 0 ? "off" : sampling.minP(),
                        sampling.repetitionPenalty() == 1 ? "off" : sampling.repetitionPenalty()));
    }

    private void describe(ModelMemory memory) {
        line(
                "memory",
                "%s for the weights, %s per token of context"
                        .formatted(size(memory.weightBytes()), size(memory.kvBytesPerToken())));
    }

    private static String share(TypeShare share) {
        return "%s in %d tensor%s (%s)"
                .formatted(
                        share.type(),
                        share.tensorCount(),
                        share.tensorCount() == 1 ? "" : "s",
                        size(share.sizeBytes()));
    }

    private void line(String label, String value) {
        text.append(format("%-14s %s%n", label, value));
    }

    private static String size(long bytes) {
        if (bytes < 1 << 20) {
            return format("%.1f KiB", bytes / 1024.0);
        }
        return bytes < 1 << 30
                ? format("%.1f MiB", bytes / (1024.0 * 1024))
                : format("%.2f GiB", bytes / (1024.0 * 1024 * 1024));
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
