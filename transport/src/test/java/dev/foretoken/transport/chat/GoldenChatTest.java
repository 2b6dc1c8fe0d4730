package dev.foretoken.transport.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.foretoken.engine.chat.ChatMessage;
import dev.foretoken.engine.chat.ChatTemplate;
import dev.foretoken.engine.gguf.GgufFile;
import dev.foretoken.engine.testing.Goldens;
import dev.foretoken.engine.tokenizer.TextSegment;
import dev.foretoken.engine.tokenizer.Tokenizer;
import dev.foretoken.engine.tokenizer.Tokenizers;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Conversations rendered and tokenised by other implementations than ours. */
class GoldenChatTest {
    @Test
    void shouldRenderAndTokeniseConversationsLikeTheReferenceImplementations() {
        try (GgufFile file = GgufFile.open(Goldens.largeModel("smollm2-135m-instruct-q4_1.gguf"))) {
            Tokenizer tokenizer = Tokenizers.from(file.metadata());
            ChatTemplate template = JinjaChatTemplate.of(file.metadata(), tokenizer);
            List<JsonNode> chats = Goldens.lines("greedy-smollm2.jsonl").stream()
                    .filter(line -> line.has("messages"))
                    .toList();
            assertThat(chats).isNotEmpty();
            for (JsonNode line : chats) {
                List<TextSegment> segments = template.render(line.get("messages")
                        .valueStream()
                        .map(m -> new ChatMessage(
                                m.get("role").asString(), m.get("content").asString()))
                        .toList());

                assertThat(spelled(segments, tokenizer))
                        .isEqualTo(line.get("rendered").asString());
                assertThat(tokenizer.encode(segments)).isEqualTo(Goldens.ints(line.get("prompt_ids")));
            }
        }
    }

    private static String spelled(List<TextSegment> segments, Tokenizer tokenizer) {
        return segments.stream()
                .map(segment -> switch (segment) {
                    case TextSegment.Plain(String text) -> text;
                    case TextSegment.Special(int token) ->
                        tokenizer.vocabulary().piece(token);
                })
                .collect(Collectors.joining());
    }
}
