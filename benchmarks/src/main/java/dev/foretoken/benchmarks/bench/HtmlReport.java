package dev.foretoken.benchmarks.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The report as one HTML file (well-formed XML, too) that needs nothing else: style and plots are inside. */
final class HtmlReport {
    private HtmlReport() {}

    static String of(BenchResult result, Host host, ModelTitle model, MemoryFigures memory, BenchOptions options) {
        StringBuilder html = new StringBuilder();
        html.append("""
            <!DOCTYPE html>
            <html lang="en" xmlns="http://www.w3.org/1999/xhtml">
            <head>
            <meta charset="utf-8"/>
            <meta name="viewport" content="width=device-width, initial-scale=1"/>
            <title>Foretoken bench</title>
            <style>
            %s</style>
            </head>
            <body>
            <main>
            """.formatted(style()));
        header(html, result, host, model, memory, options);
        for (ReportSection section : result.sections()) {
            section(html, section);
        }
        return html.append("</main>\n</body>\n</html>\n").toString();
    }

    private static String style() {
        try (InputStream in = HtmlReport.class.getResourceAsStream("report.css")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void header(
            StringBuilder html,
            BenchResult result,
            Host host,
            ModelTitle model,
            MemoryFigures memory,
            BenchOptions options) {
        html.append("<header>\n<p class=\"brand\">Foretoken bench</p>\n<h1>")
                .append(escape(title(result.kind())))
                .append("</h1>\n<dl>\n");
        fact(html, "Model", model.sentence());
        fact(html, "Host", host.sentence());
        fact(html, "Memory", memory.sentence());
        fact(html, "Settings", settings(result.kind(), options));
        html.append("</dl>\n");
        html.append("<p class=\"control ")
                .append(result.control().isFit() ? "fit" : "unfit")
                .append("\">")
                .append(escape(result.control().sentence()))
                .append("</p>\n");
        cards(html, result.highlights());
        html.append("</header>\n");
    }

    private static String title(String kind) {
        return switch (kind) {
            case "steps" -> "Single steps";
            case "sessions" -> "Many sessions";
            case "pace" -> "Streams beside a long prompt";
            default -> "A prompt set";
        };
    }

    private static String settings(String kind, BenchOptions options) {
        if (kind.equals("steps")) {
            return "%d cached positions, seed %s".formatted(options.past(), Long.toUnsignedString(options.seed()));
        }
        return Figures.format(
                "at most %d tokens, temperature %s, seed %s, %s",
                options.maxTokens(),
                options.temperature(),
                Long.toUnsignedString(options.seed()),
                options.prompts() == null
                        ? "our own short prompts"
                        : options.prompts().getFileName());
    }

    private static void fact(StringBuilder html, String name, String value) {
        html.append("<dt>")
                .append(escape(name))
                .append("</dt><dd>")
                .append(escape(value))
                .append("</dd>\n");
    }

    private static void cards(StringBuilder html, List<Highlight> highlights) {
        if (highlights.isEmpty()) {
            return;
        }
        html.append("<div class=\"cards\">\n");
        for (Highlight highlight : highlights) {
            html.append("<div class=\"card\"><b>")
                    .append(escape(highlight.value()))
                    .append("</b><span>")
                    .append(escape(highlight.range()))
                    .append("</span><p>")
                    .append(escape(highlight.meaning()))
                    .append("</p></div>\n");
        }
        html.append("</div>\n");
    }

    private static void section(StringBuilder html, ReportSection section) {
        html.append("<section>\n<h2>").append(escape(section.title())).append("</h2>\n");
        if (!section.text().isEmpty()) {
            html.append("<p>").append(escape(section.text())).append("</p>\n");
        }
        section.figures().forEach(svg -> html.append("<figure>\n").append(svg).append("</figure>\n"));
        if (section.table() != null) {
            table(html, section.table());
        }
        html.append("</section>\n");
    }

    private static void table(StringBuilder html, TextTable table) {
        html.append("<div class=\"wide\"><table>\n<thead>");
        row(html, table, table.header(), "th");
        html.append("</thead>\n<tbody>\n");
        for (List<String> row : table.rows()) {
            if (row.isEmpty()) {
                html.append("</tbody>\n<tbody>\n");
            } else {
                row(html, table, row, "td");
            }
        }
        html.append("</tbody>\n</table></div>\n");
    }

    private static void row(StringBuilder html, TextTable table, List<String> cells, String tag) {
        html.append("<tr>");
        for (int column = 0; column < cells.size(); column++) {
            html.append('<').append(tag).append(table.isNumber(column) ? " class=\"number\">" : ">");
            html.append(escape(cells.get(column))).append("</").append(tag).append('>');
        }
        html.append("</tr>\n");
    }

    static String escape(String text) {
        StringBuilder escaped = new StringBuilder();
        text.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                default -> escaped.appendCodePoint(Character.isISOControl(c) ? ' ' : c);
            }
        });
        return escaped.toString();
    }
}
