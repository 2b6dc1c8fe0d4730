package dev.foretoken.transport.chat;

import dev.foretoken.engine.chat.ChatMessage;
import dev.foretoken.engine.chat.ChatTemplate;
import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.gguf.GgufMetadata;
import dev.foretoken.engine.tokenizer.TextSegment;
import dev.foretoken.engine.tokenizer.TextSegments;
import dev.foretoken.engine.tokenizer.Tokenizer;
import java.time.Clock;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * The chat template of a model file, written in Jinja. It is rendered as training code renders it (blocks trimmed,
 * {@code add_generation_prompt} true); the special tokens in the result are those that the template itself wrote.
 * Immutable, thread-safe. Costs nothing until the first conversation is rendered.
 */
public final class JinjaChatTemplate implements ChatTemplate {
    private static final String KEY = "tokenizer.chat_template";
    private static final int TEMPLATE_CHARS_MAX = 1 << 20;

    private final String template;
    private final String beginText;
    private final String endText;
    private final Map<String, Integer> specialTokens;

    private final Clock clock;

    JinjaChatTemplate(
            String template, String beginText, String endText, Map<String, Integer> specialTokens, Clock clock) {
        this.template = template;
        this.beginText = beginText;
        this.endText = endText;
        this.specialTokens = specialTokens;
        this.clock = clock;
    }

    /**
     * The template a model file carries. A file without one gets a template that refuses every conversation and says why,
     * because such a model can still continue raw text.
     */
    public static ChatTemplate of(GgufMetadata metadata, Tokenizer tokenizer) {
        String template = metadata.string(KEY).orElse("");
        if (template.isBlank()) {
            return messages -> {
                throw new InvalidInputException(
                        "this model has no chat template (%s), which a chat needs; use a chat model, or give the prompt as raw text"
                                .formatted(KEY));
            };
        }
        return new JinjaChatTemplate(
                template,
                pieceOf(metadata.tokenId("tokenizer.ggml.bos_token_id"), tokenizer),
                pieceOf(metadata.tokenId("tokenizer.ggml.eos_token_id"), tokenizer),
                tokenizer.specialTokens(),
                Clock.systemDefaultZone());
    }

    private static String pieceOf(OptionalInt token, Tokenizer tokenizer) {
        return token.isPresent() ? tokenizer.vocabulary().piece(token.getAsInt()) : "";
    }

    @Override
    public List<TextSegment> render(List<ChatMessage> messages) {
        if (messages.isEmpty()) {
            throw new InvalidInputException("the conversation is empty, expected at least one message");
        }
        try {
            return renderChecked(messages);
        } catch (TemplateException e) {
            throw new InvalidInputException(
                    "the model's chat template cannot be rendered: %s; change the messages, or give the prompt as raw text"
                            .formatted(e.getMessage()),
                    e);
        }
    }

    private List<TextSegment> renderChecked(List<ChatMessage> messages) {
        if (template.length() > TEMPLATE_CHARS_MAX) {
            throw new TemplateException(
                    "it has %d characters, expected at most %d".formatted(template.length(), TEMPLATE_CHARS_MAX));
        }
        List<String> texts = new ArrayList<>(List.of(template, beginText, endText));
        messages.forEach(message -> texts.addAll(List.of(message.role(), message.content())));
        MessageGuard guard = new MessageGuard(specialTokens.keySet(), texts);
        long inputChars = texts.stream().mapToLong(String::length).sum();
        String rendered = JinjaRenderer.render(template, values(messages, guard), inputChars);
        return TextSegments.cut(rendered, specialTokens).stream()
                .map(segment -> segment instanceof TextSegment.Plain(String text)
                        ? new TextSegment.Plain(guard.restore(text))
                        : segment)
                .filter(segment -> !(segment instanceof TextSegment.Plain(String text) && text.isEmpty()))
                .toList();
    }

    private Map<String, Object> values(List<ChatMessage> messages, MessageGuard guard) {
        List<Map<String, Object>> guarded = new ArrayList<>();
        for (ChatMessage message : messages) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("role", guard.protect(message.role()));
            fields.put("content", guard.protect(message.content()));
            guarded.add(fields);
        }
        Map<String, Object> values = new HashMap<>();
        values.put("messages", guarded);
        values.put("add_generation_prompt", true);
        values.put("bos_token", beginText);
        values.put("eos_token", endText);
        // functions are no variables, but templates ask whether these two are defined
        values.put(TemplateLibrary.RAISE, TemplateLibrary.RAISE);
        values.put(TemplateLibrary.NOW, LocalDateTime.now(clock));
        return values;
    }
}
