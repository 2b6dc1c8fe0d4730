package dev.foretoken.transport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ParagraphTest {
    @Test
    void shouldBreakBetweenWordsOnly() {
        assertThat(Paragraph.wrapped("one two three four", 9)).isEqualToNormalizingNewlines("one two\nthree\nfour");
        assertThat(Paragraph.wrapped("one two three four", 13)).isEqualToNormalizingNewlines("one two three\nfour");
    }

    @Test
    void shouldGiveALongWordALineForItself() {
        assertThat(Paragraph.wrapped("a /long/path/to/a/trace b", 10))
                .isEqualToNormalizingNewlines("a\n/long/path/to/a/trace\nb");
    }

    @Test
    void shouldLeaveTheTextAsItIsWhereItFitsOrNobodyKnowsTheWidth() {
        assertThat(Paragraph.wrapped("one two", 7)).isEqualTo("one two");
        assertThat(Paragraph.wrapped("one two", 0)).isEqualTo("one two");
    }
}
