package dev.foretoken.engine.chat;

import dev.foretoken.engine.tokenizer.TextSegment;
import java.util.List;

/** Renders a conversation into the model's own prompt format. Immutable, thread-safe. */
public interface ChatTemplate {
    /**
     * Renders the messages and the opening of the assistant's answer. Special tokens come from the template alone: the text of
     * a message never becomes one.
     *
     * @throws dev.foretoken.engine.error.InvalidInputException if the template cannot be rendered or refuses the messages
     */
    List<TextSegment> render(List<ChatMessage> messages);
}
