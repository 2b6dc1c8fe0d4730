package dev.foretoken.benchmarks.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.foretoken.engine.error.InvalidInputException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigurationTest {
    @Test
    void shouldReadNameDraftersAndTree() {
        assertThat(Configuration.parse("fast=ngram,recycling:8"))
                .isEqualTo(new Configuration("fast", "ngram,recycling", 8));
        assertThat(Configuration.parse("a=auto")).isEqualTo(new Configuration("a", "auto", null));
        assertThat(Configuration.parse("a=ngram:auto")).isEqualTo(new Configuration("a", "ngram", null));
    }

    @Test
    void shouldAlwaysHavePlainAndWithoutOptionsAllDrafters() {
        assertThat(Configuration.parseAll(List.of()))
                .containsExactly(Configuration.PLAIN, new Configuration("auto", "auto", null));
        assertThat(Configuration.parseAll(List.of("b=ngram")))
                .extracting(Configuration::name)
                .containsExactly("plain", "b");
        assertThat(Configuration.parseAll(List.of("plain"))).containsExactly(Configuration.PLAIN);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "ngram          | expected NAME=DRAFTERS[:TREE]",
                "=ngram         | has the name",
                "a b=ngram      | has the name",
                "a=             | expected NAME=DRAFTERS[:TREE]",
                "a=:8           | expected NAME=DRAFTERS[:TREE]",
                "a=ngram:0      | has the tree size \"0\", expected auto or 1 to 64 nodes",
                "a=ngram:65     | has the tree size \"65\"",
                "a=ngram:-1     | has the tree size \"-1\"",
                "plain=ngram    | choose another name"
            })
    void shouldRefuseWhatItCannotRead(String option, String why) {
        assertThatThrownBy(() -> Configuration.parseAll(List.of(option)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("--config \"" + option + "\"")
                .hasMessageContaining(why);
    }

    @Test
    void shouldRefuseTwoOfOneName() {
        assertThatThrownBy(() -> Configuration.parseAll(List.of("a=ngram", "a=recycling")))
                .hasMessageContaining("has a name that is taken");
    }
}
