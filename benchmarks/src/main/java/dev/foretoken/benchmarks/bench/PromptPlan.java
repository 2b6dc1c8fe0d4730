package dev.foretoken.benchmarks.bench;

import dev.foretoken.engine.chat.ChatMessage;
import dev.foretoken.engine.draft.DraftLesson;
import dev.foretoken.engine.error.InvalidInputException;
import dev.foretoken.engine.session.GenerationRequest;
import dev.foretoken.engine.session.Prompt;
import dev.foretoken.engine.tokenizer.StreamingDetokenizer;
import dev.foretoken.engine.tokenizer.Vocabulary;
import dev.foretoken.transport.Foretoken;
import dev.foretoken.transport.stream.GeneratedToken;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Turns questions into prompts of token ids. A later turn contains the answers before it, so plain decoding answers every
 * question once, untimed; these answers are also what every configuration has to reproduce.
 */
final class PromptPlan {
    private final ForetokenContender plain;
    private final int maxTokens;
    private final boolean chat;
    private final WarmTables tables;
    private final List<String> skipped = new ArrayList<>();

    /** @param tables learn from the answers */
    PromptPlan(ForetokenContender plain, int maxTokens, WarmTables tables) {
        this.tables = tables;
        this.plain = plain;
        this.maxTokens = maxTokens;
        this.chat = hasTemplate(plain.engine());
    }

    static boolean hasTemplate(Foretoken engine) {
        return engine.model().chatTemplate().isPresent();
    }

    /** The cases of one question, one per turn; those before the first turn that the model cannot be asked. */
    List<PromptCase> casesOf(Question question) {
        List<PromptCase> cases = new ArrayList<>();
        Conversation conversation = new Conversation();
        for (String message : question.turns()) {
            conversation.ask(message);
            Prompt prompt = conversation.prompt();
            List<Integer> promptIds;
            try {
                promptIds = promptIds(prompt);
            } catch (InvalidInputException e) {
                skipped.add(e.getMessage()); // one question that does not fit is no reason to measure none
                break;
            }
            List<GeneratedToken> tokens = plain.answer(new Prompt.Tokens(promptIds), DraftLesson.TOP_IDS);
            tables.learn(question.id(), promptIds.getLast(), tokens);
            List<Integer> answer = tokens.stream().map(GeneratedToken::id).toList();
            cases.add(new PromptCase(question.id(), cases.size() + 1, question.category(), prompt, promptIds, answer));
            conversation.answer(plain.engine().tokenizer().vocabulary(), answer);
        }
        return cases;
    }

    /** @throws InvalidInputException if prompt and answer do not fit the context, or the model's template refuses the chat */
    private List<Integer> promptIds(Prompt prompt) {
        int[] ids = plain.engine().generate(GenerationRequest.of(prompt)).promptTokens();
        int context = plain.engine().context();
        if (ids.length > context - maxTokens) {
            throw new InvalidInputException(
                    "the prompt has %d tokens, with %d new ones more than the %d of the context: shorten it or lower --max-tokens"
                            .formatted(ids.length, maxTokens, context));
        }
        return Arrays.stream(ids).boxed().toList();
    }

    /** For each question that was left out or cut short, why. */
    List<String> skipped() {
        return List.copyOf(skipped);
    }

    /** What was said so far: messages for a chat model, one growing text for any other. */
    private final class Conversation {
        private final List<ChatMessage> messages = new ArrayList<>();
        private final StringBuilder text = new StringBuilder();

        void ask(String message) {
            messages.add(new ChatMessage("user", message));
            text.append(text.isEmpty() ? "" : "\n").append(message);
        }

        void answer(Vocabulary vocabulary, List<Integer> ids) {
            StreamingDetokenizer detokenizer = new StreamingDetokenizer(vocabulary);
            ids.forEach(detokenizer::append);
            String answer = detokenizer.flush();
            messages.add(new ChatMessage("assistant", answer));
            text.append(answer);
        }

        Prompt prompt() {
            return chat ? new Prompt.Chat(messages) : new Prompt.Raw(text.toString(), false);
        }
    }
}
