package dev.foretoken.benchmarks.bench;

import dev.foretoken.engine.error.InvalidInputException;
import java.util.ArrayList;
import java.util.List;

/** Reads the prompt set that the options name and makes its cases. */
final class PromptPlanner {
    private final BenchOptions options;
    private final ProgressBar progress;
    private final WarmTables tables = new WarmTables();
    private int skipped;

    PromptPlanner(BenchOptions options, ProgressBar progress) {
        this.options = options;
        this.progress = progress;
    }

    /** @throws InvalidInputException if the set cannot be read or nothing of it fits the model's context */
    List<PromptCase> cases(ForetokenContender plain) {
        List<Question> questions = questions(PromptPlan.hasTemplate(plain.engine()));
        PromptPlan plan = new PromptPlan(plain, options.maxTokens(), tables);
        progress.begin("answering once, untimed", questions.size());
        List<PromptCase> cases = new ArrayList<>();
        for (Question question : questions) {
            cases.addAll(plan.casesOf(question));
            progress.advance("answering once, untimed");
        }
        if (cases.isEmpty()) {
            throw new InvalidInputException(
                    "none of the %d prompts fits the model's context with %d new tokens: lower --max-tokens or take shorter prompts"
                            .formatted(questions.size(), options.maxTokens()));
        }
        skipped = plan.skipped();
        return cases;
    }

    private List<Question> questions(boolean chat) {
        List<Question> all = options.prompts() == null ? PromptSet.embedded(chat) : PromptSet.read(options.prompts());
        return PromptSet.limited(all, options.limit());
    }

    /** What recycling can learn from the answers; complete after {@link #cases}. */
    WarmTables tables() {
        return tables;
    }

    /** Questions that were cut short or left out by {@link #cases}. */
    int skipped() {
        return skipped;
    }
}
