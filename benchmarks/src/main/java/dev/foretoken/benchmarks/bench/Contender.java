package dev.foretoken.benchmarks.bench;

/** Whoever answers prompts against the clock: a configuration of ours or another engine. */
interface Contender extends AutoCloseable {
    /** Unique within a run; the title of its rows. Has a blank unless a {@link Configuration} gave it. */
    String name();

    /** What it is, for tables and files. */
    String description();

    /** True if the answer must be the reference's, token by token. */
    boolean isOurs();

    /**
     * Answers one prompt; ours and servers answer several at once, a {@code --peer-command} one at a time.
     *
     * @throws dev.foretoken.engine.error.InvalidInputException if a program or server given by the user does not answer
     */
    PromptRun run(PromptCase promptCase);

    /** Idempotent. */
    @Override
    void close();
}
