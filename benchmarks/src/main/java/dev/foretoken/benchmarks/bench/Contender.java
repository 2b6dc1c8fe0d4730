package dev.foretoken.benchmarks.bench;

/** Whoever answers prompts against the clock: a configuration of ours or another engine. One call at a time. */
interface Contender extends AutoCloseable {
    /** Unique within a run; the title of its rows. */
    String name();

    /** True if the answer must be the reference's, token by token. */
    boolean isOurs();

    /**
     * Answers one prompt.
     *
     * @throws dev.foretoken.engine.error.InvalidInputException if a program or server given by the user does not answer
     */
    PromptRun run(PromptCase promptCase);

    /** Idempotent. */
    @Override
    void close();
}
