package dev.foretoken.transport.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.foretoken.engine.chat.ChatMessage;
import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.tokenizer.TextSegment;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostileTemplateTest {
    private static final List<ChatMessage> MESSAGES = List.of(new ChatMessage("user", "hi"));

    @ParameterizedTest
    @ValueSource(
            strings = {
                // not Jinja
                "{% for message in messages %}",
                "{{ messages",
                "{% if %}x{% endif %}",
                "{{ 'open }}",
                "{# open",
                "{% raw %}x",
                "{{ ) }}",
                "{% frobnicate %}",
                "{{ messages | frobnicate }}",
                "{{ frobnicate(messages) }}",
                "{{ messages is frobnicate }}",
                "{{ 'x'.frobnicate() }}",
                "{% for m in messages %}{{ loop.frobnicate }}{% endfor %}",
                // outside the template
                "{% include '/etc/passwd' %}",
                "{% import '/etc/passwd' as p %}{{ p }}",
                "{% from '/etc/passwd' import x %}",
                "{% extends '/etc/passwd' %}",
                "{{ 'x'.getClass() }}",
                "{{ messages.getClass().forName('java.lang.Runtime') }}",
                "{{ messages[0].getClass() }}",
                "{{ '{{ 1 }}' | render }}",
                "{{ today() }}",
                // too much
                "{% for a in range(90000) %}{% for b in range(90000) %}{% for c in range(90000) %}{% endfor %}{%"
                        + " endfor %}{% endfor %}",
                "{% for a in range(90000) %}{% for b in range(90000) %}{{ a }}{% endfor %}{% endfor %}",
                "{% set ns = namespace(x='ab') %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}{{"
                        + " ns.x }}",
                "{% set ns = namespace(x='ab') %}{% for i in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}{{"
                        + " ns.x | length }}",
                "{% set ns = namespace(x='ab') %}{% for i in range(60) %}{% set ns.x = ns.x | replace('a', ns.x) %}{%"
                        + " endfor %}{{ ns.x }}",
                "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{"
                        + " ns.x | tojson }}",
                "{% macro f(x) %}{{ f(x) }}{% endmacro %}{{ f(1) }}",
            })
    void shouldBeRefusedInOneSentence(String template) {
        assertTimeoutPreemptively(
                Duration.ofSeconds(60),
                () -> assertThatThrownBy(() -> render(template))
                        .isInstanceOf(InvalidInputException.class)
                        .hasMessageStartingWith("the model's chat template cannot be rendered: ")
                        .hasMessageEndingWith("; change the messages, or give the prompt as raw text")
                        .message()
                        .doesNotContain("\n")
                        .hasSizeLessThan(500));
    }

    @Test
    void shouldSplitALongTextInTimeThatGrowsWithItsLength() {
        assertTimeoutPreemptively(
                Duration.ofSeconds(20),
                () -> assertThat(render(
                                "{% set ns = namespace(x='a ') %}{% for i in range(19) %}{% set ns.x = ns.x ~ ns.x"
                                        + " %}{% endfor %}{{ ns.x.replace('a', 'a a').split() | length }}"))
                        .isEqualTo("1048576"));
    }

    @Test
    void shouldSplitAsPythonDoes() {
        assertThat(render("{{ ' a  b\t c  '.split() | tojson }}{{ ' a  b  c  '.split(none, 1) | tojson }}"
                        + "{{ ' a '.split(none, 0) | tojson }}{{ ' '.split() | tojson }}"))
                .isEqualTo("[\"a\", \"b\", \"c\"][\"a\", \"b  c  \"][\"a \"][]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"(", "[", "not ", "-", "'x'~", "{'a':"})
    void shouldBeRefusedWhenNestedTooDeeply(String opening) {
        for (int depth : new int[] {30, 100, 900, 50_000}) {
            assertTimeoutPreemptively(
                    Duration.ofSeconds(60),
                    () -> assertThatThrownBy(() -> render("{{ " + opening.repeat(depth) + " }}"))
                            .isInstanceOf(InvalidInputException.class));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "messages.class",
                "'x'.class",
                "'x'.bytes",
                "messages[0].class",
                "messages.empty",
                "'x'.chars",
                "loop.class"
            })
    void shouldNotReachJavaProperties(String property) {
        try {
            assertThat(render("{% for m in messages %}{{ " + property + " }}{% endfor %}"))
                    .isEmpty();
        } catch (InvalidInputException refused) {
            assertThat(refused).hasMessageContaining(property.substring(property.indexOf('.') + 1));
        }
    }

    @Test
    void shouldTakeATestWithAnArgumentForNoFunction() {
        assertThat(render("{{ 'y' if 3 is not divisibleby(2) and not 3 is divisibleby (2) }}{% macro f (x) %}{{"
                        + " x }}{% endmacro %}{{ f (1) }}"))
                .isEqualTo("y1");
    }

    @Test
    void shouldNameWhatIsNotSupported() {
        assertThatThrownBy(() -> render("{{ messages | frobnicate }}"))
                .hasMessageContaining("the filter frobnicate is not supported");
        assertThatThrownBy(() -> render("{{ messages is not frobnicate(1) }}"))
                .hasMessageContaining("the test frobnicate is not supported");
        assertThatThrownBy(() -> render("{{ frobnicate (1) }}"))
                .hasMessageContaining("the function frobnicate is not supported");
        assertThatThrownBy(() -> render("{{ 'x'.frobnicate() }}"))
                .hasMessageContaining("the method frobnicate of text is not supported");
        assertThatThrownBy(() -> render("{{ 'a")).hasMessageContaining("{{ in line 1 is not closed");
    }

    @Test
    void shouldRefuseATemplateOfAbsurdSize() {
        assertThatThrownBy(() -> render("x".repeat(2_000_000)))
                .hasMessageContaining("it has 2000000 characters, expected at most 1048576");
    }

    @Test
    void shouldTellWhyATemplateRefusesTheMessages() {
        assertThatThrownBy(() -> render("{{ raise_exception('roles must alternate') }}"))
                .hasMessage(
                        "the model's chat template cannot be rendered: it refuses the messages: roles must alternate;"
                                + " change the messages, or give the prompt as raw text");
    }

    private static String render(String template) {
        List<TextSegment> segments =
                new JinjaChatTemplate(template, "", "", Map.of(), Clock.systemUTC()).render(MESSAGES);
        return segments.isEmpty() ? "" : ((TextSegment.Plain) segments.getFirst()).text();
    }
}
