package dev.foretoken.benchmarks.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** A table of texts: words to the left, numbers to the right, a blank line between groups. */
final class TextTable {
    private static final String GAP = "  ";

    private final List<String> header;
    private final int wordColumns;
    private final List<List<String>> rows = new ArrayList<>();

    /** @param wordColumns how many columns from the left hold words */
    TextTable(int wordColumns, String... header) {
        this.header = List.of(header);
        this.wordColumns = wordColumns;
    }

    void row(String... cells) {
        if (cells.length != header.size()) {
            throw new IllegalArgumentException(
                    "a row has %d cells, the table %d columns".formatted(cells.length, header.size()));
        }
        rows.add(List.of(cells));
    }

    /** The next row begins a new group. */
    void gap() {
        if (!rows.isEmpty() && !rows.getLast().isEmpty()) {
            rows.add(List.of());
        }
    }

    /** The same table without the columns whose cells are all unknown or empty. */
    TextTable withoutEmptyColumns() {
        int[] kept = IntStream.range(0, header.size())
                .filter(column -> column < wordColumns
                        || rows.stream()
                                .filter(row -> !row.isEmpty())
                                .map(row -> row.get(column))
                                .anyMatch(cell -> !cell.isEmpty() && !cell.equals(Figures.UNKNOWN)))
                .toArray();
        TextTable table = new TextTable(wordColumns, pick(header, kept));
        for (List<String> row : rows) {
            if (row.isEmpty()) {
                table.gap();
            } else {
                table.row(pick(row, kept));
            }
        }
        return table;
    }

    private static String[] pick(List<String> cells, int[] columns) {
        return IntStream.of(columns).mapToObj(cells::get).toArray(String[]::new);
    }

    List<String> header() {
        return header;
    }

    /** An empty row is a gap. */
    List<List<String>> rows() {
        return List.copyOf(rows);
    }

    boolean isNumber(int column) {
        return column >= wordColumns;
    }

    String text() {
        int[] widths = header.stream().mapToInt(String::length).toArray();
        for (List<String> row : rows) {
            for (int column = 0; column < row.size(); column++) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        }
        StringBuilder text = new StringBuilder();
        line(text, header, widths);
        rows.forEach(row -> line(text, row, widths));
        return text.toString();
    }

    private void line(StringBuilder text, List<String> cells, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < cells.size(); column++) {
            String pad = " ".repeat(widths[column] - cells.get(column).length());
            line.append(column == 0 ? "" : GAP);
            line.append(isNumber(column) ? pad + cells.get(column) : cells.get(column) + pad);
        }
        text.append(line.toString().stripTrailing()).append('\n');
    }
}
