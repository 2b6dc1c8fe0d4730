package dev.foretoken.benchmarks.bench;

import dev.foretoken.engine.session.Prompt;
import java.util.List;

/**
 * One answer that is measured: the same prompt for every contender.
 *
 * @param turn from 1
 * @param prompt the conversation or the text, for servers that tokenise themselves
 * @param promptIds the same as token ids
 * @param referenceIds what plain decoding answered before anything was timed; every configuration must answer the same
 */
record PromptCase(
        String questionId,
        int turn,
        String category,
        Prompt prompt,
        List<Integer> promptIds,
        List<Integer> referenceIds) {
    PromptCase {
        promptIds = List.copyOf(promptIds);
        referenceIds = List.copyOf(referenceIds);
    }

    /** The same with another answer. */
    PromptCase withReference(List<Integer> ids) {
        return new PromptCase(questionId, turn, category, prompt, promptIds, ids);
    }

    String label() {
        return turn == 1 ? "question " + questionId : "question %s, turn %d".formatted(questionId, turn);
    }
}
