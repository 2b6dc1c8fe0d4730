package dev.foretoken.benchmarks.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class HtmlReportTest {
    private static final BenchOptions OPTIONS = new BenchOptions(
            null,
            null,
            null,
            List.of(Configuration.PLAIN),
            false,
            16,
            1,
            0,
            7,
            1,
            1,
            List.of(),
            1,
            List.of(),
            null,
            null,
            null,
            null);

    private static Document parse(String html) throws Exception {
        return DocumentBuilderFactory.newDefaultNSInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(html)));
    }

    /** Two contenders with names that try to break out of the page. */
    private static BenchResult result() {
        List<DepthRate> rates = List.of(new DepthRate(1, 100, 60), new DepthRate(2, 60, 30));
        Interval interval = new Interval(1.5, 1.4, 1.7, 9, true);
        GroupSummary plain = new GroupSummary(
                "<qa> & \"co\"", 3, null, null, null, null, 100.0, 500, 1.0, List.of(), 10, 9.0, 12.0, 1.0);
        GroupSummary fast = new GroupSummary(
                "<qa> & \"co\"", 3, interval, interval, null, null, 150.0, 500, 2.0, rates, 10, 1.0, 12.0, 1.0);
        List<ContenderSummary> contenders = List.of(
                new ContenderSummary("plain", "", true, null, null, null, plain, List.of(plain)),
                new ContenderSummary("</svg><script>", "", true, interval, interval, null, fast, List.of(fast)));
        Control control = new Control(new Interval(1.002, 0.99, 1.01, 9, true));
        TextTable table = new TextTable(1, "a", "b");
        table.row("<x>", "1");
        return new FixedResult(control, table, PromptSections.of(contenders, control, table));
    }

    private record FixedResult(Control control, TextTable table, List<ReportSection> sections) implements BenchResult {
        @Override
        public String kind() {
            return "prompts";
        }

        @Override
        public List<Highlight> highlights() {
            return List.of(new Highlight("1.50×", "[1, 2]", "a < b"));
        }

        @Override
        public List<String> notes() {
            return List.of();
        }

        @Override
        public List<List<String>> csv() {
            return List.of();
        }

        @Override
        public Object summary() {
            return List.of();
        }
    }

    @Test
    void shouldBeWellFormedAndSelfContainedWithUniqueIds() throws Exception {
        Host host = new Host("A & B <cpu>", 2, 2, "scalar", "x", "25", 1);
        String html = HtmlReport.of(
                result(), host, new ModelTitle("m", "M", 5, "Q8_0"), new MemoryFigures(null, 5, 5), OPTIONS);

        Document document = parse(html);
        assertThat(document.getElementsByTagName("svg").getLength()).isEqualTo(3);
        assertThat(document.getElementsByTagName("script").getLength()).isZero();
        assertThat(html).doesNotContain("src=", "@import", "url(http");
        List<String> ids = new ArrayList<>();
        NodeList elements = document.getElementsByTagName("*");
        for (int i = 0; i < elements.getLength(); i++) {
            String id = ((Element) elements.item(i)).getAttribute("id");
            if (!id.isEmpty()) {
                ids.add(id);
            }
        }
        Set<String> unique = new HashSet<>(ids);
        assertThat(ids).hasSameSizeAs(unique);
        assertThat(document.getElementsByTagName("body").item(0).getTextContent())
                .contains("A & B <cpu>", "<qa> & \"co\"", "A/A control 1.002", "Acceptance by depth");
    }

    @Test
    void shouldWriteCsvThatKeepsCommasQuotesAndLineBreaks() {
        assertThat(BenchOutput.csv(List.of(List.of("a", "b,c", "d\"e", "f\ng"))))
                .isEqualTo("a,\"b,c\",\"d\"\"e\",\"f\ng\"\n");
    }

    @Test
    void shouldAlignWordsLeftAndNumbersRightAndDropUnknownColumns() {
        TextTable table = new TextTable(1, "name", "peer", "n");
        table.row("a", Figures.UNKNOWN, "10");
        table.gap();
        table.row("bcd", Figures.UNKNOWN, "9");

        assertThat(table.withoutEmptyColumns().text()).isEqualTo("name   n\na     10\n\nbcd    9\n");
    }

    @Test
    void shouldDrawProgressWithTheTimeThatIsLeft() {
        assertThat(ProgressBar.line("measuring", 1, 4, 10_000_000_000L))
                .isEqualTo("█".repeat(7) + "░".repeat(21) + "  25 %  measuring, 30 s left");
        assertThat(ProgressBar.line("x", 0, 4, 1)).endsWith("   0 %  x");
    }
}
