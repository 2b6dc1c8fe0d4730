package dev.foretoken.engine.session;

import dev.foretoken.engine.chat.ChatMessage;
import java.util.List;

/** What the model is to continue. */
public sealed interface Prompt {
    /** Text as it is; {@code parseSpecial}: special tokens written in it are recognised. */
    record Raw(String text, boolean parseSpecial) implements Prompt {}

    /** A conversation, rendered with the model's chat template. */
    record Chat(List<ChatMessage> messages) implements Prompt {
        public Chat {
            messages = List.copyOf(messages);
        }
    }

    /** Token ids, passed on unchanged. */
    record Tokens(List<Integer> ids) implements Prompt {
        public Tokens {
            ids = List.copyOf(ids);
        }
    }
}
