package dev.foretoken.benchmarks.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SourceFormatTest {
    private static final Path ROOT = Path.of(System.getProperty("foretoken.root"));

    private final SourceFormatter formatter = new SourceFormatter();

    @Test
    void shouldFindEverySourceLaidOutAsTheFormatterDoes() throws IOException {
        List<Path> sources = SourceFormatter.sourcesBelow(ROOT);
        assertThat(sources).as("sources below %s", ROOT).hasSizeGreaterThan(50);

        List<String> strays = new ArrayList<>();
        for (Path source : sources) {
            String text = Files.readString(source);
            if (!formatter.format(source, text).equals(text)) {
                strays.add(ROOT.relativize(source).toString());
            }
        }

        assertThat(strays)
                .as("files to be laid out anew; repair them all with: ./format")
                .isEmpty();
    }

    @Test
    void shouldNoticeAStraySpace() {
        String text = "class  A {}\n";

        assertThat(formatter.format(Path.of("A.java"), text)).isEqualTo("class A {}\n");
    }
}
