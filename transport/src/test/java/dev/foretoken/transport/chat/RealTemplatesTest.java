package dev.foretoken.transport.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.foretoken.engine.chat.ChatMessage;
import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.tokenizer.TextSegment;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Templates in the shapes that published models use, rendered beforehand by the reference implementation of Jinja. */
class RealTemplatesTest {
    record Case(String name, JsonNode line) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        ObjectMapper json = new ObjectMapper();
        try (InputStream in = RealTemplatesTest.class.getResourceAsStream("/chat/templates.jsonl")) {
            List<String> lines = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            return lines.stream()
                    .map(json::readTree)
                    .map(line -> new Case(line.get("name").asString(), line));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void shouldRenderLikeTheReferenceImplementation(Case given) {
        JinjaChatTemplate template = new JinjaChatTemplate(
                given.line.get("template").asString(),
                "<s>",
                "</s>",
                Map.of(),
                Clock.fixed(Instant.parse("2026-11-22T15:04:05Z"), ZoneOffset.UTC));
        List<ChatMessage> messages = given.line
                .get("messages")
                .valueStream()
                .map(m -> new ChatMessage(
                        m.get("role").asString(), m.get("content").asString()))
                .toList();

        if (given.line.has("raises")) {
            assertThatThrownBy(() -> template.render(messages))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("it refuses the messages: "
                            + given.line.get("raises").asString());
        } else {
            assertThat(text(template.render(messages)))
                    .isEqualTo(given.line.get("text").asString());
        }
    }

    private static String text(List<TextSegment> segments) {
        return segments.stream()
                .map(segment -> ((TextSegment.Plain) segment).text())
                .collect(Collectors.joining());
    }
}
