package dev.foretoken.transport.cli;

import dev.foretoken.transport.stream.GenerationSummary;
import dev.foretoken.transport.stream.GenerationSummary.DrafterCounts;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** One paragraph about a generation, for people. */
final class GenerationReport {
    private GenerationReport() {}

    static String of(GenerationSummary summary, Optional<Path> traceDirectory) {
        StringBuilder report = new StringBuilder();
        report.append(format(
                "%s after a prompt of %s: %.1f tokens/s, first token after %s.",
                count(summary.completionTokens(), "token"),
                count(summary.promptTokens(), "token"),
                summary.tokensPerSecond(),
                duration(summary.timeToFirstTokenMs())));
        report.append(format(" %s, %.2f tokens each.", count(summary.steps(), "verify step"), summary.meanAccepted()));
        if (!summary.drafters().isEmpty()) {
            report.append(" Drafts accepted: ")
                    .append(drafters(summary.drafters()))
                    .append('.');
        }
        report.append(
                switch (summary.finishReason()) {
                    case STOP -> " Ended at a stop.";
                    case LENGTH -> " Ended at the length limit.";
                    default -> " Ended early: " + JsonLinesWriter.wireName(summary.finishReason()) + ".";
                });
        report.append(format(" The same again: --seed %s.", Long.toUnsignedString(summary.seed())));
        traceDirectory.ifPresent(path -> report.append(" Trace: ").append(path).append('.'));
        return report.toString();
    }

    private static String drafters(Map<String, DrafterCounts> drafters) {
        return drafters.entrySet().stream()
                .map(entry -> entry.getKey() + " " + counts(entry.getValue()))
                .collect(Collectors.joining(", "));
    }

    private static String counts(DrafterCounts counts) {
        String share = counts.proposed() == 0
                ? "none proposed"
                : format(
                        "%d of %d (%.0f %%)",
                        counts.accepted(), counts.proposed(), 100.0 * counts.accepted() / counts.proposed());
        String late = counts.missed() == 0 ? "" : format(", %d late", counts.missed());
        String failed = counts.failed() == 0 ? "" : format(", %d failed", counts.failed());
        return share + late + failed;
    }

    private static String count(int number, String noun) {
        return format("%,d %s%s", number, noun, number == 1 ? "" : "s");
    }

    private static String duration(double ms) {
        return ms < 1000 ? format("%.0f ms", ms) : format("%.1f s", ms / 1000);
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
