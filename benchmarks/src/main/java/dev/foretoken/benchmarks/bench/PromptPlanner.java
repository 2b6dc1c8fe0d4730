package dev.foretoken.benchmarks.bench;

import dev.foretoken.engine.error.InvalidInputException;
import java.util.ArrayList;
import java.util.List;

/** Reads the prompt set that the options name and makes its cases. */
final class PromptPlanner {
    private final BenchOptions options;
    private final ProgressBar progress;
    private final WarmTables tables = new WarmTables();
    private List<String> skipped = List.of();

    PromptPlanner(BenchOptions options, ProgressBar progress) {
        this.options = options;
        this.progress = progress;
    }

    /** @throws InvalidInputException if the set cannot be read or the model can be asked nothing of it */
    List<PromptCase> cases(ForetokenContender plain) {
        List<Question> questions = questions(PromptPlan.hasTemplate(plain.engine()));
        PromptPlan plan = new PromptPlan(plain, options.maxTokens(), tables);
        progress.begin("answering once, untimed", questions.size());
        List<PromptCase> cases = new ArrayList<>();
        for (Question question : questions) {
            cases.addAll(plan.casesOf(question));
            progress.advance("answering once, untimed");
        }
        skipped = plan.skipped();
        if (cases.isEmpty()) {
            throw new InvalidInputException("none of the %d questions can be asked, the first because %s"
                    .formatted(questions.size(), skipped.getFirst()));
        }
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

    /** For each question that {@link #cases} left out or cut short, why. */
    List<String> skipped() {
        return skipped;
    }

    /** What a result says about {@link #skipped}: nothing, or one sentence. */
    static List<String> notes(List<String> skipped) {
        return skipped.isEmpty()
                ? List.of()
                : List.of("Questions left out or cut short: %d, the first because %s."
                        .formatted(skipped.size(), skipped.getFirst()));
    }
}
