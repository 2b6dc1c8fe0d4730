package dev.foretoken.benchmarks.bench;

import java.util.List;

/** The report as one HTML file that needs nothing else: style and plots are inside. */
final class HtmlReport {
    private HtmlReport() {}

    static String of(BenchResult result, Host host, ModelTitle model, BenchOptions options) {
        StringBuilder html = new StringBuilder();
        html.append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/><title>Foretoken bench</title></head><body>");
        html.append("<p>").append(escape(model.sentence())).append("</p>");
        html.append("<p>").append(escape(host.sentence())).append("</p>");
        html.append("<p>").append(escape(result.control().sentence())).append("</p>");
        for (ReportSection section : result.sections()) {
            html.append("<h2>").append(escape(section.title())).append("</h2>");
            if (section.table() != null) {
                table(html, section.table());
            }
        }
        return html.append("</body></html>\n").toString();
    }

    private static void table(StringBuilder html, TextTable table) {
        html.append("<table>");
        row(html, table.header(), "th");
        table.rows().forEach(row -> row(html, row, "td"));
        html.append("</table>");
    }

    private static void row(StringBuilder html, List<String> cells, String tag) {
        html.append("<tr>");
        cells.forEach(cell -> html.append("<%s>%s</%s>".formatted(tag, escape(cell), tag)));
        html.append("</tr>\n");
    }

    static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }
}
